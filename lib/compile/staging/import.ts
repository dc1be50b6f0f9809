import type { Signs } from "../../data/row-set.ts";
import { identifier, raw, type Sql, type SqlValue, sql, uuid } from "../../data/sql.ts";
import type { Migration, Reference } from "../../define/definition.ts";
import { asTheyStand, type Column, importedColumns } from "../columns.ts";
import { typeColumn, typesOf } from "../condition.ts";
import { idType, legacyIdType, parentType, stagedOnce } from "../keys.ts";
import { sourceTable } from "../rows.ts";

/** A JSON text that is already encoded, as jsonb: rows are encoded once, on their way in. */
const jsonText = (encoded: string): Sql => sql`${encoded}::jsonb`;

/** Source rows on their way to staging: which run, which table, and whether some may be there already. */
interface Batch {
  readonly run: string;
  readonly table: string;
  /**
   * Rows of cells with {@link Signs} between them: first the table's columns, as the text of an array of texts in order,
   * then the values of those {@link importedColumns} that are not a source column as it stands, the row's key, where keys
   * are texts which row of that key it is and whether the key is a digest, or the digest that stands for it in runs which
   * stage every key that says who somebody is by one, and the values of those that are.
   */
  readonly rows: SqlValue;
  readonly signs: Signs;
  /** Leaves rows that are staged already as they are. Without it such a row is an error (23505). */
  readonly repeated: boolean;
}

/** Stages rows as the source holds them, with what was normalised on the way. Nothing is judged yet. */
export function insertStaged(
  migration: Migration,
  { run, table, rows, signs, repeated }: Batch,
): Sql {
  const texts = legacyIdType(migration) === "text";
  const columns = importedColumns(migration);
  const made = columns.filter(({ from }) => from === undefined);
  // Cells are counted from one.
  const next = made.length + 2;
  const [own, digest] = [`e.made[${next}]`, `e.made[${next + 2}]`];
  const key = texts
    ? `case when ${digest} is null then ${own}
            when ${digest} not like 'sha256:%' then wavegate.staged_key(importing.key_digests, ${own})
            when importing.key_digests = 'whole' then wavegate.staged_key(importing.key_digests, ${digest})
            else ${own} end, e.made[${next + 1}]::int`
    : `e.made[${next}]::bigint`;
  const standing = next + (texts ? 3 : 1);
  const named = [...made, ...asTheyStand(columns)];
  const values = [
    ...made.map((column, index) => pick(column, index + 2)),
    ...asTheyStand(columns).map((column, index) => pick(column, standing + index)),
  ];
  // A set that is delivered late, when the import is over, stages nothing; nor does the import end beside one.
  return sql`
  with importing as materialized (
    select key_digests from wavegate.legacy_import_runs where id = ${uuid(run)} and stage = 'preflight' and erased_at is null for share)
  insert into ${raw(sourceTable(migration))}
    (run_id, source_table, legacy_id${raw(texts ? ", key_repeat" : "")}, ${raw(named.map(({ name }) => identifier(name)).join(", "))}, raw_values)
  select ${uuid(run)}, ${table}::text, ${raw(key)},
         ${raw(values.join(", "))}, e.made[1]
    from importing cross join (
      select string_to_array(line, ${signs.cell}::text, ${signs.none}::text) as made
        -- Fenced: a row is taken apart once, and not for each of its cells.
        from string_to_table(${rows}::text, ${signs.row}::text) line offset 0) e
   where ${notErased(run)}
  ${raw(repeated ? `on conflict (${stagedOnce(migration)}) do nothing` : "")}`;
}

/** Of a run whose people were erased (B13) nothing is staged again; until the statement ends, nobody erases them. */
const notErased = (run: string): Sql =>
  sql`exists (select from wavegate.legacy_import_runs r where r.id = ${uuid(run)} and r.erased_at is null for key share)`;

const pick = ({ type }: Column, at: number): string =>
  type === "text" ? `e.made[${at}]` : `e.made[${at}]::${type}`;

/**
 * Stages what rows refer to, given as a JSON array of arrays: `[id, name]` for a reference by name,
 * `[id, code, parent, parentUnreadable]` for one by code. Mappings are suggested later.
 */
export function insertReference(
  migration: Migration,
  reference: Reference,
  run: string,
  rows: string,
): Sql {
  const { staging } = reference;
  const table = raw(`wavegate.${identifier(staging.table)}`);
  const id = raw(identifier(staging.id));
  const type = raw(idType(migration, reference));
  if (reference.kind === "by_name") {
    return sql`
  insert into ${table} (run_id, ${id}, ${raw(identifier(reference.staging.label))}, status)
  select ${uuid(run)}, (e ->> 0)::${type}, e ->> 1, 'unmapped' from jsonb_array_elements(${jsonText(rows)}) e
  on conflict do nothing`;
  }
  const parent = raw(parentType(migration, reference));
  const { real, unknown } = typesOf(reference);
  // As nearly all of them will be told: what is suggested of the others alone is written again.
  const isOfSomething =
    reference.parent === undefined
      ? sql`${real}::text`
      : sql`case when e ->> 2 is null then ${unknown}::text else ${real}::text end`;
  return sql`
  insert into ${table} (run_id, ${id}, ${raw(identifier(reference.staging.code))}, parent_id, parent_unreadable, ${raw(typeColumn(reference))}, status)
  select ${uuid(run)}, (e ->> 0)::${type}, e ->> 1, (e ->> 2)::${parent}, coalesce((e ->> 3)::boolean, false), ${isOfSomething}, 'needs_review'
    from jsonb_array_elements(${jsonText(rows)}) e
  on conflict do nothing`;
}

/** How many rows each source table has staged. */
export const countStaged = (migration: Migration, run: string): Sql => sql`
  select source_table, count(*) as rows from ${raw(sourceTable(migration))}
   where run_id = ${uuid(run)} group by 1 order by 1`;
