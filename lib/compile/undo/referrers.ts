import { identifier, json, literals, raw, type Sql, sql, tablesNamed } from "../../data/sql.ts";
import type { Pin } from "../pin/pin.ts";

/** Columns of the platform that name rows of a target table: a foreign key, or what the definition says. */
export interface Referring {
  readonly target: string;
  readonly target_columns: readonly string[];
  readonly oid: number;
  /** Quoted. */
  readonly schema: string;
  /** With its schema, quoted. */
  readonly table: string;
  readonly columns: readonly string[];
  /** Of each the collation by which it is compared, quoted, where the two columns have two: as a foreign key does, that of the target. */
  readonly collations: readonly (string | null)[];
  /** Whether the last of them is a period, of which a key says only that it is covered. */
  readonly period: boolean;
  /** Deletes or clears by itself when the row goes: such targets are locked while a rollback looks. */
  readonly acts: boolean;
  /** A table that refers to itself. */
  readonly self: boolean;
  /** The target of which it is the table, or a part. */
  readonly own: string | null;
}

/** The target tables and every partition or child of theirs: a key may point at one of those. */
const targetParts = ({ targets }: Pin): string => `
  parts (name, oid) as (
    ${tablesNamed(targets.map(({ table }) => table))}
    union select p.name, i.inhrelid from parts p join pg_inherits i on i.inhparent = p.oid)`;

/**
 * Foreign keys at the target tables, from PostgreSQL's catalog, each with all of its columns, and the
 * references of which only the definition knows.
 */
export const findReferring = (pin: Pin): Sql => sql`
  with recursive ${saidRows(pin)}, ${raw(`${referringBefore(pin)}
  ${referringRows(pin)}
   order by 1, 5, 6`)}`;

/** What {@link referringRows} rests on, within a `with recursive`. */
const referringBefore = (pin: Pin): string => `${targetParts(pin)},
  keys as (
    select p.name as target, c.conrelid, c.confrelid, c.confdeltype not in ('a', 'r') as acts,
           -- PostgreSQL has no such keys before 18.
           coalesce((to_jsonb(c) ->> 'conperiod')::boolean, false) as period,
           exists (select from parts o where o.name = p.name and o.oid = c.conrelid) as self,
           (select min(o.name) from parts o where o.oid = c.conrelid) as own,
           (select jsonb_agg(a.attname order by k.n) from unnest(c.confkey) with ordinality k(num, n)
              join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.num) as target_columns,
           (select jsonb_agg(a.attname order by k.n) from unnest(c.conkey) with ordinality k(num, n)
              join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.num) as columns
      from pg_constraint c join parts p on p.oid = c.confrelid
     where c.contype = 'f' and c.conparentid = 0)`;

const referringRows = (pin: Pin): string => `
  select target, target_columns, t.oid::bigint as oid, quote_ident(n.nspname) as schema,
         quote_ident(n.nspname) || '.' || quote_ident(t.relname) as "table", columns,
         ${collationsOf("keys.conrelid", "columns", "keys.confrelid", "target_columns")} as collations, period, acts, self, own
    from keys join pg_class t on t.oid = keys.conrelid join pg_namespace n on n.oid = t.relnamespace
  ${declared(pin)}`;

/** Of columns of two tables the {@link Referring.collations}, as a JSON list. */
const collationsOf = (table: string, columns: string, target: string, named: string): string => `(
           select jsonb_agg(case when a.attcollation <> b.attcollation then (select format('%I.%I', s.nspname, l.collname)
                    from pg_collation l join pg_namespace s on s.oid = l.collnamespace where l.oid = b.attcollation) end order by o.n)
             from jsonb_array_elements_text(${columns}) with ordinality o (name, n)
             left join pg_attribute a on a.attrelid = ${table} and a.attname = o.name and a.attcollation <> 0
             left join pg_attribute b on b.attrelid = ${target} and b.attname = ${named} ->> (o.n - 1)::int and b.attcollation <> 0)`;

/**
 * What the definition says of references, as the common table `said`: a value and no part of the statement, which is no
 * longer than 65,536 characters however many they are.
 */
const saidRows = ({ refersTo }: Pick<Pin, "refersTo">): Sql => {
  const said = refersTo.map(({ target, targetColumns, table, columns }) => [
    ...[target, targetColumns],
    ...[table, columns],
  ]);
  return sql`said as materialized (
    select e.value ->> 0 as target, e.value -> 1 as target_columns, e.value ->> 2 as "table", e.value -> 3 as columns
      from jsonb_array_elements(${json(said)}) e)`;
};

const declared = ({ refersTo }: Pin): string =>
  refersTo.length === 0
    ? ""
    : `union
  select d.target, d.target_columns, t.oid::bigint, quote_ident(n.nspname), quote_ident(n.nspname) || '.' || quote_ident(t.relname), d.columns,
         ${collationsOf("t.oid", "d.columns", "to_regclass(quote_ident(d.target))", "d.target_columns")}, false, false,
         exists (select from parts o where o.name = d.target and o.oid = t.oid),
         (select min(o.name) from parts o where o.oid = t.oid)
    from said d cross join pg_class t join pg_namespace n on n.oid = t.relnamespace and ${isTable('d."table"')}
   where not exists (select from keys k where k.conrelid = t.oid and k.target = d.target
                       and k.columns = d.columns and k.target_columns = d.target_columns)`;

/** Whether `t` in the schema `n` is a table of a definition; one that is not on the path is `schema.table`. */
const isTable = (table: string): string =>
  `t.relkind in ('r', 'p', 'f') and ${table} in (case when pg_table_is_visible(t.oid) then t.relname end, n.nspname || '.' || t.relname)`;

/** References that the definition declares and the platform has no such columns for. */
export const findUnknownReferences = (pin: Pin): Sql => sql`
  with ${saidRows(pin)} ${raw(unknownReferences)}`;

const unknownReferences = (() => {
  const isThere = (table: string, needed: string) =>
    `(select count(*) from pg_class t join pg_namespace n on n.oid = t.relnamespace
         join pg_attribute a on a.attrelid = t.oid and not a.attisdropped and a.attnum > 0
        where ${isTable(table)} and a.attname in (select jsonb_array_elements_text(${needed}))) = jsonb_array_length(${needed})`;
  const listed = (names: string) =>
    `(select string_agg(name, ', ' order by n) from jsonb_array_elements_text(${names}) with ordinality w(name, n))`;
  return `select format('%s(%s) to %s(%s)', d."table", ${listed("d.columns")}, d.target, ${listed("d.target_columns")}) as reference
      from said d
     where not (${isThere('d."table"', "d.columns")} and ${isThere("d.target", "d.target_columns")})`;
})();

/** What refers to rows of a target. */
export const referringTo = (all: readonly Referring[], target: string): readonly Referring[] =>
  all.filter((each) => each.target === target);

/**
 * Whether the row `r` of what refers names the row `t` of the target: all columns of a key count, and a null names nothing.
 * A row that names itself is none that would be left.
 */
export const refersTo = (referring: Referring): string => {
  const { columns, target_columns, collations, period, self } = referring;
  return [
    ...columns.map((column, index) => {
      const collation = collations[index] ?? null;
      const own = `r.${identifier(column)}${collation === null ? "" : ` collate ${collation}`}`;
      const is = period && index === columns.length - 1 ? "&&" : "=";
      return `${own} ${is} t.${identifier(target_columns[index] as string)}`;
    }),
    ...(self ? ["(r.tableoid, r.ctid) <> (t.tableoid, t.ctid)"] : []),
  ].join(" and ");
};

/** Whether anything refers to the row `t` of a target. */
export const referred = (all: readonly Referring[], target: string): string =>
  referringTo(all, target)
    .map((each) => `exists (select from ${each.table} r where ${refersTo(each)})`)
    .join(" or ") || "false";

/** A table a role cannot look at whole: a privilege is missing, or row-level security hides rows. */
export interface BlindSpot {
  readonly table: string;
  readonly missing: "usage" | "select" | "insert" | "delete" | "update" | null;
  readonly hidden: boolean;
}

/**
 * Where a role does not see, or may not take back, what it has to. Row-level security is no blind spot
 * where a policy shows the role every row and none restricts it (D42).
 *
 * @param role a literal or an expression such as `current_user`
 * @param writes whether rows of the targets are written and taken back, and not only looked at
 */
export const blindSpots = (
  pin: Pin,
  all: readonly Referring[],
  role: string,
  writes: boolean,
): Sql => sql`
  -- By number: a name in a schema that may not be used cannot even be asked about.
  with referring as materialized (
    select (e.value ->> 0)::oid as oid, e.value -> 1 as columns
      from jsonb_array_elements(${json(all.map(({ oid, columns }) => [oid, columns]))}) e),
  ${raw(`${blindBefore([looksOf(pin, writes), looksOfReferring], role)}
  ${blindRows}`)}`;

/** Columns of `referring` are looked at, and nothing else of its tables. */
const looksOfReferring =
  "select r.oid::oid, array['select'], array(select jsonb_array_elements_text(r.columns)) from referring r";

/** What one look of {@link lookAll} found: what refers, a blind spot, or a declared reference that is not there. */
export interface Seen {
  readonly referring: Referring | null;
  readonly blind: BlindSpot | null;
  readonly unknown: string | null;
}

/**
 * {@link findReferring}, the {@link blindSpots} of whoever asks, and {@link findUnknownReferences}, in one look: a row for
 * each that was found.
 */
export const lookAll = (pin: Pin): Sql => sql`
  with recursive ${saidRows(pin)}, ${raw(`${referringBefore(pin)},
  referring as materialized (${referringRows(pin)}),
  ${blindBefore([looksOf(pin, true), looksOfReferring], "current_user")}
  select to_jsonb(r) as referring, null::jsonb as blind, null::text as unknown
    from (select * from referring order by target, "table", columns) r
  union all
  select null, to_jsonb(b), null from (${blindRows}) b${
    pin.refersTo.length === 0
      ? ""
      : `
  union all
  select null, null, u.reference from (${unknownReferences}) u`
  }`)}`;

/** What is looked at of the tables that a definition names. */
function looksOf({ targets, read }: Pin, writes: boolean): string {
  const own = targets.map(({ table }) => table);
  // Columns that are gone need no right any more.
  const changed = targets
    .filter(({ updated = [] }) => updated.length > 0)
    .map(({ table }) => table);
  const rights = (table: string) => [
    "select",
    ...(writes && own.includes(table) ? ["insert", "delete"] : []),
    ...(writes && changed.includes(table) ? ["update"] : []),
  ];
  const needed = read.map((table) => rights(table).join(" "));
  return `select t.oid, string_to_array(n.rights, ' '), array[]::text[]
      from (${tablesNamed(read)}) t
      join unnest(array[${literals(read)}]::text[], array[${literals(needed)}]::text[]) n(name, rights) on n.name = t.name`;
}

/** What {@link blindRows} rests on, within a `with`. */
const blindBefore = (
  looks: readonly string[],
  role: string,
): string => `looks (oid, rights, columns) as (${looks.join("\n    union all ")}),
  sees as (
    select l.oid, l.rights, l.columns, c.relnamespace, r.oid as role,
           c.relrowsecurity and not r.rolsuper and not r.rolbypassrls
             and (c.relforcerowsecurity or not pg_has_role(r.oid, c.relowner, 'usage')) as secured
      from looks l join pg_class c on c.oid = l.oid join pg_roles r on r.rolname = ${role}),
  found as (
    select oid, case
             when not has_schema_privilege(role, relnamespace, 'usage') then 'usage'
             when not has_table_privilege(role, oid, 'select')
              and (columns = '{}' or exists (select from unnest(columns) name
                                              where not has_column_privilege(role, oid, name, 'select'))) then 'select'
             else (select needed from unnest(rights) needed
                    where needed <> 'select'
                      and not case needed when 'update' then has_any_column_privilege(role, oid, needed)
                                   else has_table_privilege(role, oid, needed) end limit 1)
           end as missing,
           secured and (exists (
             select from unnest(rights) needed where needed <> 'insert' and not exists (
               select from pg_policy p
                where p.polrelid = s.oid and p.polpermissive and ${applies}
                  and p.polcmd in ('*', case needed when 'select' then 'r' when 'update' then 'w' else 'd' end)
                  and pg_get_expr(p.polqual, p.polrelid) = 'true'))
             or exists (select from pg_policy p where p.polrelid = s.oid and not p.polpermissive and ${applies})) as hidden
      from sees s)`;

const blindRows = `
  select oid::regclass::text as "table", missing, hidden from found
   where missing is not null or hidden
   group by 1, 2, 3 order by 1, 2`;

/** Whether a policy is one for the role: public is role 0. */
const applies =
  "exists (select from unnest(p.polroles) polrole where polrole = 0 or pg_has_role(s.role, polrole, 'usage'))";
