import { identifier, literal } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { isUpdated } from "../define/identity.ts";
import { standsIn } from "./above.ts";
import { makes } from "./wave.ts";

/** Triggers that may leave a row out and say nothing, of a table or its partitions, by name; with what stands behind them. */
const silent = (table: string, event: "insert" | "update"): string => {
  const place = `to_regclass(${literal(identifier(table))})`;
  return `(
      select coalesce(string_agg(distinct g.tgname, ', '), 'the platform') || ' (${event === "insert" ? "leaves it out" : "keeps it"} in silence)'
        from pg_trigger g
       where (g.tgrelid = ${place} or g.tgrelid in (select relid from pg_partition_tree(${place})))
         and not g.tgisinternal and g.tgenabled in ('O', 'A') and g.tgtype & 3 = 3 and g.tgtype & ${event === "insert" ? 4 : 16} > 0
         and g.tgfoid not in (select p.oid from pg_proc p where p.pronamespace = to_regnamespace('wavegate')))`;
};

/**
 * What leaves out rows of `picked` where fewer were written than there are, as a trigger does that returns null: its
 * name; an empty text where every row was.
 */
export function leftOut(migration: Migration): string {
  const fewer = (of: string, written: string) =>
    `(select count(*) from picked p where ${of}) > (select count(*) from ${identifier(written)})`;
  const actions = Object.entries(migration.entity.actions);
  const cases = actions.map(
    ([name, { into }]) =>
      `when ${fewer(makes(name), `made_${name}`)} then ${silent(into, "insert")}`,
  );
  if (isUpdated(migration.entity))
    cases.push(
      `when ${fewer("p.planned = 'update'", "changed_there")} then ${silent(standsIn(migration).into, "update")}`,
    );
  return `case when false then '' ${cases.join(" ")} else '' end`;
}
