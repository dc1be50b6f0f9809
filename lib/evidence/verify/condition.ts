import type { Condition } from "../../define/definition.ts";
import type { Row } from "./row.ts";

/**
 * Whether a condition holds for a row, as far as the columns of an export tell: undefined where it looks
 * at something that is masked or not exported, such as the state of a mapping.
 */
export function holds(condition: Condition, row: Row): boolean | undefined {
  const each = (conditions: readonly Condition[]) => conditions.map((inner) => holds(inner, row));
  if ("field" in condition) {
    const value = row[condition.field];
    return value === undefined ? undefined : condition.is.includes(value);
  }
  if ("not" in condition) {
    const inner = holds(condition.not, row);
    return inner === undefined ? undefined : !inner;
  }
  if ("all" in condition) return every(each(condition.all));
  if ("any" in condition) return some(each(condition.any));
  return undefined;
}

/** All hold; one that does not decides, whatever is unknown. */
function every(all: readonly (boolean | undefined)[]): boolean | undefined {
  if (all.includes(false)) return false;
  return all.includes(undefined) ? undefined : true;
}

/** One holds; unless one does, the unknown decides. */
function some(all: readonly (boolean | undefined)[]): boolean | undefined {
  if (all.includes(true)) return true;
  return all.includes(undefined) ? undefined : false;
}
