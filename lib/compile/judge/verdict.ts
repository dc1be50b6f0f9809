import { literal, literals } from "../../data/sql.ts";
import type { Migration, PlanRule } from "../../define/definition.ts";
import { type AliasOf, compileCondition } from "../condition.ts";
import { planOf } from "../keys.ts";

/**
 * The ids of the validation rules that fired for a row `s`, as a join `fired(ids)`; null for none. Each rule is looked
 * at once, for what it says and for the verdict; of a row of which nothing was noted, as of most, only those that
 * look at something else.
 */
export function firedJoin(migration: Migration): string {
  const rules = migration.entity.validate.map(({ id, when }) => ({
    id,
    noted: "noted" in when,
    fires: compileCondition(when, migration),
  }));
  const fired = rules.map(({ id, fires }) => `case when ${fires} then ${literal(id)} end`);
  const others = rules.filter(({ noted }) => !noted).map(({ fires }) => ` or ${fires}`);
  return `cross join lateral (
      select case when s.findings is not null${others.join("")}
                  then nullif(array_remove(array[${fired.join(", ")}]::text[], null), '{}') end as ids offset 0) fired`;
}

/** The ids of {@link firedJoin} as jsonb; null for none. */
export const firedRules = "to_jsonb(fired.ids)";

/** The verdict on a row beside {@link firedJoin}. */
export function verdictOfFired({ entity }: Migration, duplicate: string): string {
  const of = (wanted: string) =>
    `array[${literals(entity.validate.flatMap(({ id, verdict }) => (verdict === wanted ? [id] : [])))}]::text[]`;
  return `case when fired.ids && ${of("failed")} then 'failed' when fired.ids && ${of("needs_review")} then 'needs_review'
       when ${duplicate} then 'duplicate' else 'valid' end`;
}

/** The verdict on a row: the worst wins in the order failed, needs_review, duplicate (D9). */
export function verdict(migration: Migration, duplicate: string, at?: AliasOf): string {
  const anyOf = (wanted: string) =>
    migration.entity.validate
      .filter((rule) => rule.verdict === wanted)
      .map((rule) => compileCondition(rule.when, migration, at))
      .join(" or ") || "false";
  return `case when ${anyOf("failed")} then 'failed' when ${anyOf("needs_review")} then 'needs_review'
       when ${duplicate} then 'duplicate' else 'valid' end`;
}

/** The number of the first line of the plan that applies to a row (D28), from 1; null where none does. */
export function planLine(migration: Migration, at?: AliasOf): string {
  const lines = planOf(migration).map(
    (rule, index) => `when ${compileCondition(rule.when, migration, at)} then ${index + 1}`,
  );
  return `case ${lines.join("\n      ")} end`;
}

/** What a line of the plan says, by its number: looked up, so that conditions are weighed once. */
export function planned(migration: Migration, line: string): Record<PlannedColumn, string> {
  const outcomes = planOf(migration).map(outcome);
  const list = (values: readonly (string | null)[]) =>
    `(array[${values.map((value) => (value === null ? "null" : literal(value))).join(", ")}]::text[])[${line}]`;
  return {
    planned: list(outcomes.map(({ planned }) => planned)),
    planned_action: list(outcomes.map(({ action }) => action)),
    planned_reason: list(outcomes.map(({ reason }) => reason)),
    import_state: list(outcomes.map(({ planned }) => stateOf[planned])),
  };
}

type PlannedColumn = "planned" | "planned_action" | "planned_reason" | "import_state";

interface Outcome {
  readonly planned: "commit" | "link" | "hold" | "conflict" | "skip" | "fail";
  readonly action: string | null;
  readonly reason: string | null;
}

/** Rows that need no wave have their state at once. */
const stateOf = {
  commit: "pending",
  link: "pending",
  hold: "held",
  conflict: "held",
  skip: "skipped",
  fail: "failed",
} as const;

function outcome(rule: PlanRule): Outcome {
  if ("hold" in rule) return { planned: "hold", action: null, reason: rule.hold };
  if ("conflict" in rule) return { planned: "conflict", action: null, reason: rule.conflict };
  if ("fail" in rule) return { planned: "fail", action: null, reason: rule.fail };
  if ("skip" in rule) return { planned: "skip", action: null, reason: rule.skip };
  if ("link" in rule) return { planned: "link", action: null, reason: null };
  return { planned: "commit", action: rule.commit, reason: rule.note ?? null };
}

/**
 * What a line of the plan comes to for a row that is there already: one that would be committed is brought up to date
 * where that changes anything, and never written beside it.
 *
 * @param is where it is known whether it is there
 */
export function unlessThere(
  { entity }: Migration,
  plan: Record<PlannedColumn, string>,
  is: string,
): Record<PlannedColumn, string> {
  if (entity.is === undefined) return plan;
  const when = (otherwise: string, differs: string, same: string, other: string) =>
    `case when ${plan.planned_action} is null or coalesce(${is}, 'none') = 'none' then ${otherwise}
              when ${is} = 'differs' then ${differs} when ${is} = 'same' then ${same} else ${other} end`;
  return {
    planned: when(plan.planned, "'update'", "'skip'", "'hold'"),
    planned_action: when(plan.planned_action, plan.planned_action, "null", "null"),
    planned_reason: when(plan.planned_reason, "null", "'unchanged'", `${is} || '_there'`),
    import_state: when(plan.import_state, "'pending'", "'skipped'", "'held'"),
  };
}
