import { identifier, literal } from "../../data/sql.ts";
import type { InsertAction, Migration } from "../../define/definition.ts";
import { updatesOf } from "../../define/identity.ts";
import { error, type Problem } from "../problem.ts";
import type { Ask, TargetColumn, TargetTable } from "../target.ts";
import { isDecision, wordsOf } from "../words-written.ts";

/**
 * Constants and words of choices that a check of their column alone refuses, whatever it says. Lists of words are told of
 * already; of a decision's words those alone are written that the plan commits.
 */
export async function checkConstraints(
  migration: Migration,
  { name, action }: { readonly name: string; readonly action: InsertAction },
  table: TargetTable,
  ask: Ask,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  const values = [...Object.entries(action.values), ...Object.entries(updatesOf(migration.entity))];
  for (const [column, value] of values) {
    const to = table.columns.find((each) => each.name === column);
    if (to === undefined || isDecision(migration, value)) continue;
    const words = wordsOf(migration, value).filter((word) => to.words?.includes(word) ?? true);
    for (const { text, by } of await refusedBy(ask, to, words))
      problems.push(
        error(
          "target_word",
          text,
          `“${name}” may write “${text}” into ${table.name}.${column}, which the platform’s check “${by}” refuses.`,
          "Correct the word in the definition, or let the platform’s check have it.",
        ),
      );
  }
  return problems;
}

/** Which of these texts, of those that the column's type reads, its checks refuse; of a check that fails by itself nothing is said. */
export async function refusedBy(
  ask: Ask,
  { name, type, typeSeen, checks }: TargetColumn,
  texts: readonly string[],
): Promise<{ readonly text: string; readonly by: string }[]> {
  if (texts.length === 0 || !typeSeen) return [];
  const list = texts.map((text) => `(${literal(text)})`).join(", ");
  const found: { text: string; by: string }[] = [];
  for (const { by, holds } of checks) {
    const rows = await asked(
      ask,
      `
    select v."own text" as text from (values ${list}) v("own text")
     cross join lateral (select case when pg_input_is_valid(v."own text", ${literal(type)}) then v."own text"::${type} end as ${identifier(name)} offset 0) t
     where (${holds}) is false`,
    );
    found.push(...(rows ?? []).map(({ text }) => ({ text: String(text), by })));
  }
  return found;
}

/** What is answered; undefined where the platform fails at it, which ends nothing else. */
export async function asked(
  ask: Ask,
  question: string,
): Promise<Awaited<ReturnType<Ask>> | undefined> {
  // Outside of a transaction each question stands by itself.
  const inside = await ask("savepoint held_against").then(
    () => true,
    () => false,
  );
  try {
    return await ask(question);
  } catch {
    if (inside) await ask("rollback to savepoint held_against");
    return undefined;
  } finally {
    if (inside) await ask("release savepoint held_against");
  }
}
