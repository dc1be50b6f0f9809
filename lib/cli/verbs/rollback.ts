import { entryKeyAsJson } from "../../compile/shown/key.ts";
import { saysReshaping } from "../../compile/wave/written-rows.ts";
import type { Database } from "../../data/database.ts";
import type { ExactId } from "../../data/exact.ts";
import { rowsWhole } from "../../data/records.ts";
import { type Run, requirePeople } from "../../data/runs.ts";
import { raw, sql, uuid } from "../../data/sql.ts";
import { leftBeside, pinOf } from "../../evidence/pinned.ts";
import { count, several } from "../../services/words.ts";
import { keptPreviews, type PreviewedWave } from "../../stages/preview-rollback.ts";
import { requireWave } from "../../stages/rollback.ts";
import { openWaves } from "../../stages/undo/undo-wave.ts";
import { allOf } from "../../stages/wave/row-sums.ts";
import { agreed } from "../agreed.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { follow, startAlone, succeeded } from "../execution.ts";
import { runNamed } from "../runs.ts";
import { distributionOf, showDistribution } from "../show/counts.ts";
import { table } from "../table.ts";
import { withAws } from "./with-aws.ts";

type RollbackOutput = {
  readonly rollback?: { readonly answer: { readonly outcome: string } };
} | null;

/** Why a created row was spared, as the ledger keeps it. */
interface Conflict {
  readonly edited?: boolean;
  readonly referenced?: boolean;
  readonly gone?: boolean;
  /** Columns that differ from what was written, or were not given back. */
  readonly changed?: readonly string[];
  /** What of the platform refuses to have it taken back. */
  readonly refused?: string;
}

/** `edited (phone, full_name), referred to by other rows`. */
export function conflictSays({
  edited,
  referenced,
  gone,
  changed = [],
  refused,
}: Conflict): string {
  const columns = changed.length === 0 ? "" : ` (${changed.join(", ")})`;
  return [
    ...(edited ? [`edited${columns}`] : []),
    ...(referenced ? ["referred to by other rows"] : []),
    ...(refused === undefined ? [] : [`the platform refuses it: ${refused}${columns}`]),
    ...(gone ? ["gone"] : []),
  ].join(", ");
}

interface Options {
  readonly run: string;
  readonly wave?: number;
  readonly preview?: true;
  readonly yes?: true;
}

/** `wavegate rollback`: takes back what the run created; what changed since is spared and listed (D16). */
export const rollback = (frame: Frame, options: Options): Promise<Answer> =>
  options.preview === true ? preview(frame, options) : takeBack(frame, options);

/** `wavegate rollback --preview`: says what it would do, and writes nothing on the platform (B1). */
const preview = (frame: Frame, { run: name, wave: toWave = 1 }: Options): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runNamed(aws.db, name);
    requirePeople(run, "A rollback");
    await requireWave(aws.db, run, toWave);
    const input = { run: run.id, toWave, preview: true };
    const executionArn = await startAlone(aws, "rollback", run, "preview", input);
    succeeded(await follow(aws, frame, executionArn, run.id));
    const waves = await keptPreviews(aws.db, run.id, toWave);
    return {
      json: { run: run.reference, waves },
      text: [
        `Run ${run.reference}. Nothing was written.`,
        "",
        ...showPreview(waves),
        ...(waves.length === 0 ? [] : besideSays(run)),
      ],
    };
  });

function showPreview(waves: readonly PreviewedWave[]): string[] {
  if (waves.length === 0) return ["There is nothing to take back."];
  const reshaped = waves.flatMap((wave) => wave.reshaped.map(saysReshaping));
  const spared = waves.flatMap(({ wave, conflicts }) =>
    conflicts.map((each) => ({ wave, ...each })),
  );
  const all = waves.reduce((sum, wave) => sum + wave.spared, 0);
  return [
    ...table(
      [
        "wave",
        "entries",
        "taken back",
        "links cleared",
        "gone already",
        "spared: edited",
        "spared: referred to",
        "spared: refused",
      ],
      waves.map(({ wave, entries, undone, unlinked, gone, edited, referenced, refused }) =>
        [wave, entries, undone, unlinked, gone, edited, referenced, allOf(refused)].map(String),
      ),
    ),
    ...(reshaped.length === 0 ? [] : ["", ...new Set(reshaped)]),
    ...(all === 0 ? [] : ["", `${several(all, "row", "rows")} would be spared:`, ""]),
    ...(spared.length === 0 ? [] : conflictTable(spared)),
    ...(spared.length < all ? [`… and ${all - spared.length} more.`] : []),
  ];
}

const conflictTable = (
  conflicts: readonly { wave: number; table: string; id: ExactId; conflict: Conflict }[],
): string[] =>
  table(
    ["wave", "row", "since then"],
    conflicts.map(({ wave, table: name, id, conflict }) => [
      String(wave),
      `${name} ${id}`,
      conflictSays(conflict),
    ]),
  );

/** What the last rollback of each wave from this one on did, where a preview had said something else (B1). */
const differing = (
  aws: Aws,
  run: Run,
  toWave: number,
): Promise<{ wave: number; was: Counts; is: Counts }[]> =>
  rowsWhole(
    aws.db,
    sql`
    select wave, counts -> 'rolledBack' -> 'previewed' as was, counts -> 'rolledBack' as is
      from wavegate.waves
     where run_id = ${uuid(run.id)} and wave >= ${toWave} and counts -> 'rolledBack' -> 'previewed' ->> 'undone' is not null
     order by wave desc`,
  );

interface Counts {
  readonly undone: number;
  readonly spared: number;
  readonly gone: number;
  readonly refused?: Readonly<Record<string, number>>;
}

/** `3 by no_benjamin, 1 by keeps (P0001)`. */
const named = (refused: Readonly<Record<string, number>>): string =>
  Object.entries(refused)
    .map(([by, rows]) => `${rows} by ${by}`)
    .join(", ");

/** What the platform itself wrote beside the rows stays, where the definition names any. */
function besideSays(run: Run): string[] {
  const named = leftBeside(run);
  return named.length === 0
    ? []
    : ["", `What the platform does by itself is not taken back: ${named.join(", ")}.`];
}

/** What a rollback leaves as it is, by the first table that no wave may write. */
function asBefore(run: Run): string {
  const [guarded] = pinOf(run).guarded;
  return guarded === undefined
    ? "what was linked to is as it was"
    : `${guarded} and what was linked to are as they were`;
}

const isSpared = (run: string, wave: number) =>
  sql`run_id = ${uuid(run)} and wave >= ${wave} and conflict is not null and rolled_back_at is null`;

/** How many rows a rollback spared, from a wave on. */
export const countSpared = async (db: Database, run: string, wave: number): Promise<number> => {
  const { rows } = await db.one<{ rows: number }>(
    sql`select count(*) as rows from wavegate.legacy_import_commit_logs where ${isSpared(run, wave)}`,
  );
  return rows;
};

/** How many entries of some waves a rollback would take back, or was to: what it spared is none of them. */
const toTakeBack = async (db: Database, run: string, wave: number): Promise<number> =>
  (
    await db.one<{ n: number }>(
      sql`select count(*) as n from wavegate.legacy_import_commit_logs
           where run_id = ${uuid(run)} and wave >= ${wave} and conflict is null and rolled_back_at is null`,
    )
  ).n;

/** What a rollback that failed behind its last wave says of what it did; nothing of one that failed before. */
export const failedBehind = (
  { reference }: Pick<Run, "reference">,
  { before, left }: { readonly before: number; readonly left: number },
): string =>
  before > 0 && left === 0
    ? `Everything that could be taken back is taken back all the same; what failed came behind it, and \`wavegate export audit --run ${reference}\` leaves the evidence.`
    : "";

/** The first of them with why, as a terminal shows them. */
export const sparedOf = (db: Database, run: string, wave: number, most = 500) =>
  rowsWhole<{
    wave: number;
    target_table: string;
    target_id: ExactId;
    conflict: Conflict;
  }>(
    db,
    sql`
      select wave, target_table, ${raw(entryKeyAsJson("l"))} as target_id, conflict from wavegate.legacy_import_commit_logs l
       where ${isSpared(run, wave)}
       order by wave desc, id limit ${most}`,
  );

/** What stands of a run, before anybody takes it back; as a preview told of it, where one is kept. */
async function stands(
  db: Database,
  run: Run,
  { wave: toWave = 1 }: Options,
): Promise<readonly string[]> {
  const open = await openWaves(db, run.id, toWave);
  const tables = await openTables(db, run.id, toWave);
  const seen = await keptPreviews(db, run.id, toWave);
  const sum = (name: "undone" | "spared") => seen.reduce((all, each) => all + each[name], 0);
  const rows = open.reduce((all, { entries }) => all + entries, 0);
  return [
    rows === 0
      ? `Nothing that ${run.reference} wrote stands.`
      : `${several(rows, "entry", "entries")} of ${run.reference} ${rows === 1 ? "stands" : "stand"}, in ${several(open.length, "wave")}: ${tables.map(({ name, n }) => `${name} ${count(n)}`).join(", ")}.`,
    ...(rows === 0
      ? []
      : seen.length < open.length
        ? ["`wavegate rollback --preview` says what of it would be spared, and writes nothing."]
        : [
            `As last looked ${count(sum("undone"))} would be taken back, and ${count(sum("spared"))} spared.`,
          ]),
    "A rollback stops the run and voids its approvals.",
  ];
}

const question = "Type yes to take it back:";

/** What stands, by the table it was written into; a link wrote no row. */
const openTables = (
  db: Database,
  run: string,
  toWave: number,
): Promise<{ name: string; n: number }[]> =>
  db.rows(sql`
    select coalesce(target_table, action) as name, count(*) as n from wavegate.legacy_import_commit_logs
     where run_id = ${uuid(run)} and wave >= ${toWave} and rolled_back_at is null group by 1 order by 1`);

const takeBack = (frame: Frame, options: Options): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runNamed(aws.db, options.run);
    requirePeople(run, "A rollback");
    await requireWave(aws.db, run, options.wave ?? 1);
    if (
      options.yes !== true &&
      (await agreed(frame, await stands(aws.db, run, options), question)) === false
    )
      return {
        exit: 1,
        json: { run: run.reference, rolledBack: false },
        text: ["Nothing was changed."],
      };
    const toWave = options.wave ?? 1;
    const before = await toTakeBack(aws.db, run.id, toWave);
    const executionArn = await startAlone(aws, "rollback", run, "rollback", {
      run: run.id,
      ...(options.wave === undefined ? {} : { toWave: options.wave }),
    });
    const ending = await follow(aws, frame, executionArn, run.id);
    // Everything that could be taken back was; what was spared is listed below (D16).
    const spared = ending.kind === "failed" && ending.error === "RollbackConflicts";
    const left = spared ? 0 : await toTakeBack(aws.db, run.id, toWave);
    const output = (
      spared ? null : succeeded(ending, failedBehind(run, { before, left }))
    ) as RollbackOutput;
    const nothing = output?.rollback?.answer.outcome === "nothing_to_do";
    const conflicts = await sparedOf(aws.db, run.id, options.wave ?? 1);
    const all = await countSpared(aws.db, run.id, options.wave ?? 1);
    const states = await distributionOf(aws.db, run, "import_state");
    const otherThanPreviewed = nothing ? [] : await differing(aws, run, options.wave ?? 1);
    return {
      exit: conflicts.length > 0 ? 1 : 0,
      json: { run: run.reference, conflicts, otherThanPreviewed, import_state: states, output },
      text: [
        `Run ${run.reference}`,
        ...showDistribution("state", states),
        "",
        ...otherThanPreviewed.map(
          ({ wave, was, is }) =>
            `${is.refused === undefined ? "The platform changed since the preview" : `The platform refused what a look cannot tell (${named(is.refused)})`}: of wave ${wave} the preview said ${was.undone} taken back and ${was.spared} spared, and ${is.undone} ${is.undone === 1 ? "was" : "were"} taken back and ${is.spared} spared.`,
        ),
        ...(conflicts.length === 0
          ? [
              nothing
                ? "There was nothing to take back."
                : `Everything asked for is rolled back; ${asBefore(run)}.`,
            ]
          : [
              `${several(all, "row", "rows")} ${all === 1 ? "was" : "were"} spared, as somebody changed ${all === 1 ? "it or refers to it" : "them or refers to them"} since, or the platform refuses it:`,
              "",
              ...table(
                ["wave", "row", "since then"],
                conflicts.map(({ wave, target_table, target_id, conflict }) => [
                  String(wave),
                  `${target_table} ${target_id}`,
                  conflictSays(conflict),
                ]),
              ),
              ...(conflicts.length < all ? [`… and ${count(all - conflicts.length)} more.`] : []),
            ]),
        ...(nothing ? [] : besideSays(run)),
      ],
    };
  });
