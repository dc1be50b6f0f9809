import { idType } from "../compile/keys.ts";
import { ofReference } from "../compile/pin/used-columns.ts";
import { carryMappings } from "../compile/references/carry-mappings.ts";
import { insertReference } from "../compile/staging/import.ts";
import type { Database } from "../data/database.ts";
import { countedAs } from "../data/run-counts.ts";
import { lockRun, type Run } from "../data/runs.ts";
import { requireSame, serverOf } from "../data/same-server.ts";
import { json, sql, text, uuid } from "../data/sql.ts";
import type { Migration, Reference, SourceTable } from "../define/definition.ts";
import type { SourceKey } from "../define/keys.ts";
import { readTables } from "../define/made.ts";
import { partsOf, sharedOf, type WholeMigration } from "../define/several.ts";
import { normalizeKey } from "../normalize/key.ts";
import { cleanText } from "../normalize/text.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { count as countOf, several } from "../services/words.ts";
import { SourceChanged } from "../sources/errors.ts";
import { openLegacy } from "../sources/legacy.ts";
import type { KeyRange, LegacyRow, Source } from "../sources/source.ts";
import { renewed } from "./import/all-read.ts";
import {
  glimpsesOfRanges,
  glimpsesOfReferences,
  isGuarded,
  keepSeen,
  look,
  type Seen,
} from "./import/glimpses.ts";
import { writeKey } from "./import/range-keys.ts";
import { keyOfReference, readReference } from "./import/read-reference.ts";
import { readingOfRun } from "./import/reading-of-run.ts";
import { missingOf } from "./preflight/source-checks.ts";
import { openAfter, requireReached } from "./run/opened-run.ts";
import { noteProgress } from "./run/ranges.ts";
import { batchSize } from "./run/settings.ts";
import { suggestMappings } from "./run/suggest-mappings.ts";

/** Rows of a range: small enough that a range is read and written well within a function's time. */
const leastRowsPerRange = 25_000;
/**
 * Ranges of an import, tables' rests aside: with every retry an iteration of the inline Map is sixty events, of the
 * 25,000 that an execution may have, and the errors of all ranges together have to stay below 256 KiB.
 */
const mostRanges = 100;
const rowsPerPage = 2_000;
/** Of what rows refer to: at three bytes a letter well below the Data API's 4 MiB. */
const lettersPerRequest = 300_000;

/** Key ranges that are still to be imported, and how many of them at once. */
interface ImportPlan {
  readonly run: string;
  readonly atOnce: number;
  readonly ranges: readonly { readonly range: number }[];
}

/**
 * Plans the import of a run once: stages what rows refer to, and cuts the tables into key ranges.
 * Planned again it gives the ranges that are not done yet, so an import that was cut off goes on.
 */
export async function planImport(services: Services, id: string): Promise<ImportPlan> {
  const { run, migration } = await openAfter(services, id, "preflight");
  const db = services.stage;
  if (!(await isPlanned(db, run.id))) {
    await using source = await openLegacy(
      readingOfRun(services, run),
      run.connection_name,
      migration.source,
    );
    const guarded = isGuarded(source, run);
    const server = await serverOf(db);
    // Before it is read: what changes since is noticed when the import ends.
    const seen = guarded ? [] : await look(source, run.id, glimpsesOfReferences(migration));
    await stageReferences(services, sharedOf(migration), run, source);
    await cutRanges(services, migration, run, source, guarded ? undefined : seen, server);
  }
  // From here the time left is reckoned, also of an import that goes on (W11).
  await noteProgress(db, run.id, "import", 0);
  const open = await db.rows<{ range: number }>(sql`
    select n as range from wavegate.import_ranges
     where run_id = ${uuid(run.id)} and done_at is null order by n`);
  return { run: run.id, atOnce: services.settings.importAtOnce, ranges: open };
}

const isPlanned = async (db: Database, run: string): Promise<boolean> =>
  (await db.rows(sql`select n from wavegate.import_ranges where run_id = ${uuid(run)} limit 1`))
    .length > 0;

async function stageReferences(
  { stage }: Services,
  migration: Migration,
  { id: run, reference: called, counts }: Run,
  source: Source,
): Promise<void> {
  for (const reference of Object.values(migration.references)) {
    const read = await stageReference(stage, migration, reference, run, source);
    // What refers to a thing that is not there is judged otherwise: a table that is being loaded has none of them yet.
    const counted = counts[countedAs(reference.from)] ?? 0;
    if (counted - read > counted * renewed) {
      throw new SourceChanged(
        `The source changed while it was read: preflight counted ${several(counted, "row")} of ${reference.from}, and ${countOf(read)} ${read === 1 ? "was" : "were"} read: the others were taken away, or are being loaded anew. ` +
          `Nothing was judged or committed. Once nobody writes it, \`wavegate import --run ${called}\` reads it again; if they are gone for good, start a new run.`,
      );
    }
  }
  await whileImporting(stage, run, async (transaction) => {
    const suggest = () => suggestMappings(transaction, migration, { id: run, counts });
    await suggest();
    let all = 0;
    for (const statement of carryMappings(migration, run))
      all += (await transaction.one<{ carried: number }>(statement)).carried;
    // What goes by code is suggested by what it belongs to, which may be carried: it is looked at again.
    if (all > 0) await suggest();
  });
}

/** Stages what rows refer to by one reference, each set while the next one is read: how many were read. */
async function stageReference(
  stage: Database,
  migration: Migration,
  reference: Reference,
  run: string,
  source: Source,
): Promise<number> {
  const everything = { table: reference.from, after: null, upTo: null };
  const toRow = referenceRows(migration, reference);
  let read = 0;
  let rows: string[] = [];
  let letters = 0;
  let underWay: Promise<unknown> = Promise.resolve();
  const send = async () => {
    await underWay;
    const insert = insertReference(migration, reference, run, `[${rows.join(",")}]`);
    underWay = whileImporting(stage, run, (transaction) => transaction.execute(insert));
    underWay.catch(() => {});
    [rows, letters] = [[], 0];
  };
  try {
    for await (const page of source.read(
      reference.from,
      keyOfReference(migration, reference),
      ofReference(reference),
      everything,
      rowsPerPage,
    )) {
      read += page.length;
      for (const row of page) {
        const made = toRow(row);
        if (made === null) continue;
        const text = JSON.stringify(made);
        letters += text.length;
        rows.push(text);
        if (letters >= lettersPerRequest) await send();
      }
    }
    if (rows.length > 0) await send();
    await underWay;
  } finally {
    // Whatever ended this, nothing is written behind it.
    await underWay.catch(() => {});
  }
  return read;
}

/** Letters of what a thing is called, beside those of a request: of what is longer the beginning is staged. */
const longestCalled = 200_000;

/** What a thing is called, as it is staged: of what is too long its beginning, which equals no name. */
function calledIn(name: string): string {
  const { text } = cleanText(name);
  return text.length <= longestCalled ? text : `${text.slice(0, longestCalled).toWellFormed()}…`;
}

/** What references are is not suggested again, nor added to, by a delivery that is late: it is judged by then. */
const whileImporting = (
  db: Database,
  run: string,
  work: (transaction: Database) => Promise<unknown>,
): Promise<void> =>
  db.transaction(async (transaction) => {
    await lockRun(transaction, run);
    const { stage } = await requireReached(transaction, run, "preflight");
    if (stage === "preflight") await work(transaction);
  });

/**
 * Makes the rows that mappings are staged from: the id to the letter, the name as cleaned text, the parent,
 * or that it cannot be read. What has no id nobody can refer to. Of two things with one id nobody can tell
 * which is meant (`ReferenceRepeated`); ids come in order.
 */
function referenceRows(migration: Migration, reference: Reference) {
  const integer = idType(migration, reference) === "bigint";
  let before: string | null = null;
  return ([id = null, name = null, ...parents]: LegacyRow): unknown[] | null => {
    const key = integer ? id : normalizeKey(id).id;
    if (key === null) return null;
    if (!integer && key === before) {
      throw new Refusal(
        "ReferenceRepeated",
        `Two rows of ${reference.from} have the same “${reference.id}”, so what refers to it may mean either. Nothing was staged. Correct them in a copy of the source, or name another column in the definition.`,
      );
    }
    before = key;
    const row = [key, name === null ? null : calledIn(name)];
    if (reference.kind === "by_name" || reference.parent === undefined) return row;
    const parent = readReference(migration, reference.parent.reference)(parents[0] ?? null);
    return [...row, parent.id, parent.reason === "unreadable"];
  };
}

async function cutRanges(
  { stage }: Services,
  migration: WholeMigration,
  { id: run, reference, counts, trial, settings }: Run,
  source: Source,
  seen: readonly Seen[] | undefined,
  server: string,
): Promise<void> {
  const ranges: KeyRange[] = [];
  const rows = counts.source_rows ?? 0;
  for (const table of new Set(partsOf(migration).flatMap(({ entity }) => entity.from))) {
    const { key, made } = migration.source[table] as SourceTable;
    if (made !== undefined) continue;
    ranges.push(
      ...(trial === null || "whole" in trial
        ? await source.ranges(table, key, rowsOfRange(rows, settings[batchSize]))
        : await slice(
            source,
            table,
            key,
            Math.ceil((trial.rows * (counts[countedAs(table)] ?? 0)) / rows),
          )),
    );
  }
  const facts = await source.inspect(readTables(migration.source));
  const gone = missingOf(migration, facts);
  if (gone.length > 0)
    throw new SourceChanged(
      `The source changed since preflight: it has no ${gone.join(", no ")} any more. ` +
        `No row was staged. Put it back, and \`wavegate import --run ${reference}\` goes on; or name what is there in the definition, and start a new run.`,
    );
  const bounded = withoutLongBounds(ranges).map((range, index) => ({ ...range, n: index + 1 }));
  const glimpsed =
    seen === undefined
      ? []
      : [
          ...seen,
          ...(await look(source, run, glimpsesOfRanges(migration, { id: run, counts }, bounded))),
        ];
  // All or none: half a plan would look like a whole one to the next attempt.
  await stage.transaction(async (transaction) => {
    await lockRun(transaction, run);
    // Another delivery planned it meanwhile, of a source that may have been another: its plan counts, whole.
    if (await isPlanned(transaction, run)) return;
    await requireReached(transaction, run, "preflight");
    requireSame(await serverOf(transaction), server);
    for (const [table, { columns: declared }] of Object.entries(readTables(migration.source))) {
      // Preflight let pass what nothing uses.
      const missing = facts.find((each) => each.table === table)?.missingColumns ?? [];
      const columns = declared.filter((column) => !missing.includes(column));
      await transaction.execute(sql`
        insert into wavegate.source_columns (run_id, source_table, columns)
        values (${uuid(run)}, ${table}, array(select jsonb_array_elements_text(${json(columns)})))
        on conflict do nothing`);
    }
    await keepSeen(transaction, run, glimpsed);
    for (const { n, table, after, upTo } of bounded) {
      await transaction.execute(sql`
        insert into wavegate.import_ranges (run_id, n, source_table, after_key, up_to_key)
        values (${uuid(run)}, ${n}, ${table}, ${text(writeKey(after))}, ${text(writeKey(upTo))})
        on conflict do nothing`);
    }
  });
}

/** Characters of a key by which a range may end: an answer of the database takes two of them in a row. */
const longestBound = 4_000;

/** The same ranges, of which none ends by a key that is too long to be read again: it goes on to the end of the next one. */
function withoutLongBounds(ranges: readonly KeyRange[]): readonly KeyRange[] {
  const bounded: KeyRange[] = [];
  for (const range of ranges) {
    const before = bounded.at(-1);
    const goesOn = before?.upTo === null && range.table === before.table;
    const upTo = (range.upTo ?? "").length > longestBound ? null : range.upTo;
    if (goesOn) bounded[bounded.length - 1] = { ...before, upTo };
    else bounded.push({ ...range, upTo });
  }
  return bounded;
}

/** Blocks of a slice. */
const blocks = 5;

/**
 * Ranges of about so many rows, in blocks from a table's beginning to its end: what people typed changed over
 * the years.
 */
async function slice(
  source: Source,
  table: string,
  key: SourceKey,
  rows: number,
): Promise<KeyRange[]> {
  if (!(rows > 0)) return [];
  const all = await source.ranges(table, key, Math.ceil(rows / blocks));
  if (all.length <= blocks) return all;
  const at = (n: number) => all[Math.round((n * (all.length - 1)) / (blocks - 1))] as KeyRange;
  return Array.from({ length: blocks }, (_, n) => at(n));
}

/** Rows of each range of a source with this many rows. */
export const rowsOfRange = (sourceRows: number, said?: string): number =>
  Math.max(
    said === undefined ? leastRowsPerRange : Number(said),
    Math.ceil(sourceRows / mostRanges),
  );
