import type { Condition, Migration } from "../../define/definition.ts";

/** A condition as people read it. */
export function inWords(condition: Condition, fields: Migration["entity"]["fields"]): string {
  const each = (conditions: readonly Condition[]) =>
    conditions.map((inner) => inWords(inner, fields));
  if ("all" in condition)
    return condition.all.length === 0 ? "everything else" : each(condition.all).join(" and ");
  if ("any" in condition) return `(${each(condition.any).join(" or ")})`;
  if ("not" in condition) return `not ${inWords(condition.not, fields)}`;
  if ("missing" in condition) return `no ${condition.missing}`;
  if ("present" in condition) return `some ${condition.present}`;
  if ("noted" in condition) return condition.noted.replaceAll("_", " ");
  if ("passed" in condition) return `${condition.passed} is over`;
  if ("changes" in condition) return `${condition.changes} is written`;
  if ("said" in condition) return `${condition.said} was said`;
  if ("other" in condition) return `${condition.other} is another than ${condition.thanSetting}`;
  if ("there" in condition)
    return "before" in condition
      ? `${condition.there} of the row that is there is before ${condition.before}`
      : `${condition.there} of the row that is there is ${condition.is.map((word) => `“${word}”`).join(", ")}`;
  if ("before" in condition) return `${condition.before} is before ${condition.than}`;
  if ("time" in condition) return `${condition.time} is before ${condition.earlierThan}`;
  if ("dated" in condition) return `${condition.dated} is before ${condition.isBefore}`;
  if ("number" in condition)
    return "below" in condition
      ? `${condition.number} is below ${condition.below}`
      : `${condition.number} is at least ${condition.atLeast}`;
  const name = "field" in condition ? condition.field : condition.reference;
  const statuses = Object.values(fields).filter(({ kind }) => kind === "status").length;
  const called = fields[name]?.kind === "status" && statuses === 1 ? "status" : name;
  return `${called} is ${condition.is.map((word) => `“${word}”`).join(", ")}`;
}
