import { identifier, literal } from "../../data/sql.ts";
import { toldAs } from "./told-as.ts";

/** A trigger of a table that waves write, and a table in which it may write as well. */
export interface TriggerWrites {
  readonly table: string;
  readonly trigger: string;
  readonly writes: string;
  /** The same with its schema. */
  readonly whole: string;
}

/**
 * The tables in which triggers of some tables may write besides the row, by what their functions' texts say: those
 * functions, what they call, and the triggers of the tables that those write. What a function puts together as it goes,
 * or does in another language than it is written in, nobody reads there.
 *
 * @param targets tables that waves write, and whether rows are changed there: else what acts on changes alone does not act
 */
export function findTriggerWrites(
  targets: readonly { readonly table: string; readonly changed: boolean }[],
): string {
  const acting = (trigger: string) =>
    `not ${trigger}.tgisinternal and ${trigger}.tgenabled in ('O', 'A')`;
  // In small letters, as it is looked for first: what is no letter or digit of a name is any letter.
  const names = (text: string, name: string, before: string, behind: string) =>
    String.raw`position(lower(${name}) in ${text}) > 0
           and ${text} ~ ('${before}' || regexp_replace(lower(${name}), '\W', '.', 'g') || '${behind}')`;
  const own = (schema: string) =>
    `${schema} <> all (array['pg_catalog', 'information_schema', 'pg_toast', 'wavegate']::name[])`;
  return String.raw`
  with recursive targets as (
    select coalesce(p.relid, t.oid) as oid, t.changed
      from (values ${targets.map(({ table, changed }) => `(to_regclass(${literal(identifier(table))})::oid, ${changed})`).join(", ")}) t (oid, changed)
      left join pg_partition_tree(t.oid) p on true where t.oid is not null),
  functions as materialized (
    select p.oid, p.proname as name, regexp_replace(regexp_replace(lower(p.prosrc), '/\*.*?\*/', ' ', 'g'), '--[^\n]*', ' ', 'g') as says
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
     where ${own("n.nspname")} and l.lanname not in ('c', 'internal')),
  tables as materialized (
    select c.oid, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and ${own("n.nspname")}),
  writing as materialized (
    select f.oid as function, t.oid as writes, v.event
      from functions f cross join tables t
      join (values ('insert\s+into', 4), ('delete\s+from', 8), ('update', 16), ('merge\s+into', 28), ('truncate(\s+table)?', 32)) v (verb, event)
        on ${names("f.says", "t.name", String.raw`' || '\m(' || v.verb || ')\s+(only\s+)?("?[^\s".]+"?\s*\.\s*)?"?`, '("|\\W|$)')}),
  calling as materialized (
    select f.oid as function, g.oid as calls from functions f join functions g
        on g.oid <> f.oid and ${names("f.says", "g.name", String.raw`\m"?`, String.raw`"?\s*\(`)}),
  acts (trigger, function) as (
    select t.oid, t.tgfoid from targets w join pg_trigger t on t.tgrelid = w.oid
     where ${acting("t")} and (w.changed or t.tgtype & 60 <> 16)
       and not exists (select from pg_trigger p where p.oid = t.tgparentid and ${acting("p")})
    union
    select a.trigger, o.function from acts a cross join lateral (
      select c.calls from calling c where c.function = a.function
       union all
      select t.tgfoid from writing w join pg_trigger t on t.tgrelid = w.writes and ${acting("t")} and t.tgtype & w.event > 0 where w.function = a.function) o (function))
  select distinct ${toldAs("t.tgrelid")} as "table", t.tgname::text as trigger, ${toldAs("w.writes")} as writes,
         n.nspname || '.' || c.relname as whole
    from acts a join writing w on w.function = a.function join pg_trigger t on t.oid = a.trigger
    join pg_class c on c.oid = w.writes join pg_namespace n on n.oid = c.relnamespace
   order by 1, 2, 3`;
}
