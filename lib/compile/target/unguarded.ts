import { identifier, literal, raw, type Sql } from "../../data/sql.ts";
import type { InsertAction, Migration, Same } from "../../define/definition.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { standsIn } from "../references/above.ts";

/** A column by which rows are told: whether in lower case, and whether null equals null. */
interface Told {
  readonly column: string;
  readonly lower: boolean;
  readonly nullToo: boolean;
}

/** Columns that together tell that a row is there; those that are compared exactly. */
interface Way {
  readonly table: string;
  readonly columns: readonly Told[];
}

/** Every way in which a migration's rows are told on the platform before they are written. */
const waysOf = (migration: WholeMigration): readonly Way[] =>
  partsOf(migration).flatMap((part) => [
    ...(part.entity.is ?? []).map((same) => bySame(part, same)),
    ...Object.values(part.entity.actions).flatMap(byIdentity),
  ]);

const bySame = (part: Migration, same: Same): Way => ({
  table: standsIn(part).into,
  columns: same.flatMap(([column, { lower = false, within }], at) =>
    within === undefined ? [{ column, lower, nullToo: at > 0 }] : [],
  ),
});

const byIdentity = ({ into, identity }: InsertAction): readonly Way[] =>
  identity === undefined
    ? []
    : [
        {
          table: into,
          columns: Object.entries(identity).flatMap(([column, value]) =>
            "staged" in value || "constant" in value
              ? [{ column, lower: false, nullToo: false }]
              : [],
          ),
        },
      ];

/**
 * The tables in which nothing but a look keeps two writers from inserting the same thing, as `(name)`: no unique index
 * stands behind one of the ways in which it is told that a row is there. Undefined where nothing is told so.
 */
export function findUnguarded(migration: WholeMigration): Sql | undefined {
  const ways = waysOf(migration);
  // How many there are is told by a look as well.
  const counted = partsOf(migration)
    .filter(({ entity }) => entity.room !== undefined)
    .map((part) => `select ${literal(standsIn(part).into)} as name`);
  if (ways.length + counted.length === 0) return undefined;
  const each = ways.map(({ table, columns }) => {
    const told = columns.map(
      ({ column, lower, nullToo }) => `(${literal(column)}, ${lower}, ${nullToo})`,
    );
    return `
    select ${literal(table)} as name from pg_class c
     where c.oid = to_regclass(${literal(identifier(table))}) and c.relkind in ('r', 'p') and not exists (
       select from pg_index i
        where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null
          and not exists (
            select from generate_series(1, i.indnkeyatts) n where not exists (
              select from (values ${told.join(", ")}) t(name, lowered, null_too)
                join pg_attribute a on a.attrelid = c.oid and a.attname = t.name
               where (a.attnotnull or i.indnullsnotdistinct or not t.null_too)
                 and case when i.indkey[n - 1] = a.attnum then not t.lowered or a.atttypid = to_regtype('citext')
                          else t.lowered and i.indkey[n - 1] = 0 and pg_get_indexdef(i.indexrelid, n, false)
                               in ('lower(' || quote_ident(t.name) || ')', 'lower((' || quote_ident(t.name) || ')::text)') end)))`;
  });
  return raw(
    `select distinct name collate "C" as name from (${[...each, ...counted].join(" union all ")}) w order by 1`,
  );
}

/**
 * Keeps others from writing into tables until the transaction ends, and lets them read. It is no statement for which
 * PostgreSQL takes a snapshot: what others wrote before is seen, whatever isolation was asked for.
 */
export const lockAgainstWriters = (tables: readonly string[]): Sql =>
  raw(`lock table ${tables.map(identifier).join(", ")} in share row exclusive mode`);
