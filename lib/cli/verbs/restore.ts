import { resolve } from "node:path";
import { type Run, requirePeople } from "../../data/runs.ts";
import { sql, uuid } from "../../data/sql.ts";
import { homeAt } from "../../embedded/runtime/home.ts";
import type { RestoreStep, Restoring } from "../../review/steer/restore.ts";
import { Refusal } from "../../services/errors.ts";
import { several } from "../../services/words.ts";
import { agreed } from "../agreed.ts";
import { askToDecide } from "../ask-signed.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { runningRuntime } from "../local/place.ts";
import { allMigrations } from "../migrations.ts";
import { isLocal } from "../place.ts";
import { type Archive, readArchive } from "../restore/archive.ts";
import type { ComparedTable } from "../restore/compare.ts";
import { whileUninterrupted } from "../restore/interrupted.ts";
import { fileOf, identityOf, type Known, requireSame, saysKnown } from "../restore/note.ts";
import { commandsOnAws } from "../restore/on-aws.ts";
import { guardsOf, publishedOf, putBack } from "../restore/put-back.ts";
import { beside } from "../restore/scratch.ts";
import { clientTools } from "../restore/tools.ts";
import { runNamed } from "../runs.ts";
import { table } from "../table.ts";
import { rollback } from "./rollback.ts";
import { prepareLocally } from "./set-up.ts";
import { runOnly } from "./stages.ts";
import { withAws } from "./with-aws.ts";

interface Options {
  readonly run: string;
  readonly from?: string;
  readonly sha256?: string;
  readonly yes?: true;
}

/** `wavegate rollback --level 2`: restores the backup that the run was started with, on one machine (V10). */
export const restore = (frame: Frame, options: Options): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runNamed(aws.db, options.run);
    requirePeople(run, "A rollback");
    const { backup } = run.acknowledgements;
    const named = typeof backup === "string" ? backup : undefined;
    if (!isLocal(frame.io)) return printed(frame, run, named);
    if (options.from === undefined)
      throw new CannotRun(
        "Usage",
        `Level 2 restores a backup: name its file with --from, as in --from ${fileOf(named)}. Nothing was changed.`,
      );
    const { database } = await runningRuntime(homeAt(frame.io.env, frame.io.cwd));
    const tools = await clientTools(frame.io.env);
    const guards = await guardsOf(database.adminUrl);
    await using interrupted = whileUninterrupted(frame);
    const { signal } = interrupted;
    const archive = await readArchive(
      tools,
      resolve(frame.io.cwd, options.from),
      guards.map(({ name }) => name),
    );
    const known = await requireSame(
      archive,
      {
        run: run.reference,
        backup: named,
        ...(options.sha256 === undefined ? {} : { sha256: options.sha256 }),
      },
      await identityOf(database.adminUrl),
    );
    if (known.by === "name") requireSaid(archive, options);
    const tables = await beside(tools, archive, database.adminUrl, signal);
    const about = aboutOf(named ?? archive.id, archive, tables);
    const published = await publishedOf(database.adminUrl);
    const says = [...plan(run, archive, named, known), "", ...(await losses(aws, run, tables))];
    if (!(await agrees(frame, options, says)))
      return {
        exit: 1,
        json: { run: run.reference, ...about, restored: false, tables },
        text: [...says, "", "Nothing was changed. Add --yes to restore the backup."],
      };
    signal.throwIfAborted();
    await note(aws, run, "begin", about);
    const exported = (await runOnly(aws, frame, run, "export-audit")) as {
      audit?: { answer?: { prefix?: string; manifestDigest?: string } };
    } | null;
    const bundle = exported?.audit?.answer;
    frame.say(`Exported ${bundle?.prefix}, manifest ${bundle?.manifestDigest}`);
    try {
      await putBack(tools, archive, database.adminUrl, tables, [...guards, ...published], signal);
    } catch (error) {
      await note(aws, run, "restore-failed", about);
      throw error;
    }
    // What follows is short, and leaves nothing half done: it comes to its end.
    interrupted.done();
    frame.say("The platform is, row for row, what the backup holds.");
    await note(aws, run, "restored", about);
    await setUpAgain(frame, aws, run);
    // The ledger of what is not there any more is closed, as of rows that somebody else deleted.
    const back = await rollback(frame, { run: run.id, yes: true });
    return {
      ...back,
      json: { run: run.reference, ...about, restored: true, bundle, rollback: back.json },
      text: [...back.text, "", ...others(await writtenSince(aws, run))],
    };
  });

function printed({ io }: Frame, run: Run, named: string | undefined): Answer {
  const stack = io.env.WAVEGATE_STACK || "wavegate";
  const commands = commandsOnAws({
    run: run.reference,
    backup: named !== undefined && /^[A-Za-z0-9][\w:.-]*$/u.test(named) ? named : "SNAPSHOT",
    stack,
  });
  return {
    json: { run: run.reference, backup: named ?? null, restored: false, commands },
    text: [
      `Run ${run.reference} was started with the backup ${named}. On AWS restoring it is yours to do: these are the commands, and none was run.`,
      "Everything that was written on the platform since the snapshot is lost, whoever wrote it.",
      "",
      ...commands,
    ],
  };
}

/** Nobody is asked: what only its name tells of is then told by whoever runs the command. */
function requireSaid({ file, sha256 }: Archive, options: Options): void {
  if (options.yes === undefined || options.sha256 !== undefined) return;
  throw new CannotRun(
    "Usage",
    `${file} is known as the run's backup by its name only: with --yes say which it is, --sha256 ${sha256} if it is this one. Nothing was changed.`,
  );
}

const aboutOf = (
  backup: string,
  archive: Archive,
  tables: readonly ComparedTable[],
): Restoring => ({
  backup,
  backup_sha256: archive.sha256,
  rows_lost: tables.reduce((sum, { lost }) => sum + lost, 0),
  rows_back: tables.reduce((sum, { back }) => sum + back, 0),
});

const note = (aws: Aws, run: Run, step: RestoreStep, about: Restoring): Promise<unknown> =>
  askToDecide(aws, { decide: "restore", run: run.id, step, about });

const plan = (run: Run, archive: Archive, named: string | undefined, known: Known): string[] => [
  `Level 2: the platform's schemas become what the backup ${named} holds.`,
  saysKnown(run.reference, archive, known),
  `  1. ${run.reference} is stopped, its approvals are void, and the log says who restores what.`,
  "  2. Its audit bundle is exported and announced, so that the evidence is safe from what follows.",
  "  3. In one transaction: nobody else writes, the backup replaces the platform's tables, and each is compared with it; tables stay published as they are now.",
  "  4. wavegate's rights on the platform are set up again, and the run's ledger is closed. The schema wavegate is left as it is.",
];

/** What is there and not in the backup, and who wrote it, as far as ledgers know. */
async function losses(
  aws: Aws,
  run: Run,
  tables: readonly ComparedTable[],
): Promise<readonly string[]> {
  const apart = tables.filter(({ lost, back }) => lost + back > 0);
  const since = tables.filter(({ backup }) => backup === undefined).map(({ name }) => name);
  const written = await writtenBy(aws, run);
  const lost = apart.reduce((sum, each) => sum + each.lost, 0);
  return [
    ...(apart.length === 0
      ? ["Nothing would be lost: every row of the platform is in the backup."]
      : [
          `${several(lost, "row of the platform is", "rows of the platform are")} not in the backup and would be lost, whoever wrote them:`,
          "",
          ...table(
            ["table", "rows now", "rows in the backup", "lost", "come back", "of this run"],
            apart.map(({ name, now, backup, ...each }) => [
              bare(name),
              now.rows,
              backup?.rows ?? 0,
              each.lost,
              each.back,
              written[bare(name)] ?? 0,
            ]),
          ),
        ]),
    ...(since.length === 0
      ? []
      : ["", `Not in the backup, and left as they are: ${since.map(bare).join(", ")}.`]),
    ...others(await writtenSince(aws, run)),
  ];
}

/** `"public"."Member"` as ledgers have it. */
const bare = (name: string): string => name.replace(/^"public"\./u, "").replaceAll('"', "");

/** Rows that the run wrote and that its ledger has open, by table. */
async function writtenBy({ db }: Aws, run: Run): Promise<Record<string, number>> {
  const rows = await db.rows<{ name: string; n: number }>(sql`
    select target_table as name, count(*)::int as n from wavegate.legacy_import_commit_logs
     where run_id = ${uuid(run.id)} and rolled_back_at is null group by 1`);
  return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
}

/** Other runs with something on the platform: what of it is younger than the backup goes as well. */
const writtenSince = ({ db }: Aws, run: Run): Promise<{ reference: string; n: number }[]> =>
  db.rows(sql`
    select r.reference, count(*)::int as n
      from wavegate.legacy_import_commit_logs l join wavegate.legacy_import_runs r on r.id = l.run_id
     where l.run_id <> ${uuid(run.id)} and l.rolled_back_at is null group by 1 order by 1`);

const others = (runs: readonly { reference: string; n: number }[]): string[] =>
  runs.length === 0
    ? []
    : [
        "",
        `Other runs have rows on the platform by their ledgers: ${runs.map(({ reference, n }) => `${reference} (${n})`).join(", ")}. What of them is not in the backup is gone as well; \`wavegate rollback --run\` closes their ledgers.`,
      ];

async function agrees(frame: Frame, { yes }: Options, says: readonly string[]): Promise<boolean> {
  const question = "This cannot be undone. Type yes to restore the backup:";
  if (yes !== true) return (await agreed(frame, says, question)) === true;
  for (const line of [...says, ""]) frame.say(line);
  return true;
}

/** What the backup knows nothing of: rights and guards on the platform's tables. */
async function setUpAgain(frame: Frame, { db }: Aws, run: Run): Promise<void> {
  const known = await db.rows<{ migration: string }>(
    sql`select migration from wavegate.commit_roles order by 1`,
  );
  const names = known.map(({ migration }) => migration);
  try {
    for (const migration of allMigrations().filter(({ name }) => names.includes(name)))
      await prepareLocally(frame, migration);
  } catch (error) {
    throw new Refusal(
      "SetUpAfterRestore",
      `The backup is restored, and wavegate's rights on the platform could not be set up again (${error instanceof Error ? error.name : "error"}). Run \`wavegate set-up ${run.migration}\`, then \`wavegate rollback --run ${run.reference}\`, which closes its ledger.`,
    );
  }
}
