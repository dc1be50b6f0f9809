import { identifier, literal, literals, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Pin } from "../pin/pin.ts";
import { isNamedBy } from "../target-key.ts";
import { compareWritten, drawnKey, type Reshaping } from "./written-rows.ts";

/**
 * Rows of a round that was taken back which are there again as that round wrote them, and stand by no entry of a later
 * one: what a drill leaves behind. Another row that came to have the id of one is not.
 */
export function thereAgain(
  pin: Pin,
  run: string,
  { wave, round }: { readonly wave: number; readonly round: number },
  reshaped: readonly Reshaping[],
): Sql {
  const there = pin.targets.map(
    (target) =>
      `(l.target_table = ${literal(target.table)} and exists (select from ${identifier(target.table)} t
          where ${isNamedBy(target, "t", "l")} and ${compareWritten({ ...target, ordinary: false }, "l", reshaped).unchanged}))`,
  );
  return sql`
  select count(*) as n from wavegate.legacy_import_commit_logs l
   where l.run_id = ${uuid(run)} and l.wave = ${wave} and l.round = ${round} and l.action = 'commit' and l.rolled_back_at is not null
     and not exists (
       select from wavegate.legacy_import_commit_logs o
        where o.run_id = l.run_id and o.wave = l.wave and o.round > l.round and o.rolled_back_at is null
          and o.target_table = l.target_table and o.target_id is not distinct from l.target_id and o.target_key is not distinct from l.target_key)
     and (${raw(there.join(" or "))})`;
}

/**
 * Rows of two rounds of one wave whose content differs, ids and moments aside: a drill that
 * committed again must have written the same (D13).
 */
export function differingRounds({ targets }: Pin, run: string, wave: number, round: number): Sql {
  const content = targets.map((target) => {
    const { table, written, redrawn = [] } = target;
    const anew = [...redrawn, ...drawnKey(target)];
    return `when ${literal(table)} then (select jsonb_object_agg(e.key, e.value) from jsonb_each(l.after_image) e
             where e.key = any (array[${literals(written.filter((column) => !anew.includes(column)))}]::text[]))`;
  });
  return sql`
  with rounds as (
    select staged_id, round, action, target_table, case target_table ${raw(content.join(" "))} end as content, before_image
      from wavegate.legacy_import_commit_logs l
     where run_id = ${uuid(run)} and wave = ${wave} and round in (${round}, ${round + 1}))
  select count(*) as differing
    from (select * from rounds where round = ${round}) a
    full join (select * from rounds where round = ${round + 1}) b on b.staged_id = a.staged_id
   where (a.action, a.target_table, a.content, a.before_image) is distinct from (b.action, b.target_table, b.content, b.before_image)`;
}
