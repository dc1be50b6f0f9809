import { identifier, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Migration, Reference } from "../define/definition.ts";
import { stagedTable } from "./rows.ts";
import { type Column, importedColumns } from "./staging.ts";

/** A JSON text that is already encoded, as jsonb: rows are encoded once, on their way in. */
const jsonText = (encoded: string): Sql => sql`${encoded}::jsonb`;

const pick = ({ type }: Column, index: number): string => {
  if (type === "jsonb") return `e -> ${index}`;
  return type === "text" ? `e ->> ${index}` : `(e ->> ${index})::${type}`;
};

/**
 * Stages rows given as a JSON array of arrays in the order of {@link importedColumns}. A row that
 * is staged already stays as it is: an attempt that is sent twice writes once.
 */
export function insertStaged(migration: Migration, run: string, rows: string): Sql {
  const columns = importedColumns(migration);
  return sql`
  insert into ${raw(stagedTable(migration))} (run_id, ${raw(columns.map(({ name }) => identifier(name)).join(", "))})
  select ${uuid(run)}, ${raw(columns.map(pick).join(", "))}
    from jsonb_array_elements(${jsonText(rows)}) e
  on conflict (run_id, source_table, legacy_id) do nothing`;
}

/**
 * Stages what rows refer to, given as a JSON array of arrays: `[id, name]` for a reference by name,
 * `[id, code, parent]` for one by code. Mappings are suggested later.
 */
export function insertReference(reference: Reference, run: string, rows: string): Sql {
  const { staging } = reference;
  const table = raw(`wavegate.${identifier(staging.table)}`);
  const id = raw(identifier(staging.id));
  if (reference.kind === "by_name") {
    return sql`
  insert into ${table} (run_id, ${id}, ${raw(identifier(reference.staging.label))}, status)
  select ${uuid(run)}, (e ->> 0)::bigint, e ->> 1, 'unmapped' from jsonb_array_elements(${jsonText(rows)}) e
  on conflict do nothing`;
  }
  return sql`
  insert into ${table} (run_id, ${id}, ${raw(identifier(reference.staging.code))}, parent_id, session_type, status)
  select ${uuid(run)}, (e ->> 0)::bigint, e ->> 1, (e ->> 2)::bigint, 'unknown_session', 'needs_review'
    from jsonb_array_elements(${jsonText(rows)}) e
  on conflict do nothing`;
}

/** How many rows each source table has staged. */
export const countStaged = (migration: Migration, run: string): Sql => sql`
  select source_table, count(*) as rows from ${raw(stagedTable(migration))}
   where run_id = ${uuid(run)} group by 1 order by 1`;
