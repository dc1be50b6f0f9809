import { splitStatements } from "../../lib/stages/set-up/schema-statements.ts";

/** What is replaced whole by the statement that makes it; nothing of what it was is left, and who owns it and may call it stays. */
const replaced = /^create or replace (?:function|procedure|trigger|view)\b/;

/**
 * The statements that put a mistake in a schema's file into databases that were set up without it; undefined where it is in
 * something else than what they replace, a table's own condition for instance.
 */
export function remade(original: string, mistaken: string): readonly string[] | undefined {
  const before = new Set(splitStatements(original));
  const anew = splitStatements(mistaken).filter((statement) => !before.has(statement));
  return anew.every((statement) => replaced.test(statement)) ? anew : undefined;
}
