import { insertReference } from "../compile/import.ts";
import { suggestMappings } from "../compile/mappings.ts";
import { ofReference } from "../compile/used-columns.ts";
import type { Run } from "../data/runs.ts";
import { bigint, json, sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { normalizeReference } from "../normalize/reference.ts";
import { cleanText } from "../normalize/text.ts";
import type { Services } from "../services/services.ts";
import type { KeyRange, LegacyRow, Source } from "../sources/source.ts";
import { openAfter } from "./opened-run.ts";
import { noteProgress } from "./ranges.ts";

/** Rows of a range: small enough that a range is read and written well within a function's time. */
const leastRowsPerRange = 25_000;
/**
 * Ranges of an import, tables' rests aside: with every retry an iteration of the inline Map is some 40
 * events, of the 25,000 that an execution may have, and the errors of all ranges together have to stay
 * below 256 KiB.
 */
const mostRanges = 100;
const rowsPerPage = 2_000;

/** Key ranges that are still to be imported, and how many of them at once. */
export interface ImportPlan {
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
  const planned = await db.rows<{ n: number }>(
    sql`select n from wavegate.import_ranges where run_id = ${uuid(run.id)} limit 1`,
  );
  if (planned.length === 0) {
    await using source = closing(await services.openSource(run.connection_name));
    await stageReferences(services, migration, run.id, source);
    await cutRanges(services, migration, run, source);
  }
  // From here the time left is reckoned, also of an import that goes on (W11).
  await noteProgress(db, run.id, "import", 0);
  const open = await db.rows<{ range: number }>(sql`
    select n as range from wavegate.import_ranges
     where run_id = ${uuid(run.id)} and done_at is null order by n`);
  return { run: run.id, atOnce: services.settings.importAtOnce, ranges: open };
}

/** Lets `await using` close a source whatever happens. */
export const closing = (source: Source): Source & AsyncDisposable =>
  Object.assign(source, { [Symbol.asyncDispose]: () => source.close() });

async function stageReferences(
  { stage }: Services,
  migration: Migration,
  run: string,
  source: Source,
): Promise<void> {
  for (const reference of Object.values(migration.references)) {
    const columns = ofReference(reference);
    const everything = { table: reference.from, after: null, upTo: null };
    for await (const page of source.read(
      reference.from,
      reference.id,
      columns,
      everything,
      rowsPerPage,
    )) {
      const rows = page.map(referenceRow);
      await stage.execute(insertReference(reference, run, JSON.stringify(rows)));
    }
  }
  for (const statement of suggestMappings(migration, run)) await stage.execute(statement);
}

/** The id, which the source vouches for; the name as cleaned text; the parent, or that it cannot be read. */
function referenceRow([id = null, name = null, ...parents]: LegacyRow): unknown[] {
  const row = [id, name === null ? null : cleanText(name).text];
  if (parents.length === 0) return row;
  const parent = normalizeReference(parents[0] ?? null);
  return [...row, parent.id, parent.reason === "unreadable"];
}

async function cutRanges(
  { stage }: Services,
  migration: Migration,
  { id: run, counts }: Run,
  source: Source,
): Promise<void> {
  const ranges: KeyRange[] = [];
  const rowsPerRange = rowsOfRange(counts.source_rows ?? 0);
  for (const table of migration.entity.from) {
    const { key } = migration.source[table] as { key: string };
    ranges.push(...(await source.ranges(table, key, rowsPerRange)));
  }
  const facts = await source.inspect(migration.source);
  // All or none: half a plan would look like a whole one to the next attempt.
  await stage.transaction(async (transaction) => {
    for (const [table, { columns: declared }] of Object.entries(migration.source)) {
      // Preflight let pass what nothing uses.
      const missing = facts.find((each) => each.table === table)?.missingColumns ?? [];
      const columns = declared.filter((column) => !missing.includes(column));
      await transaction.execute(sql`
        insert into wavegate.source_columns (run_id, source_table, columns)
        values (${uuid(run)}, ${table}, array(select jsonb_array_elements_text(${json(columns)})))
        on conflict do nothing`);
    }
    for (const [index, { table, after, upTo }] of ranges.entries()) {
      await transaction.execute(sql`
        insert into wavegate.import_ranges (run_id, n, source_table, after_key, up_to_key)
        values (${uuid(run)}, ${index + 1}, ${table}, ${bigint(key(after))}, ${bigint(key(upTo))})
        on conflict do nothing`);
    }
  });
}

/** Rows of each range of a source with this many rows. */
export const rowsOfRange = (sourceRows: number): number =>
  Math.max(leastRowsPerRange, Math.ceil(sourceRows / mostRanges));

const key = (value: string | null): bigint | null => (value === null ? null : BigInt(value));
