import type { Condition, Migration } from "./definition.ts";

/** The names that a condition looks at: fields, staged columns and references. */
export function lookedAt(condition: Condition): string[] {
  if ("all" in condition) return condition.all.flatMap(lookedAt);
  if ("any" in condition) return condition.any.flatMap(lookedAt);
  if ("not" in condition) return lookedAt(condition.not);
  if ("missing" in condition) return [condition.missing];
  if ("present" in condition) return [condition.present];
  if ("noted" in condition) return ["findings"];
  if ("passed" in condition) return [condition.passed];
  if ("said" in condition || "changes" in condition) return [];
  if ("other" in condition) return [condition.other];
  if ("there" in condition) return "before" in condition ? [condition.before] : [];
  if ("before" in condition) return [condition.before, condition.than];
  if ("time" in condition) return [condition.time];
  if ("dated" in condition) return [condition.dated];
  if ("number" in condition) return [condition.number];
  return "field" in condition ? [condition.field] : [condition.reference];
}

/** The findings that a condition asks for. */
export function notedIn(condition: Condition): string[] {
  if ("all" in condition) return condition.all.flatMap(notedIn);
  if ("any" in condition) return condition.any.flatMap(notedIn);
  if ("not" in condition) return notedIn(condition.not);
  return "noted" in condition ? [condition.noted] : [];
}

/** The columns of a row that is there at which a condition looks. */
export function seenThere(condition: Condition): string[] {
  if ("all" in condition) return condition.all.flatMap(seenThere);
  if ("any" in condition) return condition.any.flatMap(seenThere);
  if ("not" in condition) return seenThere(condition.not);
  return "there" in condition ? [condition.there] : [];
}

/** The words that a condition compares a column with, by the column's name. */
export function comparedWith(condition: Condition, column: string): string[] {
  if ("all" in condition) return condition.all.flatMap((each) => comparedWith(each, column));
  if ("any" in condition) return condition.any.flatMap((each) => comparedWith(each, column));
  if ("not" in condition) return comparedWith(condition.not, column);
  return "field" in condition && condition.field === column ? [...condition.is] : [];
}

/** Whether a condition holds for every row: the last line of a list. */
export const always = (condition: Condition): boolean =>
  "all" in condition && condition.all.length === 0;

/**
 * The columns that keep what a definition decides about a row, each behind those that it looks at.
 * Errors: one that looks at itself, by whatever way.
 */
export function decisionColumns({ name, entity }: Migration): readonly string[] {
  const open = new Map(
    Object.entries(entity.decide).map(([column, lines]) => [
      column,
      lines.flatMap(({ when }) => lookedAt(when)),
    ]),
  );
  const made: string[] = [];
  while (open.size > 0) {
    const ready = [...open.keys()]
      .filter((column) => open.get(column)?.every((other) => !open.has(other)))
      .sort();
    if (ready.length === 0) {
      const circle = [...open.keys()].sort().map((column) => `“${column}”`);
      throw new Error(
        `Decisions of “${name}” wait for each other: ${circle.join(", ")}. One of them has to do without the others.`,
      );
    }
    for (const column of ready) open.delete(column);
    made.push(...ready);
  }
  return made;
}

/** The lines of a decision; none of what is no decision, be it a field that is called as what every object has. */
export const linesOf = (
  { decide }: Pick<Migration["entity"], "decide">,
  name: string,
): Migration["entity"]["decide"][string] =>
  Object.hasOwn(decide, name) ? (decide[name] ?? []) : [];
