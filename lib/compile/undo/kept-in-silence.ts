import { identifier, inLists, literal, raw, type Sql, sql } from "../../data/sql.ts";
import type { Pin } from "../pin/pin.ts";
import { entryKeyAsJson } from "../shown/key.ts";
import { isNamedBy } from "../target-key.ts";
import { compareWritten, openEntries, type Reshaping, type Shape } from "../wave/written-rows.ts";
import { open } from "./kinds-of-wave.ts";
import { isEdited, notGivenBack } from "./undo-updates.ts";

/** What stands behind the names of triggers that may have kept a row. */
const silently = " (keeps it in silence)";

/** Whether the trigger `g` may keep the row `t` and say nothing. */
const mayKeep = (event: "delete" | "update"): string =>
  `g.tgrelid = t.tableoid and not g.tgisinternal and g.tgenabled in ('O', 'A')
         and g.tgtype & 3 = 3 and g.tgtype & ${event === "delete" ? 8 : 16} > 0
         and g.tgfoid not in (select p.oid from pg_proc p where p.pronamespace = to_regnamespace('wavegate'))`;

/** The triggers that may have kept the row `t`, by name. */
const keepers = (event: "delete" | "update"): string => `(
      select coalesce(string_agg(g.tgname, ', ' order by g.tgname), 'the platform') || '${silently}' from pg_trigger g
       where ${mayKeep(event)})`;

/**
 * Whether all triggers that are `named`, as {@link nameSilence} does, for a row `t` that was kept may still keep it: of
 * several nobody knows which one did.
 */
export const mayStillKeep = (
  named: string,
  event: "delete" | "update",
): string => `(${named} like '%${silently}' and left(${named}, -${silently.length}) = (
                  select string_agg(g.tgname, ', ' order by g.tgname) from pg_trigger g
                   where ${mayKeep(event)}
                     and strpos(', ' || left(${named}, -${silently.length}) || ',', ', ' || g.tgname || ',') > 0))`;

/** Characters of what one statement asks about target tables, of however many. */
const mostOfKept = 40_000;

/**
 * Of the entries that this transaction spared as edited those whose rows hold to the letter, by a look behind the undo,
 * what would have been taken back: a trigger that returns null keeps a row and says nothing, and a column may take no
 * more what it held. Their conflicts say which. As rows of (table, id, by, edited, rows), the last of which is how many were kept
 * by the same: the first hundred of each table, and one at least of whatever kept any, as a wave may be kept whole, of which
 * an answer does not hold all. In as few statements as take it.
 */
export function nameSilence(
  { targets }: Pin,
  run: string,
  wave: number,
  reshaped: readonly Reshaping[],
  present: Shape,
): readonly Sql[] {
  const kept = targets.flatMap((target) => {
    const row = `
    from entries e join ${identifier(target.table)} t on ${isNamedBy(target, "t", "e")}
   where e.target_table = ${literal(target.table)}`;
    const back = notGivenBack(target, reshaped, present);
    const created = `select e.id, ${keepers("delete")} as by, false as edited${row} and e.action = 'commit' and e.conflict -> 'changed' = '[]'
       and ${compareWritten(target, "e", reshaped).unchanged}`;
    if (back === undefined) return [created];
    const unfit = back.unfit.map(({ says, is }) => `when ${is} then ${says}`);
    const edited = isEdited(target, "e", reshaped);
    return [
      created,
      `select e.id, coalesce(case ${unfit.join(" ")} end, ${keepers("update")}) as by, ${edited} as edited${row}
       and e.action = 'update' and (${back.kept} or ${back.unfit.map(({ is }) => is).join(" or ")})`,
    ];
  });
  return inLists(kept, mostOfKept).map(
    (some) => sql`
  with spared as materialized (
    select l.id from wavegate.legacy_import_commit_logs l
     where ${open(run, wave)} and l.xmin = pg_current_xact_id()::xid
       and l.conflict @> '{"edited": true, "referenced": false}' and not jsonb_exists(l.conflict, 'refused')),
  entries as materialized (
    select l.* from ${openEntries(run, wave)} l where l.id in (select id from spared)),
  kept as materialized (${raw(some.join("\n  union all "))}),
  noted as (
    update wavegate.legacy_import_commit_logs l
       set conflict = l.conflict || jsonb_build_object('edited', k.edited, 'refused', k.by)
      from kept k where ${open(run, wave)} and l.id = k.id
    returning l.id as log, l.target_table, ${raw(entryKeyAsJson("l"))} as key, k.by, k.edited),
  placed as (
    select noted.*, count(*) over (partition by by) as rows, row_number() over (partition by by order by log) as nth,
           row_number() over (partition by target_table order by log) as place
      from noted)
  select target_table as "table", key as id, by, edited, rows from placed where place <= 100 or nth = 1`,
  );
}
