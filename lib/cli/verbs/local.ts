import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { migrations } from "../../../migrations/index.ts";
import { type Home, homeAt } from "../../embedded/runtime/home.ts";
import { holderOf, type RuntimeFile, readyRuntime } from "../../embedded/runtime/runtime-file.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { prepareMachine } from "../local/first-time.ts";
import { endLeftovers } from "../local/leftovers.ts";
import { requireOwnRoles } from "../local/own-roles.ts";
import { localPlace, runningRuntime } from "../local/place.ts";
import { withoutRoom } from "../local/room.ts";
import { bringUp } from "../local/start-runtime.ts";
import { facts } from "../table.ts";

/** `wavegate local up`: starts the runtime or finds it running; either way it is set up afterwards. Errors: `OtherFolder`, unless it is to be taken over. */
export async function up(frame: Frame, takeOver = false): Promise<Answer> {
  const { io } = frame;
  const home = homeAt(io.env, io.cwd);
  let { runtime, already } = await bringUp(io, home);
  const own = takeOver ? Promise.resolve() : requireOwnRoles(home);
  await own.catch(async (error) => {
    // What was started for nothing is ended.
    if (error instanceof CannotRun && error.name === "OtherFolder" && !already) await down(frame);
    throw error;
  });
  const { operator, missing, elsewhere } = await prepareMachine(io, home).catch(async (error) => {
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
      ...(elsewhere.length > 0 && elsewhere.length === Object.keys(migrations).length
        ? [
            "",
            `No migration is set up in this database yet. There ${elsewhere.length === 1 ? "is" : "are"} ${elsewhere.join(", ")}; \`wavegate new NAME\` begins another.`,
            'Load the platform\'s schema, if it is not there: psql "$(wavegate local database)" -f SCHEMA.sql',
            "Then: wavegate set-up NAME",
          ]
        : []),
      ...Object.entries(missing).flatMap(([name, tables]) =>
        elsewhere.includes(name)
          ? []
          : [
              "",
              `The platform's tables for ${name} are not in this database yet (${tables.join(", ")}).`,
              'Load its schema: psql "$(wavegate local database)" -f SCHEMA.sql',
              `Then: wavegate set-up ${name}`,
            ],
      ),
    ],
  };
}

/**
 * `wavegate local down`: ends the folder's runtime, and what killed demos left below it. Waits `forMs`
 * milliseconds for it, and kills nothing. Errors: `RuntimeDidNotEnd`.
 */
export async function down({ io }: Frame, forMs = 90_000): Promise<Answer> {
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
  for (let waited = 0; waited < forMs; waited += 100) {
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
    `The runtime (process ${holder.pid}) did not end within ${forMs / 1_000} s. Nothing is lost; look at ${home.log}.`,
  );
}

/** That the database does not answer, and where it says why; undefined where it does. */
async function databaseSilent({ database }: RuntimeFile, home: Home): Promise<string | undefined> {
  const client = new pg.Client({
    connectionString: database.adminUrl,
    connectionTimeoutMillis: 5_000,
  });
  // A server that ends at this moment says so to whoever is connected.
  client.on("error", () => {});
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return database.own
      ? `Your PostgreSQL at ${database.address} does not answer (${(error as Error).message}).`
      : `PostgreSQL does not answer. It is started anew by itself as soon as it can be; ${home.log} says why it ended.`;
  } finally {
    await client.end().catch(() => {});
  }
}

/** `wavegate local status`: exit 1 when nothing runs, or not all of it. */
export async function status({ io }: Frame): Promise<Answer> {
  const home = homeAt(io.env, io.cwd);
  const runtime = await readyRuntime(home);
  const full = await withoutRoom(io);
  const silent = runtime === undefined ? undefined : await databaseSilent(runtime, home);
  const warnings = [full, silent].filter((each) => each !== undefined);
  if (runtime !== undefined) {
    return {
      exit: warnings.length === 0 ? 0 : 1,
      json: { running: true, ...documentOf(runtime), ...(warnings.length > 0 && { warnings }) },
      text: [...warnings, ...(warnings.length > 0 ? [""] : []), ...show(runtime, home.folder)],
    };
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

/**
 * `wavegate local env`: the person's own keys, and where each service answers. Older editions of the AWS
 * CLI know no endpoint by environment: the function `aws` says it to them.
 */
export async function env({ io }: Frame): Promise<Answer> {
  const { settings, credentials } = await localPlace(io);
  const endpoints = Object.entries(settings).filter(([name]) =>
    name.startsWith("AWS_ENDPOINT_URL_"),
  );
  const variables: Record<string, string> = {
    AWS_ACCESS_KEY_ID: credentials?.accessKeyId ?? "",
    AWS_SECRET_ACCESS_KEY: credentials?.secretAccessKey ?? "",
    AWS_REGION: settings.AWS_REGION ?? "",
    AWS_DEFAULT_REGION: settings.AWS_REGION ?? "",
    AWS_PAGER: "",
    ...Object.fromEntries(endpoints),
    AWS_ENDPOINT_URL_STS: settings.AWS_ENDPOINT_URL_SFN ?? "",
  };
  return {
    plain: true,
    json: variables,
    text: [
      // What an account left in this shell is not used by mistake.
      "unset AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
      ...Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`),
      ...awsFunction,
    ],
  };
}

const awsFunction = [
  "aws() {",
  '  for word in "$@"; do case "$word" in',
  '    stepfunctions) command aws --endpoint-url "$AWS_ENDPOINT_URL_SFN" "$@"; return;;',
  '    cloudtrail) command aws --endpoint-url "$AWS_ENDPOINT_URL_CLOUDTRAIL" "$@"; return;;',
  '    sts) command aws --endpoint-url "$AWS_ENDPOINT_URL_STS" "$@"; return;;',
  '    s3|s3api) command aws --endpoint-url "$AWS_ENDPOINT_URL_S3" "$@"; return;;',
  '    rds-data) command aws --endpoint-url "$AWS_ENDPOINT_URL_RDS_DATA" "$@"; return;;',
  '    sesv2) command aws --endpoint-url "$AWS_ENDPOINT_URL_SESV2" "$@"; return;;',
  '    kms) command aws --endpoint-url "$AWS_ENDPOINT_URL_KMS" "$@"; return;;',
  '    help|--version) command aws "$@"; return;;',
  "  esac; done",
  '  echo "This machine has stepfunctions, cloudtrail, sts, s3, s3api, rds-data, kms and sesv2." >&2; return 252',
  "}",
];

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
