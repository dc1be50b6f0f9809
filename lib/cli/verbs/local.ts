import { setTimeout as sleep } from "node:timers/promises";
import { migrations } from "../../../migrations/index.ts";
import { homeAt } from "../../embedded/runtime/home.ts";
import { holderOf, type RuntimeFile, readyRuntime } from "../../embedded/runtime/runtime-file.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { prepareMachine } from "../local/first-time.ts";
import { endLeftovers } from "../local/leftovers.ts";
import { runningRuntime } from "../local/place.ts";
import { bringUp } from "../local/start-runtime.ts";
import { facts } from "../table.ts";

/** `wavegate local up`: starts the runtime or finds it running; either way it is set up afterwards. */
export async function up({ io }: Frame): Promise<Answer> {
  const home = homeAt(io.env, io.cwd);
  let { runtime, already } = await bringUp(io, home);
  const { operator, missing } = await prepareMachine(io, home).catch(async (error) => {
    // Found dying: a process that was just killed answers for a moment as if it were up.
    if (!already || (await readyRuntime(home)) !== undefined) throw error;
    ({ runtime, already } = await bringUp(io, home));
    return prepareMachine(io, home);
  });
  return {
    json: {
      ...documentOf(runtime),
      already,
      ...(operator === undefined ? {} : { operator }),
      missing,
    },
    text: [
      already ? "The runtime was up already." : "The runtime is up.",
      "",
      ...show(runtime, home.folder),
      ...(operator === undefined
        ? []
        : [
            "",
            `You are “${operator.name}” here, with every permission. Your password for the sign-off pages: ${operator.password}`,
            "It is shown this once. Approvers are other people: `wavegate people add NAME --email ADDRESS --can all`.",
          ]),
      ...Object.entries(missing).flatMap(([name, tables]) => [
        "",
        `The platform's tables for ${name} are not in this database yet (${tables.join(", ")}).`,
        'Load its schema: psql "$(wavegate local database)" -f SCHEMA.sql',
        `Then: wavegate set-up ${name}`,
      ]),
    ],
  };
}

/** `wavegate local down`: ends the folder's runtime, and what killed demos left below it. */
export async function down({ io }: Frame): Promise<Answer> {
  const home = homeAt(io.env, io.cwd);
  const leftovers = await endLeftovers(home.folder);
  const left = {
    json: leftovers.length === 0 ? {} : { leftovers: leftovers.map(({ folder }) => folder) },
    text: leftovers.map(
      ({ folder }) => `A demo that was killed had left its runtime in ${folder}: ended.`,
    ),
  };
  const holder = await holderOf(home);
  if (holder === undefined) {
    return {
      json: { ended: false, ...left.json },
      text: [...left.text, "No runtime runs in this folder."],
    };
  }
  process.kill(holder.pid, "SIGTERM");
  for (let waited = 0; waited < 90_000; waited += 100) {
    if ((await holderOf(home)) === undefined) {
      return {
        json: { ended: true, pid: holder.pid, ...left.json },
        text: [
          ...left.text,
          "The runtime has ended. Runs under way go on after the next `wavegate local up`.",
        ],
      };
    }
    await sleep(100);
  }
  throw new CannotRun(
    "RuntimeDidNotEnd",
    `The runtime (process ${holder.pid}) did not end within 90 s. Nothing is lost; look at ${home.log}.`,
  );
}

/** `wavegate local status`: exit 1 when nothing runs. */
export async function status({ io }: Frame): Promise<Answer> {
  const home = homeAt(io.env, io.cwd);
  const runtime = await readyRuntime(home);
  if (runtime !== undefined) {
    return { json: { running: true, ...documentOf(runtime) }, text: show(runtime, home.folder) };
  }
  return {
    exit: 1,
    json: { running: false, home: home.folder, migrations: Object.keys(migrations) },
    text: [`No runtime runs in ${home.folder}. Start it with \`wavegate local up\`.`],
  };
}

/** `wavegate local database`: for psql and for loading the platform's schema. */
export async function database({ io }: Frame): Promise<Answer> {
  const runtime = await runningRuntime(homeAt(io.env, io.cwd));
  return {
    json: { url: runtime.database.adminUrl },
    text: [runtime.database.adminUrl],
  };
}

const documentOf = ({ pid, started, urls, database }: RuntimeFile) => ({
  pid,
  started,
  urls,
  database: { own: database.own, address: database.address },
});

const show = (runtime: RuntimeFile, folder: string): string[] =>
  facts([
    ["Process", String(runtime.pid)],
    ["Since", runtime.started],
    ["Folder", folder],
    [runtime.database.own ? "Your PostgreSQL" : "PostgreSQL", runtime.database.address],
    ["Sign-off pages", runtime.urls.pages],
    ["Step Functions", runtime.urls.states],
    ["RDS Data API", runtime.urls["rds-data"]],
    ["S3", runtime.urls.s3],
    ["Mail (outbox)", runtime.urls.mail],
  ]);
