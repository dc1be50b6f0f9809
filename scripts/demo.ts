/**
 * A whole migration on this machine, unattended: `npm run demo`, or `npm run demo -- wild-apricot`, `-- alpha2` or `-- community`. The
 * legacy side is the committed sample (CSV), a stand-in for Wild Apricot's API with a small club behind it, or a restored
 * dump with files, the platform a PostgreSQL of its own with platform data; everything else is what an
 * operator, an approver and an auditor do. Exit 0 when the run is complete, its bundle verified, and
 * all of it taken back. At the end, and when it is interrupted, it ends what it started and leaves the
 * audit bundle alone; with `--keep` everything stays, to look around, and with `--stay` it runs on, and the demo
 * ends by printing a link into its console. `--plan=25,125,625` says how many rows its waves take.
 */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { demoPrefix, endLeftovers, noteDemo } from "../lib/cli/local/leftovers.ts";
import { several } from "../lib/services/words.ts";
import { approveThroughLink, digestInMail } from "./demo/approver.ts";
import { countPlatform, loadPlatform } from "./demo/platform.ts";
import { sceneFor } from "./demo/scenes.ts";
import { Shell } from "./demo/shell.ts";

const root = resolve(import.meta.dirname, "..");
const usage =
  "npm run demo -- [ecoin | wild-apricot | alpha2 | community] [--keep] [--stay] [--plan=25,125,625]";
const { stay, keep, plan, make } = read();
const folder = resolve(root, process.env.WAVEGATE_HOME || ".wavegate");
await mkdir(folder, { recursive: true });
for (const left of await endLeftovers(folder)) {
  console.log(`An earlier demo was killed and left its runtime in ${left.folder}: ended.`);
  await rm(left.folder, { recursive: true, force: true });
}
const home = await mkdtemp(join(folder, demoPrefix));
await noteDemo(home);
const scene = await make({ root, home });
const shell = new Shell(root, {
  WAVEGATE_HOME: home,
  // What one command compiled the next one starts with, in half the time.
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE || join(home, "compiled"),
  // Whatever a `.env` here says, the demo is on its own.
  WAVEGATE_ENV: "local",
  WAVEGATE_DATABASE_URL: "",
  WAVEGATE_PERSON: "",
  ...scene.settings,
});
const bundle = join(home, "audit");
const here = (path: string): string => relative(root, path);

// Ctrl-C reaches the commands as well; the runtime is a process of its own, and ended here.
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    interrupted = true;
    shell.end();
  });
}

let failed: unknown;
/** What the approver keeps: the digest of the mail about the bundle. */
let digest = "";
/** Signs the approver in at the console. */
let logIn: Readonly<Record<string, string>> = {};
try {
  await demonstrate();
} catch (error) {
  failed = error;
}
await leave();

async function demonstrate(): Promise<void> {
  const approver = "karima";
  shell.title("The runtime: PostgreSQL, Step Functions, RDS Data API, S3, mail");
  await shell.run("local up");

  shell.title("The platform's own tables and people: a step of its own, not wavegate's");
  const database = (await shell.quiet("local database")).trim();
  shell.say(`
$ psql "$(wavegate local database)" -f migrations/${scene.migration}/platform-schema.postgres.sql \\
                                    -f migrations/${scene.migration}/sample/platform.sql`);
  await loadPlatform(root, database, scene);
  shell.say(`Done by the demo itself. ${await countPlatform(scene, database)}`);
  await shell.run(`set-up ${scene.migration}`);
  const added = await shell.json<{ password: string }>(
    `people add ${approver} --email ${approver}@example.com --can view,review,commit`,
  );

  logIn = { WAVEGATE_PERSON: approver, WAVEGATE_PASSWORD: added.password };

  await scene.before?.(shell);

  shell.title("An operator starts the migration");
  const { run: reference } = await shell.json<{ run: string }>(
    `start ${scene.migration} --backup demo-backup-1 --queues-detached --priority-acknowledged${plan ? ` ${plan}` : scene.start}`,
  );
  const watching = shell.run(`watch --run ${reference}`, {}, scene.ends ?? [0]);

  // The approver reads mail, opens each link, judges the samples and decides.
  let decided = 0;
  const approving = approveThroughLink(shell, {
    outbox: join(home, "outbox"),
    name: approver,
    password: added.password,
    until: watching,
    onDecision: (line) => {
      decided += 1;
      shell.say(line);
    },
  });
  // Whatever fails first ends the demo: an approval that is refused would be waited for without end.
  await Promise.race([watching, approving.then(() => watching)]);
  await approving;
  shell.say(`${several(decided, "sign-off")} through links.`);

  shell.title("What came of it");
  await shell.run(`balance --run ${reference}`);
  shell.say(`\nThe platform now: ${await countPlatform(scene, database)}`);

  shell.title("An auditor pulls the bundle and checks it offline");
  await shell.run(`audit pull --run ${reference} --to ${here(bundle)}`);
  digest = await digestInMail(shell, `${approver}@example.com`);
  shell.say(`\nThe mail that ${approver} kept says ${digest}.`);
  await shell.run(`audit verify ${here(bundle)} --digest ${digest}`);
  await scene.after?.(shell, { bundle: here(bundle), run: reference, approver: logIn });

  shell.title("Everything is taken back, and nothing else");
  await shell.run(`rollback --run ${reference}`);
  shell.say(`\nThe platform again: ${await countPlatform(scene, database)}`);
}

/** Leaves everything running, and says where to look at it. */
async function stayUp(): Promise<void> {
  shell.title("The console stays up");
  await shell.run("console", logIn);
  shell.say(`
It runs until this is said, or until the next demo:

  WAVEGATE_HOME=${here(home)} npx wavegate local down

Another link, for whoever knows their own password:

  WAVEGATE_HOME=${here(home)} WAVEGATE_PERSON=${logIn.WAVEGATE_PERSON} npx wavegate console
  The password of ${logIn.WAVEGATE_PERSON} on this machine: ${logIn.WAVEGATE_PASSWORD}`);
}

/** Ends what was started, clears away, and says what is left and what can be done with it. */
async function leave(): Promise<void> {
  const whole = failed === undefined && !interrupted;
  // The legacy side was read at the beginning.
  await scene.close?.();
  if (stay && whole) return stayUp();
  await shell.quiet("local down").catch(() => {});
  if (!keep) {
    const kept = whole ? ["audit", "audit-reports"] : [];
    // A runtime that ends may still write what it compiled.
    const gone = { recursive: true, force: true, maxRetries: 10, retryDelay: 200 };
    for (const name of await readdir(home)) {
      if (!kept.includes(name)) await rm(join(home, name), gone);
    }
    if (!whole) await rm(home, gone);
  }
  if (whole) {
    shell.title("What is left, and what to do next");
    shell.say(
      keep
        ? `
Everything is in ${here(home)}; nothing runs.

  WAVEGATE_HOME=${here(home)} npx wavegate local up    # goes on where it was
  WAVEGATE_HOME=${here(home)} npx wavegate status
  WAVEGATE_HOME=${here(home)} npx wavegate local down`
        : `
Nothing runs. The audit bundle is in ${here(bundle)}; the rest is cleared away.
To look around afterwards: npm run demo -- ${[...process.argv.slice(2), "--keep"].join(" ")}`,
    );
    shell.say(`
  npx wavegate audit verify ${here(bundle)} --digest ${digest}
  npx wavegate local up                                      # a machine for your own data
  rm -r ${here(home)}`);
    return;
  }
  if (interrupted) {
    console.error(
      `\nThe demo was interrupted. What it started has ended${keep ? `; its files are in ${here(home)}` : ", and its files are gone"}.`,
    );
    process.exitCode = 130;
    return;
  }
  console.error(failed instanceof Error ? failed.message : failed);
  process.exitCode = 1;
}

/** What was asked for; what is no demo, or no option, begins nothing. */
function read() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        keep: { type: "boolean", default: false },
        stay: { type: "boolean", default: false },
        plan: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const make = positionals.length > 1 ? undefined : sceneFor(positionals[0] ?? "ecoin");
    if (make === undefined)
      throw new Error(
        "There is no demo of that name: there are ecoin, wild-apricot, alpha2 and community.",
      );
    return {
      make,
      stay: values.stay,
      keep: values.stay || values.keep,
      plan: values.plan === undefined ? undefined : `--plan=${values.plan}`,
    };
  } catch (error) {
    const [why] = (error as Error).message.split(/(?<=\.) /u);
    console.error(`${why?.replace(/\.?$/u, ".")} Nothing was begun: ${usage}`);
    process.exit(2);
  }
}
