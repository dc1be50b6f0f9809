import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Preflight, type Run, readPreflight } from "../../data/runs.ts";
import { sql, uuid } from "../../data/sql.ts";
import type { WholeMigration } from "../../define/several.ts";
import { sayWhileRead, toldWhileRead } from "../../speech/while-read.ts";
import { textIsDamaged } from "../../stages/preflight/damaged-columns.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import type { Output } from "../commands/shared.ts";
import { type Ending, follow, startExecution, succeeded } from "../execution.ts";
import { CannotRun } from "../failure.ts";
import { migrationNamed } from "../migrations.ts";
import { runNamed } from "../runs.ts";
import { isAlive, saidAtStart } from "../standing.ts";
import { didYouMean } from "../suggest.ts";
import { facts } from "../table.ts";
import { requireAsBegun } from "./as-begun.ts";
import { requirePlatform } from "./platform.ts";
import { prepareLocally } from "./set-up.ts";
import { withAws } from "./with-aws.ts";

/** What a run is started with. */
export interface StartOptions extends Output {
  readonly connection?: string;
  readonly focus?: string;
  readonly plan?: readonly number[];
  readonly gates?: "every-wave" | "on-anomaly";
  readonly set?: Readonly<Record<string, string>>;
  readonly backup?: string;
  readonly queuesDetached?: true;
  readonly priorityAcknowledged?: true;
  readonly only?: string;
  readonly wait?: true;
  /** Judges the whole source and ends with the review export: nobody is asked, and nothing of it is ever written. */
  readonly dryRun?: true;
  /** Another run that goes on, as with `wavegate resume`. */
  readonly resume?: string;
  /** Where the files lie that rows name: a folder, or `s3://BUCKET/PREFIX`. */
  readonly storagePath?: string;
  /** The platform's database, on one machine. */
  readonly dbDsn?: string;
  /** Rows of a range that is read and staged at once. */
  readonly batchSize?: number;
}

/** `wavegate start`: the whole workflow, or one stage of it, as a new run. */
export async function start(
  frame: Frame,
  migrationName: string,
  options: StartOptions,
): Promise<Answer> {
  const migration = migrationNamed(migrationName);
  checkFocus(migration, options.focus);
  await requirePlatform(frame, options.dbDsn);
  const settings = settingsOf(frame, migration, options);
  if (options.resume !== undefined) return goOn(frame, migrationName, options.resume, settings);
  await prepareLocally(frame, migration);
  if (options.dryRun) return dryRunOf(frame, migration, { ...options, settings });
  return withAws(frame, async (aws) => {
    const { id, executionArn } = await begin(
      aws,
      migration,
      { ...options, set: settings },
      options.only,
    );
    const run = await runAfterPreflight(aws, frame, executionArn, id);
    if (!options.wait && options.only === undefined) return started(aws, run, executionArn);
    const ending = await follow(aws, frame, executionArn, id);
    if (ending.kind !== "sign-off") succeeded(ending);
    return started(aws, run, executionArn, ending);
  });
}

/** Starts an execution of a new run, or of one stage of it. */
export async function begin(
  aws: Aws,
  migration: WholeMigration,
  options: StartOptions,
  only: string | undefined,
): Promise<{ id: string; executionArn: string }> {
  const id = randomUUID();
  const executionArn = await startExecution(aws, "migration", id, only ?? "run", {
    migration: migration.name,
    run: id,
    ...(only === undefined ? {} : { only }),
    ...(options.connection === undefined ? {} : { connection: options.connection }),
    ...(options.focus === undefined ? {} : { focus: options.focus }),
    ...(options.plan === undefined ? {} : { wavePlan: options.plan }),
    ...(options.gates === undefined ? {} : { gates: options.gates }),
    ...(Object.keys(options.set ?? {}).length === 0 ? {} : { settings: options.set }),
    acknowledge: acknowledged(options),
  });
  return { id, executionArn };
}

/** Goes on with a run of the migration, as it was begun: what is said of its settings is what they are. */
async function goOn(
  frame: Frame,
  migration: string,
  name: string,
  settings: Readonly<Record<string, string>>,
): Promise<Answer> {
  await withAws(frame, async (aws) => {
    const run = await runNamed(aws.db, name);
    if (run.migration !== migration) {
      throw new CannotRun(
        "Usage",
        `${run.reference} is a run of ${run.migration}, and not of ${migration}. Nothing was written.`,
      );
    }
    await requireAsBegun(run, settings, () => saidAtStart(aws, run));
    return { json: {}, text: [] };
  });
  const { control } = await import("./control.ts");
  return control(frame, "resume", { run: name });
}

/** What is said of a run by its settings' names, options of their own among it. */
function settingsOf(
  { io }: Frame,
  { name, settings = {} }: WholeMigration,
  { set = {}, storagePath, batchSize }: StartOptions,
): Record<string, string> {
  const files = Object.keys(settings).find((each) => settings[each]?.kind === "files");
  if (storagePath !== undefined && files === undefined) {
    throw new CannotRun(
      "Usage",
      `No row of ${name} names a file, so it takes no --storage-path. Nothing was written.`,
    );
  }
  const place =
    storagePath === undefined || storagePath.startsWith("s3:")
      ? storagePath
      : resolve(io.cwd, storagePath);
  return {
    ...set,
    ...(place === undefined || files === undefined ? {} : { [files]: place }),
    ...(batchSize === undefined ? {} : { batch_size: String(batchSize) }),
  };
}

/** A dry run of the whole source, up to its review export, and what it showed. */
const dryRunOf = (
  frame: Frame,
  migration: WholeMigration,
  { connection, focus, settings }: StartOptions & { readonly settings: Record<string, string> },
): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const id = randomUUID();
    const executionArn = await startExecution(aws, "migration", id, "trial", {
      migration: migration.name,
      run: id,
      trial: { whole: true },
      ...(connection === undefined ? {} : { connection }),
      ...(focus === undefined ? {} : { focus }),
      ...(Object.keys(settings).length === 0 ? {} : { settings }),
    });
    succeeded(await follow(aws, frame, executionArn, id));
    const run = await runNamed(aws.db, id);
    const { dryRun } = await import("./stages.ts");
    const { json, text } = await dryRun(aws, run);
    const { reportOf } = await import("./report.ts");
    // An audit by entity is told where the definition has one.
    const report = run.definition.audit === undefined ? undefined : await reportOf(aws, run);
    return {
      exit: report?.exit ?? 0,
      json: {
        ...(json as object),
        dry_run: true,
        ...(report === undefined ? {} : { report: report.json }),
      },
      text: [
        ...text,
        "",
        ...(report === undefined ? [] : [...report.text, ""]),
        `This was a dry run: nobody is asked about it, and nothing of it can be written. \`wavegate try ${migration.name} --forget --run ${run.reference}\` takes what it staged away.`,
      ],
    };
  });

/** What a start acknowledges (R1). */
export const acknowledged = (options: StartOptions) => ({
  ...(options.backup === undefined ? {} : { backup: options.backup }),
  queues: options.queuesDetached === true,
  priority: options.priorityAcknowledged === true,
});

/** Errors: `UnknownFocusMode`. */
export function checkFocus(migration: WholeMigration, focus: string | undefined): void {
  const modes = Object.keys(migration.focus.modes);
  if (focus === undefined || modes.includes(focus)) return;
  throw new CannotRun(
    "UnknownFocusMode",
    `“${focus}” is no focus mode of ${migration.name}.${didYouMean(focus, modes)} Nothing was written. There are: ${modes.join(", ")}.`,
  );
}

/** The run once preflight has passed. Errors: what preflight refused. */
async function runAfterPreflight(
  aws: Aws,
  frame: Frame,
  executionArn: string,
  id: string,
): Promise<Run> {
  for (;;) {
    const [passed] = await aws.db.rows(sql`
      select 1 as yes from wavegate.legacy_import_runs
       where id = ${uuid(id)} and (preflight ->> 'passed')::boolean`);
    if (passed !== undefined) return runNamed(aws.db, id);
    if (!(await isAlive(aws, executionArn))) {
      succeeded(await follow(aws, frame, executionArn, id));
      return runNamed(aws.db, id);
    }
    await sleep(aws.place.name === "local" ? 150 : 1_500);
  }
}

async function started(
  { db }: Aws,
  run: Run,
  executionArn: string,
  ending?: Ending,
): Promise<Answer> {
  const preflight = await readPreflight(db, run);
  const next = `wavegate watch --run ${run.reference}`;
  return {
    json: {
      run: run.reference,
      id: run.id,
      execution: executionArn,
      ...(ending === undefined ? {} : { ended: ending.kind }),
      ...(ending?.kind === "sign-off" ? { gate: ending.gate } : {}),
    },
    text: [
      ...facts([
        ["Run", run.reference],
        ["Legacy connection used", run.connection_name],
        ["Focus", run.focus_mode],
        ["Waves", run.wave_plan.join(", ")],
        ...Object.entries(run.settings).map(([name, value]) => [name, value] as const),
        ["Started by", run.started_by],
      ]),
      ...warnings(run, preflight),
      "",
      ending === undefined
        ? `It goes on by itself until a person is needed. See \`${next}\`.`
        : ending.kind === "sign-off"
          ? `It waits for a sign-off (${ending.gate}). See \`wavegate sign-off show --run ${run.reference}\`.`
          : "Done.",
    ],
  };
}

/**
 * What preflight found and let pass: columns whose text is damaged, a database that knows few letters or publishes what is
 * staged; and rows that the import did not read.
 */
export function warnings(run: Run, { checks = [] }: Preflight): string[] {
  const says = (wanted: string, begins: string): string[] =>
    checks
      .filter(({ id, says }) => id === wanted && says.startsWith(begins))
      .map((each) => each.says);
  return [
    ...says("source_text", textIsDamaged),
    ...says("platform_letters", "The platform's database knows no letters"),
    ...says("platform_published", "The platform's database publishes"),
    ...unread(run),
  ];
}

/** That the source was not the same all the while it was read; nothing where it was. */
export const unread = ({ counts }: Pick<Run, "counts">): string[] =>
  toldWhileRead.flatMap((what) => {
    const rows = counts[what];
    return rows === undefined ? [] : [sayWhileRead.en[what](rows)];
  });
