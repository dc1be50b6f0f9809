import type { Privilege } from "../../compile/privileges/privilege.ts";
import type { Database } from "../../data/database.ts";
import { identifier, literal, raw } from "../../data/sql.ts";
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
  const names = (kind: Privilege["kind"]) =>
    [
      ...new Set(
        about
          .filter((privilege) => privilege.kind === kind)
          .map(({ schema, name }) => literal(`${schema}.${name}`)),
      ),
    ].join(", ") || "null";
  return db.rows<Held>(
    raw(`
    select coalesce(r.rolname, 'public') as role, kind, schema, name, lower(a.privilege_type) as may, "column"
      from (
        select 'table' as kind, n.nspname as schema, c.relname as name, null::name as "column",
               c.relowner as owner, c.relacl as acl
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname || '.' || c.relname in (${names("table")})
        union all
        select 'table', n.nspname, c.relname, t.attname, c.relowner, t.attacl
          from pg_attribute t join pg_class c on c.oid = t.attrelid join pg_namespace n on n.oid = c.relnamespace
         where t.attacl is not null and n.nspname || '.' || c.relname in (${names("table")})
        union all
        select 'function', n.nspname, p.proname, null, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
          from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where n.nspname || '.' || p.proname in (${names("function")})
        union all
        select 'schema', n.nspname, n.nspname, null, n.nspowner, n.nspacl
          from pg_namespace n where n.nspname || '.' || n.nspname in (${names("schema")})) o
     cross join lateral aclexplode(o.acl) a
      left join pg_roles r on r.oid = a.grantee
     where a.grantee <> o.owner`),
  );
}
