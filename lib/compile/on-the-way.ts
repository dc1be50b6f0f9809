import { identifier, literal, literals, tablesNamed, textObject } from "../data/sql.ts";
import type { InsertAction } from "../define/definition.ts";
import { keptOf } from "../define/kept-columns.ts";
import { literalsWithoutColons } from "./catalogue-text.ts";
import { setsColumn } from "./filled-by-trigger.ts";
import type { Pin } from "./pin.ts";
import { namedIn } from "./surroundings.ts";
import { keyColumnsOf } from "./target-key.ts";
import { typeBelow } from "./type-below.ts";

/** A column of a watched table. */
export interface WatchedColumn {
  readonly name: string;
  /** With its length, as `format_type` writes it. */
  readonly type: string;
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
export function onTheWayNow({ targets, effects }: Pin): string {
  const named = namedIn(effects);
  const acts = (trigger: string) =>
    `${trigger}.tgrelid = any (t.parts) and not ${trigger}.tgisinternal and ${trigger}.tgenabled in ('O', 'A')`;
  const given = (bit: number) => `exists (
                       select from pg_trigger g join pg_proc f on f.oid = g.tgfoid
                        where ${acts("g")} and g.tgtype & 3 = 3 and g.tgtype & ${bit} > 0 and ${named("g.tgrelid", "g.tgname")} and ${setsColumn("f.prosrc", "a.attname")})`;
  // Where no row is changed what acts on changes does not act.
  const changed = targets.flatMap(({ table, updated, kept }) =>
    updated !== undefined || kept !== undefined || table in effects ? [table] : [],
  );
  const kept = targets.flatMap(({ table }) =>
    keptOf(effects, table).map(
      (column) => ` and (t.name, a.attname) <> (${literal(table)}, ${literal(column)})`,
    ),
  );
  return `
    select coalesce(jsonb_object_agg(t.name, jsonb_build_object('insert', came."insert", 'update', came."update", 'behind', came.behind, 'columns', (
             select jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
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
     cross join lateral (
       select string_agg(distinct g.tgname, ', ') filter (where g.tgtype & 3 = 3 and g.tgtype & 4 > 0) as "insert",
              string_agg(distinct g.tgname, ', ') filter (where g.tgtype & 3 = 3 and g.tgtype & 16 > 0) as "update",
              string_agg(distinct g.tgname, ', ') filter (where g.tgtype & 6 = 4 or g.tgtype & 16 > 0 and t.name in (${literals(["", ...changed])})) as behind
         from pg_trigger g
        where ${acts("g")} and not ${named("g.tgrelid", "g.tgname")}
          -- One of a table is there again on each of its parts, under the name that it has there.
          and not exists (select from pg_trigger p where p.oid = g.tgparentid and ${acts("p")})
          and g.tgfoid not in (select p.oid from pg_proc p where p.pronamespace = to_regnamespace('wavegate'))) came
     where num_nonnulls(came."insert", came."update", came.behind) > 0`;
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
  const typed = all.map(([column, is], at) => {
    const type = watched.columns.find((each) => each.name === column)?.type;
    return `${type === undefined ? is : `(${is})::${type}`} as v${at}`;
  });
  return `${meantName(name)} as materialized (
    select ${typed.join(", ")} from ${from}),
  ${identifier(`made_${name}`)} as (
    insert into ${identifier(into)} (${all.map(([column]) => identifier(column)).join(", ")}) overriding system value
    select ${all.map((_, at) => `v${at}`).join(", ")} from ${meantName(name)} returning *)`;
}

/** Whether a trigger that is `named`, as {@link changedThere} does, may still change rows of a table, by its number, on their way. */
export const mayStillChange = (named: string, table: string): string =>
  `(${named} like '% (changes %)' and exists (
                  select from pg_trigger g where g.tgrelid = ${table} and g.tgtype & 3 = 3 and g.tgtype & 16 > 0 and g.tgenabled in ('O', 'A')
                     and strpos(', ' || split_part(${named}, ' (changes ', 1) || ',', ', ' || g.tgname || ',') > 0))`;

const changes = (by: string, into: string): readonly [before: string, after: string] => [
  `select ${literalsWithoutColons(literal(`${by} (changes `))} || string_agg(distinct ${literal(`${into}.`)} || c.name, ', ') || ')'`,
  "where c.held is distinct from c.meant",
];

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
  const all = meant(given, watched).map(([column], at) => [column, `v${at}`] as const);
  const keys = keyColumnsOf(id);
  const same = all.filter(([column]) => keys.includes(column));
  const compared = all.filter(
    ([column]) =>
      !keys.includes(column) && watched.columns.some((each) => each.name === column && each.insert),
  );
  const list = (of: (column: readonly [string, string]) => string) =>
    `array[${compared.map(of).join(", ")}]::text[]`;
  const [select, where] = changes(watched.insert ?? "", into);
  return `(${select}
        from ${identifier(`made_${name}`)} i join ${meantName(name)} m on ${same.map(([column, value]) => `i.${identifier(column)} = m.${value}`).join(" and ")}
       cross join lateral unnest(${list(([column]) => literal(column))}, ${list(([column]) => `i.${identifier(column)}::text`)}, ${list(([, value]) => `m.${value}::text`)}) c(name, held, meant)
       ${where})`;
}

/** The columns of changed rows that are held against what was meant. */
const comparedThere = ({ columns }: Watched): readonly WatchedColumn[] =>
  columns.filter(({ update }) => update);

/** A row `t` that is there, as it is, for {@link changedThere}. */
export const wholeRow = (watched: Watched): string =>
  textObject(comparedThere(watched).map(({ name }) => [name, `t.${identifier(name)}::text`]));

/**
 * The same of rows that are there and were changed.
 *
 * @param from the changed rows, each as `whole` beside `t`, what it was: that the statement itself still sees
 * @param meant a column that was written, as the text that it was to have; undefined for one that was to stay as it is
 */
export function changedThere(
  into: string,
  watched: Watched,
  from: string,
  meant: (column: WatchedColumn) => string | undefined,
): string {
  const whole = comparedThere(watched).map(
    (column) => [column.name, meant(column) ?? `t.${identifier(column.name)}::text`] as const,
  );
  const [select, where] = changes(watched.update ?? "", into);
  return `(${select}
        from ${from}
       cross join lateral (select ${textObject(whole)} as meant offset 0) o
       cross join lateral (select w.key as name, w.value as held, o.meant -> w.key as meant from jsonb_each(whole) w) c
       ${where})`;
}
