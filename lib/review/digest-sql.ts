import type { RowRange } from "../compile/rows.ts";
import { detailsTable, stagedTable } from "../compile/rows.ts";
import type { Database } from "../data/database.ts";
import { identifier, join, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";

/** The columns of the staging tables that are part of what was reviewed, sorted. */
export interface ReviewedColumns {
  readonly rows: readonly string[];
  readonly details: readonly string[];
  /** By mapping table. */
  readonly mappings: Readonly<Record<string, readonly string[]>>;
}

/** What commits write: it changes without anything reviewed having changed (D13). */
const writtenByCommits = ["import_state", "state_reason", "wave"];

/**
 * The reviewed columns, read from the catalogue: a column added later is reviewed unless it is
 * listed as a commit's, so that forgetting one errs on the safe side.
 */
export async function reviewedColumns(
  db: Database,
  migration: Migration,
): Promise<ReviewedColumns> {
  const { entity, references } = migration;
  const mappings = Object.values(references).map(({ staging }) => staging.table);
  const tables = [entity.staging.table, entity.staging.details, ...mappings];
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
  const columns = (table: string, without: readonly string[]) =>
    found
      .filter((each) => each.table_name === table && !without.includes(each.column_name))
      .map((each) => each.column_name);
  const links = [
    ...entity.match.against.map((target) => target.linkedAs),
    ...Object.values(entity.actions).map((action) => action.importedAs),
  ];
  return {
    rows: columns(entity.staging.table, [...writtenByCommits, ...links]),
    details: columns(entity.staging.details, []),
    // The same decision made again is no change; when it was made is in the audit log.
    mappings: Object.fromEntries(mappings.map((table) => [table, columns(table, ["decided_at"])])),
  };
}

/**
 * Columns as bytes, in PostgreSQL's binary form: each with its length, so that null, '' and shifted
 * values differ; no session setting shows in it; half the time of the text form.
 */
const bytes = (alias: string, columns: readonly string[]): string =>
  `record_send(row(${columns.map((column) => `${alias}.${identifier(column)}`).join(", ")}))`;

/**
 * SHA-256 over the SHA-256 of each row. Hashed first and sorted then (that is what `offset 0`
 * fences), as only 33 bytes of a row are worth sorting.
 */
const chained = (hashes: Sql): Sql => sql`
  select coalesce(encode(sha256(string_agg(hash, ''::bytea order by key)), 'hex'), '') as hash
    from (${hashes} offset 0) hashed`;

/** The hash of the staged rows of a range, with their details. */
export function digestOfRows(
  migration: Migration,
  columns: ReviewedColumns,
  { run, after, upTo }: RowRange,
): Sql {
  const row = `${bytes("s", columns.rows)} || ${bytes("d", columns.details)}`;
  // The range is said of both tables, so that neither is read whole.
  return chained(sql`
    select s.id as key, sha256(${raw(row)}) as hash
      from ${raw(stagedTable(migration))} s
      left join ${raw(detailsTable(migration))} d
        on d.student_import_id = s.id
       and d.student_import_id > ${after} and d.student_import_id <= ${upTo}
     where s.run_id = ${uuid(run)} and s.id > ${after} and s.id <= ${upTo}`);
}

/** The hash of the duplicate hints of a range of staged rows. */
export function digestOfHints({ run, after, upTo }: RowRange): Sql {
  const hint = bytes("h", ["staged_id", "level", "rule", "target_table", "target_id"]);
  return chained(sql`
    select row(staged_id, rule, target_table, target_id) as key, sha256(${raw(hint)}) as hash
      from wavegate.duplicate_hints h
     where run_id = ${uuid(run)} and staged_id > ${after} and staged_id <= ${upTo}`);
}

/** The hash of one mapping table of a run, whose legacy ids are in the column `id`. */
export function digestOfMappings(
  table: string,
  id: string,
  columns: ReviewedColumns,
  run: string,
): Sql {
  return chained(sql`
    select m.${raw(identifier(id))} as key,
           sha256(${raw(bytes("m", columns.mappings[table] ?? []))}) as hash
      from wavegate.${raw(identifier(table))} m
     where m.run_id = ${uuid(run)}`);
}
