import type { Condition, Migration, PlanRule } from "../../define/definition.ts";

/**
 * Whether an action may make a row. It makes none where each line that commits with it asks for a row that is there, or
 * stands below one that keeps from it whatever is not: such a definition brings up to date what the platform has.
 */
export function mayCreate({ entity }: Migration, action: string): boolean {
  if (entity.is === undefined) return true;
  for (const line of entity.plan) {
    if ("commit" in line) {
      if (line.commit === action && !neverNew(line.when)) return true;
    } else if (everyNew(line)) return false;
  }
  return false;
}

const asks = (condition: Condition): readonly string[] | undefined =>
  "field" in condition && condition.field === "there_is" ? condition.is : undefined;

/** Whether a line takes every row that is not there. */
function everyNew({ when }: PlanRule): boolean {
  const each = "any" in when ? when.any : [when];
  return each.some((condition) => asks(condition)?.includes("none"));
}

/** Whether a condition holds of no row that is not there. */
function neverNew(when: Condition): boolean {
  const each = "all" in when ? when.all : [when];
  return each.some((condition) => {
    const not = "not" in condition ? asks(condition.not) : undefined;
    return not?.includes("none") || asks(condition)?.includes("none") === false;
  });
}
