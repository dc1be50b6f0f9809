import type { Migration, Value } from "../define/definition.ts";
import { meaningsOf } from "../define/fields.ts";
import { linesOf } from "../define/looked-at.ts";

/** Whether a value is what a decision says. */
export const isDecision = (migration: Migration, value: Value): boolean =>
  "staged" in value && Object.hasOwn(migration.entity.decide, value.staged);

/** The words that a value may be, of a constant, a choice or a decision. */
export function wordsOf(migration: Migration, value: Value): string[] {
  if ("constant" in value) return [value.constant];
  if (!("staged" in value)) return [];
  const field = migration.entity.fields[value.staged];
  const words =
    field?.kind === "choice"
      ? meaningsOf(field)
      : linesOf(migration.entity, value.staged).map(({ is }) => is);
  const out = leftOut(migration, value.staged);
  return [...new Set(words)].filter((word) => !out.has(word));
}

/** The words of a choice or a decision whose rows no line of the plan commits: one above the first that does takes them all. */
function leftOut({ entity }: Migration, field: string): ReadonlySet<string> {
  const first = entity.plan.findIndex((line) => "commit" in line);
  const above = first < 0 ? entity.plan : entity.plan.slice(0, first);
  return new Set(
    above.flatMap(({ when }) =>
      ("any" in when ? when.any : [when]).flatMap((each) => {
        if (!("field" in each)) return [];
        return each.field === field
          ? each.is
          : takenBy(linesOf(entity, each.field), each.is, field);
      }),
    ),
  );
}

/** The words of a choice of which all rows are decided as one of some words: no line above takes them for another. */
function takenBy(
  lines: Migration["entity"]["decide"][string],
  words: readonly string[],
  field: string,
): readonly string[] {
  const taken: string[] = [];
  const seen = new Set<string>();
  for (const { is, when } of lines) {
    if (!("field" in when) || when.field !== field) break;
    if (words.includes(is)) taken.push(...when.is.filter((word) => !seen.has(word)));
    for (const word of when.is) seen.add(word);
  }
  return taken;
}
