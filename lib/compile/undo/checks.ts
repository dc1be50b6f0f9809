import { bigint, identifier, inLists, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Pin, PinnedTarget } from "../pin/pin.ts";
import { decisionsOf } from "../rows.ts";
import { isNamedBy } from "../target-key.ts";
import { compareWritten, openEntries, type Reshaping } from "../wave/written-rows.ts";
import { holdsUpdate } from "./undo-updates.ts";

/** Rows of a guarded table that a transaction wrote, by its id (R13): none may be. */
export function writtenBy(tables: readonly string[], transaction: string): Sql {
  // xmin keeps the low 32 bits of the transaction's id; compared as what it is, no row is converted.
  const counts = tables.map(
    (table) =>
      `select ${literal(table)} as "table", count(*) as rows from ${identifier(table)} where xmin = `,
  );
  if (counts.length === 0) return raw(`select ''::text as "table", 0::bigint as rows where false`);
  return counts
    .map((each) => sql`${raw(each)}(${transaction}::bigint & 4294967295)::text::xid`)
    .reduce((all, each, index) => (index === 0 ? each : sql`${all} union all ${each}`));
}

/** Characters of what one statement asks about target tables, of however many. */
const mostOfTargets = 25_000;

/**
 * Ledger of a wave against the target tables: entries, and entries whose row is there as written. What a
 * rollback spared, because somebody changed it since (D16), is no longer the wave's: it is not counted. In as few
 * statements as take it: `there` of all of them together, `entries` and `marked` of the first.
 */
export function ledgerAgainstTargets(
  { targets, entities }: Pin,
  run: string,
  wave: number,
  reshaped: readonly Reshaping[],
): readonly [Sql, ...Sql[]] {
  const there = targets.map(
    (target) =>
      `(l.target_table = ${literal(target.table)} and exists (select from ${identifier(target.table)} t
          where ${isNamedBy(target, "t", "l")} and ${asWritten(target, reshaped)}))`,
  );
  const decisions = decisionsOf(entities, "run_id", "staged_id", "wave", "import_state");
  const counting = (some: readonly string[]) => sql`
  with decided as not materialized (select * from ${raw(decisions)} m),
  marked as materialized (
    select m.staged_id from decided m
     where m.run_id = ${uuid(run)} and m.wave = ${wave} and m.import_state in ('committed', 'linked'))
  select count(*) as entries,
         count(*) filter (where ${raw(some.join(" or "))}) as there,
         (select count(*) from marked m where m.staged_id not in (${sparedRows(run)} and l.wave = ${wave})) as marked
    from ${openEntries(run, wave)} l
   where l.conflict is null
     -- Of what is not marked each is looked up: of a join what was decided may be read from the run's first row on for every wave.
     and case when l.staged_id in (select staged_id from marked) then true
              else exists (select from decided d where d.run_id = l.run_id and d.staged_id = l.staged_id) end`;
  const [first = [], ...others] = inLists(there, mostOfTargets);
  return [counting(["l.action = 'link'", ...first]), ...others.map((some) => counting(some))];
}

/**
 * The columns of rows of a wave that hold something else than what was written, as `table.column` with how many rows, the most
 * of them first: what somebody edited, or what the platform keeps by itself. In as few statements as take it.
 */
export function columnsChanged(
  { targets }: Pin,
  run: string,
  wave: number,
  reshaped: readonly Reshaping[],
): readonly Sql[] {
  const each = targets.map((target) => {
    const { unchanged, changed } = compareWritten(target, "l", reshaped);
    const table = literal(target.table);
    return `
    select ${table} || '.' || c.name as "column"
      from entries l join ${identifier(target.table)} t on ${isNamedBy(target, "t", "l")}
      cross join lateral jsonb_array_elements_text(${changed}) c (name)
     where l.action = 'commit' and l.conflict is null and l.target_table = ${table} and not (${unchanged})`;
  });
  return inLists(each, mostOfTargets).map(
    (some) => sql`
  with entries as not materialized (select * from ${openEntries(run, wave)} l)
  select "column", count(*) as rows from (${raw(some.join("\n    union all "))}) c group by 1 order by 2 desc, 1 limit 5`,
  );
}

/** Whether a row of a target is as an entry of the ledger says: whole, or in the columns that were changed. */
function asWritten(target: PinnedTarget, reshaped: readonly Reshaping[]): string {
  const whole = compareWritten(target, "l", reshaped).unchanged;
  if (target.updated === undefined) return whole;
  return `case when l.action = 'update' then ${holdsUpdate(target, "l", reshaped)} else ${whole} end`;
}

const sparedRows = (run: string): Sql => sql`
  select l.staged_id from wavegate.legacy_import_commit_logs l
   where l.run_id = ${uuid(run)} and l.rolled_back_at is null and l.conflict is not null`;

/** How many rows of a run stand on the platform because a rollback spared them (D16). */
export const countSpared = (run: string): Sql =>
  sql`select count(*) as spared from (${sparedRows(run)}) spared`;

/** The SQL of a pinned check, bound to a run, and to one wave or to all of them. */
export function bindCheck(text: string, run: string, wave: number | null): Sql {
  return text
    .split(/(\{run\}|\{wave\})/)
    .map((part) => {
      if (part === "{run}") return sql`${uuid(run)}`;
      return part === "{wave}" ? sql`${bigint(wave)}` : raw(part);
    })
    .reduce((all, part) => sql`${all}${part}`);
}
