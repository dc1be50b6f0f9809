import type { Migration } from "../define/definition.ts";
import { decisionColumns } from "../define/looked-at.ts";
import { fieldProblems } from "./problems/fields.ts";
import { ruleProblems } from "./problems/rules.ts";

/**
 * What is wrong with a definition by itself, each in a sentence that says where and what would do: names
 * that nothing has, words that nothing is, lists that leave a row undecided. Nothing of it compiles to SQL
 * that could be asked for. Of formats of dates and zones, `definitionFaults` (lib/stages) tells, too.
 */
export function problemsOf(migration: Migration): readonly string[] {
  try {
    decisionColumns(migration);
  } catch (error) {
    // Without an order of decisions there are no columns to speak of.
    return [(error as Error).message];
  }
  return [...new Set([...fieldProblems(migration), ...ruleProblems(migration)])];
}
