/**
 * A whole migration on this machine, unattended: `npm run demo`. The legacy side is the committed
 * sample (CSV), the platform a PostgreSQL of its own with platform data; everything else is what an
 * operator, an approver and an auditor do. Exit 0 when the run is complete and its bundle verified.
 */
import { mkdir, mkdtemp } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { approveThroughLink } from "./demo/approver.ts";
import { loadPlatform } from "./demo/platform.ts";
import { Shell } from "./demo/shell.ts";

const root = resolve(import.meta.dirname, "..");
await mkdir(join(root, ".wavegate"), { recursive: true });
const home = await mkdtemp(join(root, ".wavegate", "demo-"));
const shell = new Shell(root, {
  WAVEGATE_HOME: home,
  // Whatever a `.env` here says, the demo is on its own.
  WAVEGATE_ENV: "local",
  WAVEGATE_DATABASE_URL: "",
  WAVEGATE_PERSON: "",
  LEGACY_DB_DRIVER: "csv",
  LEGACY_DB_PATH: join(root, "migrations/ecoin/sample/legacy"),
});

const approver = "karima";
let failed: unknown;
try {
  shell.title("The runtime: PostgreSQL, Step Functions, RDS Data API, S3 and mail on this machine");
  await shell.run("local up");
  await loadPlatform(root, await shell.quiet("local database"));
  await shell.run("set-up ecoin");
  const added = await shell.json<{ password: string }>(
    `people add ${approver} --email ${approver}@example.com --can view,review,commit`,
  );

  shell.title("An operator starts the migration");
  const { run: reference } = await shell.json<{ run: string }>(
    "start ecoin --backup demo-backup-1 --queues-detached --priority-acknowledged",
  );
  const watching = shell.run(`watch --run ${reference}`);

  // The approver reads mail, opens each link, judges the samples and decides.
  let decided = 0;
  const approving = approveThroughLink(shell, {
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
  shell.say(`${decided} sign-offs through links.`);

  shell.title("What came of it");
  await shell.run(`balance --run ${reference}`);

  shell.title("An auditor pulls the bundle and checks it offline");
  const bundle = join(home, "audit");
  await shell.run(`audit pull --run ${reference} --to ${relative(root, bundle)}`);
  await shell.run(`audit verify ${relative(root, bundle)}`);
  shell.say(`\nThe audit bundle is in ${relative(root, bundle)}`);
} catch (error) {
  failed = error;
} finally {
  await shell.quiet("local down").catch(() => {});
}
if (failed !== undefined) {
  console.error(failed instanceof Error ? failed.message : failed);
  process.exitCode = 1;
}
