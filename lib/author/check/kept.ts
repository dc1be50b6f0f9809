import { isNamed } from "../../compile/around/surroundings.ts";
import type { Pin } from "../../compile/pin/pin.ts";
import { setsColumn } from "../../compile/target/filled-by-trigger.ts";
import { literal, literals, tablesNamed } from "../../data/sql.ts";
import { keptOf } from "../../define/kept-columns.ts";
import { type Problem, warning } from "../problem.ts";
import type { Ask } from "../target.ts";

/**
 * Columns that a trigger gives to rows whenever the platform keeps another column of them, such as when they were last
 * changed: taking back what a sum is of changes the row that has the sum, which is then no longer what was written.
 */
export async function checkKept({ targets, effects }: Pin, ask: Ask): Promise<Problem[]> {
  const tables = targets.flatMap(({ table }) => (keptOf(effects, table).length > 0 ? [table] : []));
  if (tables.length === 0) return [];
  const kept = tables.map(
    (table) => `when ${literals([table])} then a.attname in (${literals(keptOf(effects, table))})`,
  );
  const found = await ask(`
    select t.name as "table", g.tgname as trigger, a.attname as "column"
      from (${tablesNamed(tables)}) t
      join pg_trigger g on g.tgrelid = t.oid and g.tgtype & 3 = 3 and g.tgtype & 16 > 0
       and not g.tgisinternal and g.tgenabled in ('O', 'A')
      join pg_proc f on f.oid = g.tgfoid
      join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     cross join (select ${literal(JSON.stringify(Object.keys(effects)))}::jsonb as names offset 0) said
     where ${isNamed("g.tgrelid", "g.tgname")} and ${setsColumn("f.prosrc", "a.attname")}
       and not (case t.name ${kept.join(" ")} end)
     order by 1, 2, a.attnum`);
  return found.map(({ table, trigger, column }) =>
    warning(
      "target_kept_beside",
      String(table),
      `${table} has the trigger ${trigger}, which sets “${column}” whenever the platform keeps ${keptOf(effects, String(table)).join(", ")} of a row: such a row is no longer what was written, and the drill and a rollback leave it.`,
      `Say that the platform keeps it as well: effects: { "${table}.${trigger}": keeps("${table}(${column})", "why") }.`,
    ),
  );
}
