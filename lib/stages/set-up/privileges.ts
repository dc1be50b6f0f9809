import type { Privilege } from "../../compile/privileges/privilege.ts";
import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import { identifier, json, sql } from "../../data/sql.ts";
import { executeTogether } from "../../data/together.ts";

/** What roles lack and what somebody has beyond it; each one privilege, on one column where it is so. */
export interface Differences {
  readonly missing: readonly Held[];
  readonly beyond: readonly Held[];
}

/** One privilege as the catalog has it. `role` is `public` for everybody. */
export interface Held {
  readonly role: string;
  readonly kind: Privilege["kind"];
  readonly schema: string;
  readonly name: string;
  readonly may: string;
  readonly column: string | null;
}

/**
 * Compares what is granted on the objects that `wanted` is about with `wanted` itself.
 *
 * @param spared roles whose privileges are none of this: those of migrations that are not set up now
 */
export async function comparePrivileges(
  db: Database,
  wanted: readonly Privilege[],
  spared: (role: string) => boolean,
): Promise<Differences> {
  const is = await heldOn(db, wanted);
  const should = wanted.flatMap(each);
  const [known, allowed] = [new Set(is.map(keyOf)), new Set(should.map(keyOf))];
  return {
    missing: [...new Map(should.map((held) => [keyOf(held), held])).values()].filter(
      (held) => !known.has(keyOf(held)),
    ),
    beyond: is.filter((held) => !allowed.has(keyOf(held)) && !spared(held.role)),
  };
}

/** Grants and revokes until everybody may do what is wanted, and no more. What is right is not touched. */
export async function applyPrivileges(
  db: Database,
  wanted: readonly Privilege[],
  spared: (role: string) => boolean,
): Promise<void> {
  const { beyond } = await comparePrivileges(db, wanted, spared);
  await executeTogether(
    db,
    sentences(beyond).map((sentence) => `revoke ${sentence("from")}`),
  );
  // Looked at again: what is revoked on a table goes from its columns, too.
  const { missing } = await comparePrivileges(db, wanted, spared);
  await executeTogether(
    db,
    sentences(missing).map((sentence) => `grant ${sentence("to")}`),
  );
}

/** One statement for each role, object and privilege: the columns go together. */
function sentences(list: readonly Held[]): ((word: "from" | "to") => string)[] {
  const groups = Map.groupBy(list, ({ column, ...rest }) => keyOf({ ...rest, column: null }));
  return [...groups.values()].map((group) => {
    const { role, kind, schema, name, may } = group[0] as Held;
    const columns = group.flatMap(({ column }) => (column === null ? [] : [identifier(column)]));
    const to = role === "public" ? "public" : identifier(role);
    const on =
      kind === "schema"
        ? `schema ${identifier(schema)}`
        : `${kind} ${identifier(schema)}.${identifier(name)}`;
    const only = columns.length === 0 ? "" : ` (${columns.join(", ")})`;
    return (word) => `${may}${only} on ${on} ${word} ${to}`;
  });
}

const each = ({ columns, ...rest }: Privilege): Held[] =>
  columns === undefined
    ? [{ ...rest, column: null }]
    : columns.map((column) => ({ ...rest, column }));

const keyOf = ({ role, kind, schema, name, may, column }: Held): string =>
  JSON.stringify([role, kind, schema, name, may, column]);

/** Everything that is granted on the objects of a list, but what their owners may anyway. */
function heldOn(db: Database, about: readonly Privilege[]): Promise<Held[]> {
  const objects = about.map(({ kind, schema, name }) => [kind, schema, name]);
  // A value and no part of the statement, which is no longer than 65,536 characters however many tables refer.
  return rowsWhole<Held>(
    db,
    sql`
    with about as materialized (
      select distinct e.value ->> 0 as kind, e.value ->> 1 as schema, e.value ->> 2 as name from jsonb_array_elements(${json(objects)}) e),
    tables as materialized (
      select c.oid, o.schema, o.name, c.relowner, c.relacl
        from about o join pg_namespace n on n.nspname = o.schema join pg_class c on c.relnamespace = n.oid and c.relname = o.name
       where o.kind = 'table')
    select coalesce(r.rolname, 'public') as role, kind, schema, name, lower(a.privilege_type) as may, "column"
      from (
        select 'table' as kind, schema, name, null::name as "column", relowner as owner, relacl as acl from tables
        union all
        select 'table', c.schema, c.name, t.attname, c.relowner, t.attacl
          from tables c join pg_attribute t on t.attrelid = c.oid where t.attacl is not null
        union all
        select 'function', o.schema, o.name, null, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
          from about o join pg_namespace n on n.nspname = o.schema join pg_proc p on p.pronamespace = n.oid and p.proname = o.name
         where o.kind = 'function'
        union all
        select 'schema', o.schema, o.name, null, n.nspowner, n.nspacl
          from about o join pg_namespace n on n.nspname = o.schema and n.nspname = o.name where o.kind = 'schema') o
     cross join lateral aclexplode(o.acl) a
      left join pg_roles r on r.oid = a.grantee
     where a.grantee <> o.owner
     order by 1, 2, 3, 4, 5, 6`,
  );
}
