import { createHash } from "node:crypto";
import { linkColumns } from "../../compile/columns.ts";
import type { RowRange } from "../../compile/rows.ts";
import { decisionsTable, sourceTable, within } from "../../compile/rows.ts";
import { type Database, longestStatement } from "../../data/database.ts";
import { identifier, join, literals, raw, render, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";

/** The columns of the staging tables that are part of what was reviewed, sorted. */
export interface ReviewedColumns {
  /** By the view of the staged rows that they belong to. */
  readonly source: Readonly<Record<string, readonly string[]>>;
  readonly decisions: Readonly<Record<string, readonly string[]>>;
}

/** What commits write: it changes without anything reviewed having changed (D13). */
export const writtenByCommits = ["import_state", "state_reason", "state_detail", "wave"];

/**
 * The reviewed columns, read from the catalogue: a column added later is reviewed unless it is
 * listed as a commit's, so that forgetting one errs on the safe side.
 */
export async function reviewedColumns(
  db: Database,
  migration: WholeMigration,
): Promise<ReviewedColumns> {
  const parts = partsOf(migration);
  const stagings = parts.map(({ entity }) => entity.staging.table);
  const columns = await columnsOf(
    db,
    stagings.flatMap((staging) => [`${staging}_source`, `${staging}_decisions`]),
  );
  return {
    source: Object.fromEntries(
      stagings.map((staging) => [staging, columns(`${staging}_source`, [])]),
    ),
    decisions: Object.fromEntries(
      parts.map((part) => {
        const staging = part.entity.staging.table;
        const without = [...writtenByCommits, ...linkColumns(part)];
        return [staging, columns(`${staging}_decisions`, without)];
      }),
    ),
  };
}

/** The columns of tables in the schema `wavegate`, sorted. */
export async function columnsOf(db: Database, tables: readonly string[]) {
  const found = await db.rows<{ table_name: string; column_name: string }>(sql`
    select c.relname as table_name, a.attname as column_name
      from pg_attribute a
      join pg_class c on c.oid = a.attrelid
      join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'wavegate' and a.attnum > 0 and not a.attisdropped
       and c.relname in (${join(
         tables.map((table) => sql`${table}`),
         ", ",
       )})
     order by c.relname, a.attname`);
  return (table: string, without: readonly string[]) =>
    found
      .filter((each) => each.table_name === table && !without.includes(each.column_name))
      .map((each) => each.column_name);
}

/**
 * Columns as bytes, in PostgreSQL's binary form: each with its length, so that null, '' and shifted
 * values differ; no session setting shows in it; half the time of the text form.
 */
export const bytes = (alias: string, columns: readonly string[]): string =>
  `record_send(row(${columns.map((column) => `${alias}.${identifier(column)}`).join(", ")}))`;

/**
 * SHA-256 over the SHA-256 of each row. Hashed first and sorted then (that is what `offset 0`
 * fences), as only 33 bytes of a row are worth sorting; by the hashes themselves, in which the row's
 * key is, as one short value is sorted several times as fast as a key of several columns.
 */
const chained = (hashes: Sql): Sql => sql`
  select coalesce(encode(sha256(string_agg(hash, ''::bytea)), 'hex'), '') as hash
    from (select hash from (${hashes} offset 0) hashed order by hash) sorted`;

/** The hashes of a range of staged rows: what the source holds, what was decided, and the hints. */
export const digestsOfRows = (
  migration: Migration,
  columns: ReviewedColumns,
  range: RowRange,
): readonly Sql[] => [
  chained(sql`
    select sha256(${raw(bytes("s", columns.source[migration.entity.staging.table] ?? []))}) as hash
      from ${raw(sourceTable(migration))} s where ${within(range, "s", "id")}`),
  chained(sql`
    select sha256(${raw(bytes("d", columns.decisions[migration.entity.staging.table] ?? []))}) as hash
      from ${raw(decisionsTable(migration))} d where ${within(range, "d", "staged_id")}`),
  hints(range, "duplicate_hints", ["level", "rule", "target_table", "target_id", "hits"]),
  hints(range, "source_hints", ["level", "rule", "first_id", "hits", "later"]),
  // What of the platform a row would change, as it was and as it would be (B2).
  ...(migration.entity.is === undefined ? [] : [hints(range, "rows_there", columnsThere)]),
];

/** What is reviewed of a row that the platform has, beside whose it is. */
export const columnsThere = [
  "there_is",
  "target_table",
  "target_key",
  "before",
  "after",
  "unfit",
  "seen",
];

/** No range of any run. */
const nowhere: RowRange = { run: "00000000-0000-0000-0000-000000000000", after: 0, upTo: 0 };

/**
 * What says whether rows that did not change have the same digest still, as a column of a statement that reads more: the
 * statements that read them, the columns that are left out, and the columns that there are, with their types.
 */
export function readingOfRows(whole: WholeMigration): Sql {
  const kinds = partsOf(whole);
  const says = kinds.map((kind) => [
    digestsOfRows(kind, { source: {}, decisions: {} }, nowhere).map((each) => render(each).sql),
    [...writtenByCommits, ...linkColumns(kind)].toSorted(),
  ]);
  const by = createHash("sha256").update(JSON.stringify(says)).digest("hex").slice(0, 16);
  const tables = kinds.flatMap((kind) => [sourceTable(kind), decisionsTable(kind)]);
  const all = [...tables, ...hintTables.map((table) => `wavegate.${table}`)];
  return sql`(
    select ${by} || ' ' || md5(string_agg(t.name || ' ' || quote_ident(a.attname) || ' ' || a.atttypid, ', ' order by t.name, a.attname))
      from unnest(array[${raw(literals(all))}]) t(name)
      join pg_attribute a on a.attrelid = to_regclass(t.name) and a.attnum > 0 and not a.attisdropped)`;
}

const hintTables = ["duplicate_hints", "source_hints", "rows_there"];

const hints = (range: RowRange, table: string, columns: readonly string[]): Sql =>
  chained(sql`
    select sha256(${raw(bytes("h", ["staged_id", ...columns]))}) as hash
      from wavegate.${raw(table)} h where ${within(range, "h", "staged_id")}`);

/**
 * The hash that each of some statements gives, all of one moment and in one request, where the Data API takes a
 * statement of that length.
 */
export async function hashesOf(
  db: Database,
  statements: readonly Sql[],
  longest = longestStatement,
): Promise<readonly string[]> {
  if (statements.length === 0) return [];
  const each = statements.map((statement, at) => sql`(${statement}) as ${raw(`hash_${at}`)}`);
  const together = sql`select ${join(each, ", ")}`;
  if (render(together).sql.length <= longest)
    return Object.values(await db.one<Record<string, string>>(together));
  const hashes: string[] = [];
  for (const statement of statements) hashes.push((await db.one<{ hash: string }>(statement)).hash);
  return hashes;
}

/**
 * The hash of what the platform calls what a run's references are mapped to, as its newest dry run saw it; empty of a run
 * whose dry run noted none.
 */
export const digestOfCalled = (run: string): Sql =>
  chained(sql`
    select sha256(${raw(bytes("c", ["reference", "target_id", "called"]))}) as hash
      from wavegate.called_things c where c.run_id = ${uuid(run)}`);

/**
 * Statements that hash each mapping table of a run, in the order of their names.
 *
 * @param without columns that do not count: the same decision made again is no change to what is reviewed; when it was
 * made is in the audit log
 */
export async function digestsOfMappings(
  db: Database,
  mappings: readonly string[],
  run: string,
  without: readonly string[] = ["decided_at"],
): Promise<readonly (readonly [table: string, hash: Sql])[]> {
  if (mappings.length === 0) return [];
  const columns = await columnsOf(db, mappings);
  return mappings.toSorted().map((table) => [
    table,
    chained(sql`
    select sha256(${raw(bytes("m", columns(table, without)))}) as hash
      from wavegate.${raw(identifier(table))} m
     where m.run_id = ${uuid(run)}`),
  ]);
}
