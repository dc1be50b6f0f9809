import { identifier, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { aboveColumns, levelColumn, writes } from "../above-columns.ts";
import { valueColumn } from "../columns.ts";
import { type AliasOf, referenceJoins } from "../condition.ts";
import { aboveAlias, aboveJoins } from "../references/above.ts";
import { decisionsTable, type RowRange, stagedRows, stagedTable, within } from "../rows.ts";
import { refusedBy, type TargetRule } from "../target/rules.ts";
import { refusedByPlatform } from "../wave/refused.ts";
import { countedMarks, countedMarksOfGroups, countedValues } from "./report.ts";
import { planLine, planned, unlessThere } from "./verdict.ts";

/** What targets refuse of rows, by action, over the joins that say what rows above are. */
export interface PlannedBy {
  readonly rules: ReadonlyMap<string, readonly TargetRule[]>;
  readonly joins?: string;
}

/**
 * What a wave would do with each row of a range: the first line of the definition's plan that
 * applies (D28), knowing which rows an earlier run moved. Rows that need no wave get their state at
 * once: held, skipped or failed. Rows for which nothing changes are not written.
 *
 * Answers with the counts of a dry run (R6, M13) over the range: one row for each combination of the
 * columns that are counted, a few hundred at any number of rows.
 *
 * @param level of a kind that refers to itself: of which alone
 */
export function planRows(
  migration: Migration,
  range: RowRange,
  { rules, joins = "" }: PlannedBy,
  level?: number,
): Sql {
  const plan = unlessRefused(
    unlessAnother(unlessThere(migration, planned(migration, "p.line"), "th.there_is")),
  );
  const { selected, names } = countedColumns(migration);
  // What a wave wrote keeps the plan it was written by.
  const open = "s.import_state in ('pending', 'held', 'skipped', 'failed', 'rolled_back')";
  // What a target refuses is looked at of rows that would be written, and not of what a wave wrote.
  const { planned_action: action } = planned(migration, "p.line");
  const isThere = migration.entity.is !== undefined;
  const refused = `case when ${open} then ${
    isThere
      ? `case when ${action} is null then null when th.there_is = 'none' then ${refusedBy(rules, action)} when th.there_is = 'differs' then th.unfit end`
      : refusedBy(rules, action)
  } end`;
  const settled = plannedColumns
    .map((column) => `case when o.open then n.${column} else s.${column} end as ${column}`)
    .join(", ");
  const now = nowAbove(migration);
  const above = (of: (name: string, from: string) => string) =>
    now.map(([name, from]) => `, ${of(identifier(name), from)}`).join("");
  const marks = countedMarksOfGroups(migration, decidedAt(migration), isPlanned);
  // What is counted by the plan and by what only the row says is counted by this plan.
  const justPlanned = marks.needPlan
    ? `
      cross join lateral (select ${settled} offset 0) c`
    : "";
  const kept = "h.staged_id is not null and n.state = 'pending'";
  const reason = `case when ${kept} then 'held_by_person' else n.planned_reason end`;
  const keys = [...names, ...plannedColumns].join(", ");
  return sql`
  with judged as materialized (
    select s.id, ${raw(selected)}${raw(marks.selected)}${raw(settled)}, n.state, r.refused,
           ${raw(kept)} as kept, s.import_state = 'rolled_back' as rolled_back, m.moved_before as moved,
           o.open and (s.moved_before, s.planned, s.planned_action, s.planned_reason, s.state_reason, s.state_detail${raw(above((name) => `s.${name}`))})
             is distinct from (m.moved_before, n.planned, n.planned_action, n.planned_reason, ${raw(reason)}, r.refused${raw(above((_, from) => from))}) as differs${raw(above((name, from) => `${from} as ${name}`))}
      from ${stagedRows(migration, range)} s
      left join wavegate.moved_before b on b.staged_id = s.id and ${within(range, "b", "staged_id")}
      -- What a person holds stays held, whatever it is planned for.
      left join wavegate.held_rows h on h.staged_id = s.id and ${within(range, "h", "staged_id")}
      ${raw(referenceJoins(migration))}
      ${raw(aboveJoins(migration))}
      ${raw(joins)}
      cross join lateral (select b.staged_id is not null as moved_before) m
      cross join lateral (select ${raw(open)} as open) o${isThere ? foundThere(range) : raw("")}
      cross join lateral (select ${raw(planLine(migration, decidedAt(migration)))} as line offset 0) p
      cross join lateral (select ${raw(refused)} as refused offset 0) r
      cross join lateral (
        select ${raw(plannedColumns.map((column) => `${plan[column]} as ${column}, `).join(""))}${raw(plan.import_state)} as state offset 0) n${raw(justPlanned)}${raw(
          level === undefined
            ? ""
            : `
     where s.${identifier(levelColumn)} = ${level}`,
        )}),
  changed as (
    update ${raw(decisionsTable(migration))} d
       set moved_before = p.moved, planned = p.planned, planned_action = p.planned_action, planned_reason = p.planned_reason,
           state_reason = case when p.kept then 'held_by_person' else p.planned_reason end, state_detail = p.refused${raw(above((name) => `${name} = p.${name}`))},
           import_state = case when p.kept then 'held' when p.state = 'pending' and p.rolled_back then 'rolled_back' else p.state end
      from judged p
     where p.differs and d.staged_id = p.id and ${within(range, "d", "staged_id")}),
  counted as (
    select ${raw([keys, ...marks.columns].join(", "))}, count(*) as rows from judged group by ${raw([keys, ...marks.columns].join(", "))})
  select ${raw(keys)}, ${raw(marks.text)} as marks, rows from counted c`;
}

/** What a plan says of a row. */
const plannedColumns = ["planned", "planned_action", "planned_reason"] as const;

/** What was found of rows `s` that are there already. */
const foundThere = (range: RowRange): Sql => sql`
      left join wavegate.rows_there rt on rt.staged_id = s.id and ${within(range, "rt", "staged_id")}
      cross join lateral (
        select coalesce(rt.there_is, 'none') as there_is, rt.target_table, rt.target_key, rt.unfit) th`;

/**
 * What counts of a dry run are grouped by: the columns that the definition counts, and what is planned. Of those that a
 * row `s` has, each with the name that it has in the counts.
 */
function countedColumns(migration: Migration) {
  const counted = countedValues(migration).filter(({ column }) => !isPlanned(column));
  const names = counted.map(({ as }) => as);
  return {
    selected: counted
      .map(({ column, as }) => `s.${identifier(valueColumn(migration, column))} as ${as}, `)
      .join(""),
    names,
    each: [...names, "planned", "planned_action", "planned_reason", "marks"].join(", "),
  };
}

/** Why a row is held under whose key an earlier run moved somebody else. */
export const keyOfAnother = "key_of_another";

/** Why a row is held that an earlier run moved, and what that wrote is there no more. */
export const movedAndGone = "moved_and_gone";

/**
 * A row that would be written, or skipped as moved before, under somebody else's key is held (M11), and so is one of which
 * somebody deleted what an earlier run made of it.
 */
const unlessAnother = (plan: ReturnType<typeof planned>): ReturnType<typeof planned> => {
  const isAnother = `(b.another or b.gone) and (${plan.planned_action} is not null or ${plan.planned_reason} = 'moved_before')`;
  const unless = (now: string, another: string) =>
    `case when ${isAnother} then ${another} else ${now} end`;
  const why = `case when b.another then ${literal(keyOfAnother)} else ${literal(movedAndGone)} end`;
  return {
    planned: unless(plan.planned, "'hold'"),
    planned_action: unless(plan.planned_action, "null"),
    planned_reason: unless(plan.planned_reason, why),
    import_state: unless(plan.import_state, "'held'"),
  };
};

/** A row that a target refuses is held (B6), whatever the plan says of it. */
const unlessRefused = (plan: ReturnType<typeof planned>): ReturnType<typeof planned> => {
  const unless = (now: string, refused: string) =>
    `case when r.refused is null then ${now} else ${refused} end`;
  return {
    planned: unless(plan.planned, "'hold'"),
    planned_action: unless(plan.planned_action, "null"),
    planned_reason: unless(plan.planned_reason, literal(refusedByPlatform)),
    import_state: unless(plan.import_state, "'held'"),
  };
};

/**
 * Holds rows, of which nothing is written yet, that would be written: those of `refused`, a common table `(staged, by)`
 * and what stands before it; `by` is what is told of them besides. Answers with what that changes of the counts of {@link planRows}.
 */
export function holdPlanned(
  migration: Migration,
  run: string,
  refused: Sql,
  { reason }: { readonly reason: string },
): Sql {
  const { selected, names, each } = countedColumns(migration);
  const decisions = raw(decisionsTable(migration));
  return sql`
  with ${refused},
  before as materialized (
    select s.id, ${raw(selected)}${raw(countedMarks(migration))} as marks, s.planned as plan, s.planned_action as action, s.planned_reason as noted,
           ${raw(countedMarks(migration, (column) => (isPlanned(column) ? "n" : "s")))} as marks_held
      from refused f join ${raw(stagedTable(migration))} s on s.run_id = ${uuid(run)} and s.id = f.staged
      ${raw(referenceJoins(migration))}
      cross join (select 'hold' as planned, null::text as planned_action, ${reason}::text as planned_reason) n),
  held as (
    update ${decisions} d
       set planned = 'hold', planned_action = null, planned_reason = ${reason}, import_state = 'held',
           state_reason = ${reason}, state_detail = f.by
      from refused f where d.run_id = ${uuid(run)} and d.staged_id = f.staged)
  select ${raw(each)}, sum(p.rows)::bigint as rows
    from (select ${raw(names.map((name) => `b.${name}, `).join(""))}p.*
            from before b cross join lateral (values
              (b.plan, b.action, b.noted, b.marks, -1), ('hold', null, ${reason}::text, b.marks_held, 1)
            ) p(planned, planned_action, planned_reason, marks, rows)) p
   group by ${raw(each)}`;
}

/** Holds what a person held while rows were planned: the plan of those rows was made without knowing. */
export const holdAgain = (migration: Migration, run: string): Sql => sql`
  update ${raw(decisionsTable(migration))} d
     set import_state = 'held', state_reason = 'held_by_person', state_detail = null
    from wavegate.held_rows h
   where h.run_id = ${uuid(run)} and d.run_id = h.run_id and d.staged_id = h.staged_id
     and d.planned in ${raw(writes(migration))} and d.import_state in ('pending', 'rolled_back')`;

/** Where each column that the plan looks at stands. */
const decidedAt =
  (migration: Migration): AliasOf =>
  (column) =>
    column === "moved_before"
      ? "m"
      : column === "there_is"
        ? "th"
        : (aboveAlias(migration, column) ?? "s");

/** What is found of rows above and of what is there already, by the column that keeps it. */
const nowAbove = (migration: Migration): readonly (readonly [name: string, from: string])[] =>
  aboveColumns(migration).flatMap(([name]): [string, string][] => {
    if (name === levelColumn) return [];
    const found = aboveAlias(migration, name);
    if (found !== undefined) return [[name, `${found}.${identifier(name)}`]];
    if (name === "there_is") return [[name, "th.there_is"]];
    const from = name === "there_table" ? "target_table" : "target_key";
    // What an earlier run made of the row is it, whatever else may be.
    return [
      [name, migration.entity.is === undefined ? `b.${from}` : `coalesce(b.${from}, th.${from})`],
    ];
  });

/** Beside where the plan looks, counts look at what it says. */
const isPlanned = (column: string): boolean =>
  (plannedColumns as readonly string[]).includes(column);
