import { asTheyStand, importedColumns } from "../../compile/columns.ts";
import { personalElsewhere } from "../../compile/personal-keys.ts";
import { withColumns } from "../../compile/pin/used-columns.ts";
import { insertStaged } from "../../compile/staging/import.ts";
import { oneRecord } from "../../data/records.ts";
import { RowSet, signsBeside } from "../../data/row-set.ts";
import { findRun, type Run, requirePeople } from "../../data/runs.ts";
import { requireSame, serverOf, thisServer } from "../../data/same-server.ts";
import { sql, uuid } from "../../data/sql.ts";
import { writtenText } from "../../data/written-texts.ts";
import type { Migration, SourceTable } from "../../define/definition.ts";
import type { MadeFinding } from "../../define/findings.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import type { KeyRange, LegacyRow } from "../../sources/source.ts";
import type { FactsOf } from "../files/file-field.ts";
import { filesReader } from "../files/row-files.ts";
import { onceOrAgain } from "../run/once-or-again.ts";
import { openAfter } from "../run/opened-run.ts";
import { rowImporter, type StagedValues } from "./import-row.ts";
import type { RowToStage } from "./made-pages.ts";
import { readKey } from "./range-keys.ts";
import { noteKey, stagedKeys } from "./staged-keys.ts";

/** Encoded bytes of one request: below the Data API's 4 MiB and where PostgreSQL parses fastest. */
const bytesPerRequest = 500_000;
/** Requests under way at once: hides the latency of each. */
const requestsAtOnce = 2;

interface RangeRow {
  readonly n: number;
  readonly source_table: string;
  readonly after_key: string | null;
  readonly up_to_key: string | null;
  readonly done_at: string | null;
  /** The server that answered. */
  readonly server: string;
}

/** What importing a range did: rows read, and rows that were not staged before. */
export interface ImportedRange {
  readonly range: number;
  readonly rowsRead: number;
  readonly rowsStaged: number;
}

/** The rows of a range of a table. */
type PagesOf = (
  run: Run,
  table: SourceTable,
  keys: KeyRange,
) => AsyncIterable<readonly RowToStage[]>;

/**
 * Stages one key range: rows pass through here exactly once, are cleaned and normalised, and are
 * staged in record sets. A range delivered twice is staged once.
 */
export async function stageRange(
  services: Services,
  id: string,
  n: number,
  pagesOf: PagesOf,
): Promise<ImportedRange> {
  const { run, parts } = await openAfter(services, id, "preflight");
  const [range] = await services.stage.rows<RangeRow>(sql`
    select n, source_table, after_key::text, up_to_key::text, done_at, ${thisServer} as server
      from wavegate.import_ranges where run_id = ${uuid(run.id)} and n = ${n}`);
  if (!range)
    throw new Refusal(
      "UnknownRange",
      `Run ${run.reference} has no import range ${n}. Nothing was written.`,
    );
  if (range.done_at !== null) return { range: n, rowsRead: 0, rowsStaged: 0 };

  const columns = await columnsRead(services, run.id);
  const kinds = parts
    .filter(({ entity }) => entity.from.includes(range.source_table))
    .map((part) => withColumns(part, columns));
  const table = kinds[0]?.source[range.source_table];
  if (!table) throw new Error(`No entity of ${run.migration} is read from ${range.source_table}.`);
  const keys: KeyRange = {
    table: range.source_table,
    after: readKey(range.after_key),
    upTo: readKey(range.up_to_key),
  };
  const stagers = kinds.map((kind) => stagerOf(services, parts, kind, run, range.source_table));
  const factsOf = filesReader(services, run, kinds, table);
  let rowsRead = 0;
  for await (const page of pagesOf(run, table, keys)) {
    const facts = await factsOf(page.map(({ values }) => values));
    for (const { values, noted } of page) {
      for (const stager of stagers) {
        // Rows that only join a set are not waited for: a row costs less than a turn of the event loop.
        if (stager.add(values, facts, noted)) await stager.send();
      }
    }
    // Of a row that several kinds of things are made of, each has to have its own.
    rowsRead += page.length * stagers.length;
  }
  let rowsStaged = 0;
  for (const stager of stagers) rowsStaged += await stager.finish();
  // Erased meanwhile, nothing of it was staged.
  requirePeople(await findRun(services.stage, run.id), "An import");
  const done = await services.stage.execute(sql`
    update wavegate.import_ranges
       set done_at = clock_timestamp(), rows_read = ${rowsRead}, rows_staged = ${rowsStaged}
     where run_id = ${uuid(run.id)} and n = ${n} and done_at is null and ${thisServer} = ${range.server}`);
  // Or another delivery was faster.
  if (done === 0) requireSame(await serverOf(services.stage), range.server);
  await noteImported(services, run);
  return { range: n, rowsRead, rowsStaged };
}

/** Makes rows of one table, as they are read, into staged rows of one kind of things. */
function stagerOf(
  services: Pick<Services, "stage">,
  parts: readonly Migration[],
  migration: Migration,
  run: Run,
  table: string,
) {
  const toValues = rowImporter(migration, table, run.created_at.slice(0, 10));
  const writer = stagingWriter(services, migration, run.id, table);
  const elsewhere = personalElsewhere(parts, migration, table) === "digest";
  const named = stagedKeys(migration, table, elsewhere);
  const columns = migration.source[table]?.columns ?? [];
  const standing = asTheyStand(importedColumns(migration)).map(({ from }) => columns.indexOf(from));
  /** A row as {@link insertStaged} takes it. */
  const whole = (values: StagedValues): StagedValues => {
    for (const index of standing) values.push(values[0][index] ?? null);
    return values;
  };
  return {
    /** Takes a row; answers whether there are enough to send. */
    add: (row: LegacyRow, facts: FactsOf, noted?: MadeFinding): boolean => {
      const values = toValues(row, facts);
      if (noted !== undefined) noteKey(values, noted);
      const ready = named.next(row, values);
      return ready !== undefined && writer.add(whole(ready));
    },
    send: writer.send,
    finish: (): Promise<number> => {
      const last = named.end();
      if (last !== undefined) writer.add(whole(last));
      return writer.finish();
    },
  };
}

/** The columns that the run reads of each table, as its plan found them. */
export async function columnsRead(
  { stage }: Pick<Services, "stage">,
  run: string,
): Promise<Record<string, string[]>> {
  const { columns } = await oneRecord<{ columns: Record<string, string[]> }>(
    stage,
    sql`
    select coalesce(jsonb_object_agg(source_table, to_jsonb(columns)), '{}') as columns
      from wavegate.source_columns where run_id = ${uuid(run)}`,
  );
  return columns;
}

/** Gathers encoded rows into requests of bounded size, and keeps a few of them under way. */
function stagingWriter(
  { stage }: Pick<Services, "stage">,
  migration: Migration,
  run: string,
  table: string,
) {
  let rows = new RowSet();
  /** Before it, sets in whose rows other signs stand between the cells. */
  let before: RowSet[] = [];
  let staged = 0;
  const underWay = new Set<Promise<void>>();
  let failed: { error: unknown } | undefined;

  const request = async (set: RowSet): Promise<void> => {
    if (set.size === 0) return;
    const batch = { run, table, signs: set.signs, rows: writtenText(set.end()) };
    while (underWay.size >= requestsAtOnce) await Promise.race(underWay);
    if (failed) throw failed.error;
    const sent = onceOrAgain((repeated) =>
      stage.execute(insertStaged(migration, { ...batch, repeated })),
    ).then(
      (count) => {
        staged += count;
        underWay.delete(sent);
      },
      (error) => {
        failed ??= { error };
        underWay.delete(sent);
      },
    );
    underWay.add(sent);
  };
  const send = async (): Promise<void> => {
    const sets = [...before, rows];
    before = [];
    rows = new RowSet(rows.signs);
    for (const set of sets) await request(set);
  };

  return {
    add: (row: StagedValues): boolean => {
      if (rows.add(row)) return rows.size >= bytesPerRequest;
      before.push(rows);
      rows = new RowSet(signsBeside(row));
      rows.add(row);
      return true;
    },
    send,
    finish: async (): Promise<number> => {
      await send();
      await Promise.all(underWay);
      if (failed) throw failed.error;
      return staged;
    },
  };
}

/** Rows imported so far, of the rows the source said it has (W11). */
async function noteImported(
  { stage }: Pick<Services, "stage">,
  { id: run, counts, trial }: Run,
): Promise<void> {
  const rows = counts.source_rows ?? 0;
  const total = trial === null || "whole" in trial ? rows : Math.min(rows, trial.rows);
  await stage.execute(sql`
    insert into wavegate.progress (run_id, stage, done, total, started_at, updated_at)
    select ${uuid(run)}, 'import', coalesce(sum(rows_read), 0), greatest(${total}, coalesce(sum(rows_read), 0)), clock_timestamp(), clock_timestamp()
      from wavegate.import_ranges where run_id = ${uuid(run)} and done_at is not null
    on conflict (run_id, stage) do update
      set done = excluded.done, total = excluded.total, updated_at = excluded.updated_at`);
}
