import { identifier, literals, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Migration, Reference, SourceTable } from "../define/definition.ts";
import { type AliasOf, referenceLookUps, sessionType } from "./condition.ts";
import { fieldOf, stagedTable } from "./rows.ts";
import { type Column, importedColumns } from "./staging.ts";
import { classification, firedRules, importAction, planLine, planned, verdict } from "./verdict.ts";

/** A JSON text that is already encoded, as jsonb: rows are encoded once, on their way in. */
const jsonText = (encoded: string): Sql => sql`${encoded}::jsonb`;

/** Source rows on their way to staging: which run, which table, and whether some may be there already. */
export interface Batch {
  readonly run: string;
  readonly table: string;
  /**
   * JSON array of arrays: the table's columns in order, then the values of those
   * {@link importedColumns} that are not a source column as it stands.
   */
  readonly rows: string;
  /** Leaves rows that are staged already as they are. Without it such a row is an error (23505). */
  readonly repeated: boolean;
}

/**
 * Stages rows, each with a first judgement: what validation, classification and the plan say as
 * long as no duplicate is known. The stages that follow weigh every row again, and write only the
 * few for which they find something else.
 */
export function insertStaged(migration: Migration, batch: Batch): Sql {
  const imported = importedColumns(migration).map(({ name }) => `s.${identifier(name)}`);
  const plan = planned(migration, "p.line");
  const values: Record<string, string> = {
    ...Object.fromEntries(importedColumns(migration).map(({ name }, at) => [name, imported[at]])),
    raw_payload: "s.raw_payload",
    email_normalized: "s.email_normalized",
    validation_issues: "v.validation_issues",
    validation_status: "v.validation_status",
    classification: "c.classification",
    ...plan,
    state_reason: plan.planned_reason,
  };
  return sql`
  insert into ${raw(stagedTable(migration))}
    (run_id, source_table, legacy_id, ${raw(Object.keys(values).map(identifier).join(", "))})
  select s.run_id, s.source_table, s.legacy_id, ${raw(Object.values(values).join(",\n         "))}
    from (${sourceRows(migration, batch)} offset 0) s
    cross join lateral (
      select ${raw(firedRules(migration))} as validation_issues, ${raw(verdict(migration, "false"))} as validation_status
      offset 0) v
    ${raw(referenceLookUps(migration))}
    cross join lateral (select ${raw(classification(migration))} as classification offset 0) c
    cross join lateral (select ${raw(sessionType(migration))} as session_type offset 0) t
    cross join lateral (select ${raw(importAction(migration, judged))} as import_action offset 0) d
    cross join lateral (select ${raw(planLine(migration, judged))} as line offset 0) p
  ${raw(batch.repeated ? "on conflict (run_id, source_table, legacy_id) do nothing" : "")}`;
}

/** Where each column that is being judged stands in {@link insertStaged}. */
const judged: AliasOf = (column) =>
  ({ validation_status: "v", classification: "c", session_type: "t", import_action: "d" })[
    column
  ] ?? "s";

/** The rows of a batch as columns, with what is not known before matching and the dry run. */
function sourceRows(migration: Migration, { run, table, rows }: Batch): Sql {
  const source = migration.source[table] as SourceTable;
  const at = (column: string) => source.columns.indexOf(column);
  let next = source.columns.length;
  const columns = importedColumns(migration).map((column) => {
    const value = pick(column, column.from === undefined ? next++ : at(column.from));
    return `${value} as ${identifier(column.name)}`;
  });
  const candidate = importedColumns(migration).findIndex(
    ({ name }) => name === `${fieldOf(migration, "email")}_candidate`,
  );
  const texts = source.columns.map((_, index) => `e ->> ${index}`);
  // Of two arrays of texts: twice as fast as building an object value by value.
  const payload = `jsonb_object(array[${literals(source.columns)}], array[${texts.join(", ")}])`;
  return sql`
    select ${uuid(run)} as run_id, ${table}::text as source_table, (e ->> ${raw(String(at(source.key)))})::bigint as legacy_id,
           ${raw(columns.join(", "))}, ${raw(payload)} as raw_payload,
           ${raw((columns[candidate] as string).replace(/ as .*/, ""))} as email_normalized,
           'none' as high_hits, 'none' as duplicate_confidence, 'none' as source_duplicate_confidence,
           false as later_of_person, false as moved_before
      from jsonb_array_elements(${jsonText(rows)}) e`;
}

const pick = ({ type }: Column, index: number): string => {
  if (type === "jsonb") return `e -> ${index}`;
  return type === "text" ? `e ->> ${index}` : `(e ->> ${index})::${type}`;
};

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

/** Statistics of the columns that later stages join and group by; those of JSON cost much and help nobody. */
export const gatherStatistics = (migration: Migration): Sql => {
  const columns = importedColumns(migration).filter(({ type }) => type !== "jsonb");
  const names = ["id", "run_id", "source_table", ...columns.map(({ name }) => name)];
  return raw(`analyze ${stagedTable(migration)} (${names.map(identifier).join(", ")})`);
};
