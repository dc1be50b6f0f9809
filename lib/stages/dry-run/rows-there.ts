import { standsIn } from "../../compile/references/above.ts";
import { typeBelow } from "../../compile/target/type-below.ts";
import { identityColumns, seenOf } from "../../compile/there/there.ts";
import type { ColumnTypes } from "../../compile/there/value.ts";
import type { Database } from "../../data/database.ts";
import { identifier, raw, sql } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { updatesOf } from "../../define/identity.ts";
import { Refusal } from "../../services/errors.ts";

/**
 * The types of the columns of the table in which rows may be already; asked only where that is told. Errors:
 * `TargetColumnUnfit` for one that is not there, or that nobody can write.
 */
export async function typesThere(db: Database, migration: Migration): Promise<ColumnTypes> {
  const { entity } = migration;
  if (entity.is === undefined) return {};
  const { into } = standsIn(migration);
  const found = await db.rows<{
    name: string;
    type: string;
    base: string;
    longest: number | null;
    required: boolean;
    made: boolean;
    array: boolean;
    collation: string;
  }>(sql`
    select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull or d.required as required,
           format_type(d.base, d.mod) as base,
           case when d.base in ('varchar'::regtype, 'bpchar'::regtype) and d.mod > 4 then d.mod - 4 end as longest,
           exists (select from pg_type b where b.oid = d.base and b.typcategory = 'A') as "array",
           coalesce((select format('%I.%I', n.nspname, l.collname) from pg_collation l join pg_namespace n on n.oid = l.collnamespace
             where l.oid = a.attcollation), '"default"') as "collation",
           a.attgenerated <> '' or a.attidentity = 'a' as made
      from pg_attribute a cross join lateral (${raw(typeBelow)}) d
     where a.attrelid = to_regclass(${identifier(into)}) and a.attnum > 0 and not a.attisdropped`);
  const updated = Object.keys(updatesOf(entity));
  for (const column of [...identityColumns(migration), ...seenOf(migration), ...updated]) {
    const known = found.find(({ name }) => name === column);
    if (known !== undefined && !(known.made && updated.includes(column))) continue;
    throw new Refusal(
      "TargetColumnUnfit",
      `${into}.${column} ${known === undefined ? "is not there" : "is made by the platform itself"}, and the definition ${updated.includes(column) ? "writes it" : "looks rows up by it"}. Nothing was written; call it as the platform does.`,
    );
  }
  return Object.fromEntries(
    found.map(({ name, type, base, required, array, longest, collation }) => [
      name,
      {
        ...{ type, base, required, collation, ...(array && { array }) },
        ...(longest !== null && { longest }),
      },
    ]),
  );
}
