import { identifier, literal } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { always, decisionColumns } from "../../define/looked-at.ts";
import { type AliasOf, compileCondition } from "../condition.ts";

/** The alias under which {@link decisionJoins} give a decision. */
const aliasOf = (column: string): string => identifier(`decided_${column}`);

/** Joins to a row `s` that make every decision about it, one behind the other, each once. */
export const decisionJoins = (migration: Migration): string =>
  decisionColumns(migration)
    .map(
      (column) =>
        `cross join lateral (select ${decision(migration, column)} as ${identifier(column)} offset 0) ${aliasOf(column)}`,
    )
    .join("\n    ");

/** Where a column stands beside {@link decisionJoins}: a decision as it was just made. */
export const justDecided =
  (migration: Migration): AliasOf =>
  (column) =>
    Object.hasOwn(migration.entity.decide, column) ? aliasOf(column) : "s";

/** Each decision as {@link decisionJoins} give it. */
export const decided = (migration: Migration): string[] =>
  decisionColumns(migration).map((column) => `${aliasOf(column)}.${identifier(column)}`);

/** The first line that applies says what the row is (M3, M4). */
function decision(migration: Migration, column: string): string {
  const lines = migration.entity.decide[column] ?? [];
  const last = lines.at(-1);
  if (!last || !always(last.when)) {
    throw new Error(
      `The decision “${column}” of “${migration.name}” leaves rows undecided: its last line has to be “otherwise”.`,
    );
  }
  const at = justDecided(migration);
  const cases = lines
    .slice(0, -1)
    .map((line) => `when ${compileCondition(line.when, migration, at)} then ${literal(line.is)}`);
  return cases.length === 0
    ? `${literal(last.is)}::text`
    : `case ${cases.join("\n      ")} else ${literal(last.is)} end`;
}
