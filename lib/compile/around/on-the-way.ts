import {
  identifier,
  literal,
  literals,
  raw,
  type Sql,
  sql,
  tablesNamed,
  textObject,
} from "../../data/sql.ts";
import type { InsertAction } from "../../define/definition.ts";
import { keptOf } from "../../define/kept-columns.ts";
import type { Pin } from "../pin/pin.ts";
import { literalsWithoutColons } from "../target/catalogue-text.ts";
import { setsColumn } from "../target/filled-by-trigger.ts";
import { typeBelow } from "../target/type-below.ts";
import { blankRow, keyColumnsOf } from "../target-key.ts";
import { isNamed, saidNames } from "./surroundings.ts";

/** A column of a watched table. */
interface WatchedColumn {
  readonly name: string;
  /** With its length, as `format_type` writes it. */
  readonly type: string;
  /** Whether it holds no more than so many characters: a cast would cut off what a write refuses. */
  readonly limited: boolean;
  /** What stands where a new row has no value, as SQL; null where the platform numbers it, or has to give it one. */
  readonly missing: string | null;
  /** Whether no trigger that the definition names gives it to new rows, and to changed ones. */
  readonly insert: boolean;
  readonly update: boolean;
}

/** Triggers of a table that act on rows on their way, by name, and the columns that nothing else changes there. */
export interface Watched {
  /** Those that act on new rows, and on changed ones; null for none. */
  readonly insert: string | null;
  readonly update: string | null;
  /** And those that may change the rows once more: behind them, or as somebody changes rows of this table besides. */
  readonly behind: string | null;
  readonly columns: readonly WatchedColumn[];
}

/**
 * By target table what came since preflight, which stops at it: triggers that no `effects` name and that may write
 * something else than they are given. Mostly there are none, and nothing is compared.
 */
export type OnTheWay = Readonly<Record<string, Watched>>;

/**
 * The {@link OnTheWay} of a migration's targets at this moment, as a select of one JSON value. Left out of a table's columns
 * are those that the platform keeps, by the definition's `effects` or as it generates them.
 */
export function onTheWayNow({ targets, effects }: Pin): Sql {
  const acts = (trigger: string) =>
    `${trigger}.tgrelid = any (t.parts) and not ${trigger}.tgisinternal and ${trigger}.tgenabled in ('O', 'A')`;
  const given = (bit: number) => `exists (
                       select from pg_trigger g join pg_proc f on f.oid = g.tgfoid
                        where ${acts("g")} and g.tgtype & 3 = 3 and g.tgtype & ${bit} > 0 and ${isNamed("g.tgrelid", "g.tgname")} and ${setsColumn("f.prosrc", "a.attname")})`;
  // Where no row is changed what acts on changes does not act.
  const changed = targets.flatMap(({ table, updated, kept }) =>
    updated !== undefined || kept !== undefined || Object.hasOwn(effects, table) ? [table] : [],
  );
  const kept = targets.flatMap(({ table }) =>
    keptOf(effects, table).map(
      (column) => ` and (t.name, a.attname) <> (${literal(table)}, ${literal(column)})`,
    ),
  );
  return sql`${raw(`
    select coalesce(jsonb_object_agg(t.name, jsonb_build_object('insert', came."insert", 'update', came."update", 'behind', came.behind, 'columns', (
             select jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                      'limited', b.base in ('varchar'::regtype, 'bpchar'::regtype) and b.mod > 4,
                      'missing', case when a.attidentity = '' then coalesce(pg_get_expr(d.adbin, d.adrelid), pg_get_expr(y.typdefaultbin, 0), case when not (a.attnotnull or b.required) then 'null' end) end,
                      'insert', not ${given(4)}, 'update', not ${given(16)}) order by a.attnum)
               from pg_attribute a join pg_type y on y.oid = a.atttypid
              cross join lateral (${typeBelow}) b
               left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
              where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''${kept.join("")}))), '{}')
      from (select n.name, n.oid, array(
              with recursive parts (oid) as (
                select n.oid union select i.inhrelid from parts p join pg_inherits i on i.inhparent = p.oid)
              select oid from parts) as parts
              from (${tablesNamed(targets.map(({ table }) => table))}) n where n.oid is not null offset 0) t
     cross join `)}${saidNames(effects)}${raw(` said
     cross join lateral (
       select string_agg(distinct g.tgname, ', ') filter (where g.tgtype & 3 = 3 and g.tgtype & 4 > 0) as "insert",
              string_agg(distinct g.tgname, ', ') filter (where g.tgtype & 3 = 3 and g.tgtype & 16 > 0) as "update",
              string_agg(distinct g.tgname, ', ') filter (where g.tgtype & 6 = 4 or g.tgtype & 16 > 0 and t.name in (${literals(["", ...changed])})) as behind
         from pg_trigger g
        where ${acts("g")} and not ${isNamed("g.tgrelid", "g.tgname")}
          -- One of a table is there again on each of its parts, under the name that it has there.
          and not exists (select from pg_trigger p where p.oid = g.tgparentid and ${acts("p")})
          and g.tgfoid not in (select p.oid from pg_proc p where p.pronamespace = to_regnamespace('wavegate'))) came
     where num_nonnulls(came."insert", came."update", came.behind) > 0`)}`;
}

/** A column that is given to new rows, and what it is given, as SQL over `p`. */
export type Given = readonly [column: string, is: string];

/** The columns of a new row as it is meant, in one order: what it is given, and what stands where nothing is. */
function meant(given: readonly Given[], { columns }: Watched): readonly Given[] {
  const left = columns.flatMap(({ name, missing, insert }): Given[] =>
    missing === null || !insert || given.some(([column]) => column === name)
      ? []
      : [[name, literalsWithoutColons(missing)]],
  );
  return [...given, ...left];
}

const meantName = (name: string): string => identifier(`meant_${name}`);

/**
 * The insert of an action's rows into a table of which a trigger came since, as common tables: first each row as it is
 * meant to be, with what the platform gives it where it is given nothing, so that what was written is held against that.
 */
export function insertMeant(
  name: string,
  into: string,
  given: readonly Given[],
  watched: Watched,
  from: string,
): string {
  const all = meant(given, watched);
  const typed = all.map(([column, is]) => {
    const known = watched.columns.find(({ name }) => name === column);
    const [name, place] = [identifier(column), identifier(into)];
    if (known?.limited)
      return `(jsonb_populate_record(${blankRow(place)}, jsonb_build_object(${literal(column)}, ${is}))).${name} as ${name}`;
    return `${known === undefined ? is : `(${is})::${known.type}`} as ${name}`;
  });
  return `${meantName(name)} as materialized (
    select ${typed.join(", ")} from ${from}),
  ${identifier(`made_${name}`)} as (
    insert into ${identifier(into)} (${all.map(([column]) => identifier(column)).join(", ")}) overriding system value
    select * from ${meantName(name)} returning *)`;
}

/** Whether a trigger that is `named`, as {@link changedThere} does, may still change rows of a table, by its number, on their way. */
export const mayStillChange = (named: string, table: string): string =>
  `(${named} like '% (changes %)' and exists (
                  select from pg_trigger g where g.tgrelid = ${table} and g.tgtype & 3 = 3 and g.tgtype & 16 > 0 and g.tgenabled in ('O', 'A')
                     and strpos(', ' || split_part(${named}, ' (changes ', 1) || ',', ', ' || g.tgname || ',') > 0))`;

/**
 * A row as JSON, of some columns of it as they are written: JSON itself, of which nothing at all and its own null would be
 * the same.
 */
function asWritten(row: string, columns: readonly WatchedColumn[]): string {
  const texts = columns
    .filter(({ type }) => /^jsonb?(?:\[\])?$/u.test(type))
    .map(({ name }) => [name, `${row}.${identifier(name)}::text`] as const);
  return `to_jsonb(${row}.*)${texts.length === 0 ? "" : ` || ${textObject(texts)}`}`;
}

/** Which triggers changed which columns of rows, of which each has JSON that is `meant` and that it `holds`; null for none. */
const changes = (
  by: string,
  into: string,
  from: string,
  but: string,
): string => `(select ${literalsWithoutColons(literal(`${by} (changes `))} || string_agg(distinct ${literal(`${into}.`)} || c.key, ', ') || ')'
        from ${from} cross join lateral jsonb_each(o.meant) c
       where c.value is distinct from o.holds -> c.key and ${but})`;

/**
 * What became of the rows that {@link insertMeant} wrote: the triggers that came since, and the columns that hold something else than
 * what was meant, as one text that is null where all hold it.
 */
export function changedNew(
  name: string,
  { into, id }: InsertAction,
  given: readonly Given[],
  watched: Watched,
): string {
  const all = meant(given, watched).map(([column]) => column);
  const own = watched.columns.filter((column) => all.includes(column.name));
  const others = own.filter(({ insert }) => !insert).map((column) => column.name);
  const same = keyColumnsOf(id).map(identifier);
  const from = `${identifier(`made_${name}`)} i join ${meantName(name)} m on ${same.map((column) => `i.${column} = m.${column}`).join(" and ")}
       cross join lateral (select ${asWritten("m", own)} as meant, ${asWritten("i", own)} as holds offset 0) o`;
  return changes(watched.insert ?? "", into, from, `c.key not in (${literals(["", ...others])})`);
}

/** A row `t` that is there, as it is, for {@link changedThere}. */
export const wholeRow = ({ columns }: Watched): string => asWritten("t", columns);

/**
 * The same of rows that are there and were changed.
 *
 * @param from the changed rows, each as `whole` beside `t`, what it was: that the statement itself still sees
 * @param written the columns that were written, each with what it was to hold
 */
export function changedThere(
  into: string,
  watched: Watched,
  from: string,
  written: (column: WatchedColumn) => string | undefined,
): string {
  const values = watched.columns.flatMap((column): [string, string][] => {
    const is = written(column);
    return is === undefined
      ? []
      : [
          [
            column.name,
            /^jsonb?(?:\[\])?$/u.test(column.type) ? `(${is})::text` : `to_jsonb(${is})`,
          ],
        ];
  });
  const compared = watched.columns.filter(({ update }) => update).map(({ name }) => name);
  const objects = values.map(([name, is]) => ` || jsonb_build_object(${literal(name)}, ${is})`);
  const beside = `${from}
       cross join lateral (select ${asWritten("t", watched.columns)}${objects.join("")} as meant, whole as holds offset 0) o`;
  return changes(watched.update ?? "", into, beside, `c.key in (${literals(["", ...compared])})`);
}
