import type { Migration } from "../define/definition.ts";
import { decisionColumns } from "../define/looked-at.ts";
import { partsOf, type WholeMigration } from "../define/several.ts";
import { fieldProblems } from "./problems/fields.ts";
import { ruleProblems } from "./problems/rules.ts";
import { togetherProblems } from "./problems/together.ts";

/**
 * What is wrong with a definition by itself, each in a sentence that says where and what would do: names
 * that nothing has, words that nothing is, lists that leave a row undecided. Nothing of it compiles to SQL
 * that could be asked for. Of formats of dates and zones, `definitionFaults` (lib/stages) tells, too.
 */
export function problemsOf(migration: WholeMigration): readonly string[] {
  const parts = partsOf(migration);
  const several = parts.length > 1;
  const each = parts.flatMap((part) =>
    ofPart(part).map((problem) => (several ? `Of “${part.part}”: ${problem}` : problem)),
  );
  return [...new Set([...each, ...(several ? togetherProblems(migration, parts) : [])])];
}

function ofPart(migration: Migration): readonly string[] {
  try {
    decisionColumns(migration);
  } catch (error) {
    // Without an order of decisions there are no columns to speak of.
    return [(error as Error).message];
  }
  return [...fieldProblems(migration), ...ruleProblems(migration)];
}
