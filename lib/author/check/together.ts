import { identifier, literal } from "../../data/sql.ts";
import type { InsertAction, Migration, Value } from "../../define/definition.ts";
import { error, type Problem } from "../problem.ts";
import type { Ask, TableCheck, TargetColumn, TargetTable } from "../target.ts";
import { isDecision, wordsOf } from "../words-written.ts";
import { asked } from "./constraints.ts";

/** More combinations than these are not tried. */
const combinationsAtMost = 400;

/** What a column of a new row may be, as far as that is known before a row is read: its words, or nothing. */
interface Known {
  readonly column: TargetColumn;
  readonly may: readonly (string | null)[];
}

/**
 * Constants, words of choices and columns that are left empty which a check of several columns refuses together, whatever
 * the rows hold. Where any of its columns may be anything nothing is said: the dry run holds such rows.
 */
export async function checkTogether(
  migration: Migration,
  { name, action }: { readonly name: string; readonly action: InsertAction },
  table: TargetTable,
  ask: Ask,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const check of table.checks) {
    const known = check.columns.map((column) => knownOf(migration, action, table, column));
    if (!known.every((each) => each !== undefined)) continue;
    const refused = await refusedBy(ask, check, known);
    if (refused === undefined) continue;
    if (refused.every(({ is }) => is) && refused.length > 0)
      problems.push(
        error(
          "target_check",
          check.by,
          `“${name}” writes ${said(known)} into ${table.name}, which the platform’s check “${check.by}” refuses together: no row would be taken.`,
          "Correct what the action writes, or write such rows by an action of their own.",
        ),
      );
    else problems.push(...refusedWords(name, table, check, known, refused));
  }
  return problems;
}

/** The words that are refused whatever the other columns are. */
function refusedWords(
  name: string,
  table: TargetTable,
  check: TableCheck,
  known: readonly Known[],
  refused: readonly Tried[],
): Problem[] {
  return known.flatMap(({ column, may }, at) =>
    may
      .filter((word) => word !== null)
      .filter((word) => {
        const tried = refused.filter(({ row }) => row[at] === word);
        return tried.length > 0 && tried.every(({ is }) => is);
      })
      .map((word) =>
        error(
          "target_check",
          word,
          `“${name}” may write “${word}” into ${table.name}.${column.name}, which the platform’s check “${check.by}” refuses beside ${said(known.filter((_, other) => other !== at))}.`,
          "Correct the word in the definition, or write such rows by an action of their own.",
        ),
      ),
  );
}

const said = (known: readonly Known[]): string =>
  known
    .map(({ column, may }) => {
      const words = may.map((word) => (word === null ? "nothing" : `“${word}”`));
      return `${words.join(" or ")} as ${column.name}`;
    })
    .join(", ");

/** What stands in a column of each new row; undefined where that is the row's, or the platform's to say. */
function knownOf(
  migration: Migration,
  { id, values }: InsertAction,
  table: TargetTable,
  name: string,
): Known | undefined {
  const column = table.columns.find((each) => each.name === name);
  if (column === undefined || !column.typeSeen || (typeof id === "object" && !(name in values)))
    return undefined;
  const value: Value | undefined = values[name];
  if (value === undefined)
    return column.filled || column.triggers.length > 0 || table.key.includes(name)
      ? undefined
      : { column, may: [null] };
  if ("nothing" in value) return { column, may: [null] };
  if (isDecision(migration, value)) return undefined;
  if ("constant" in value) return { column, may: [value.constant] };
  // What no word of a choice is stands there as nothing.
  const words = wordsOf(migration, value);
  return words.length === 0 ? undefined : { column, may: [...words, null] };
}

interface Tried {
  readonly row: readonly (string | null)[];
  readonly is: boolean;
}

/** Which combinations a check refuses, of those that the types read; undefined where it fails by itself, or there are too many. */
async function refusedBy(
  ask: Ask,
  { holds }: TableCheck,
  known: readonly Known[],
): Promise<Tried[] | undefined> {
  const rows = known.reduce<readonly (readonly (string | null)[])[]>(
    (before, { may }) => before.flatMap((row) => may.map((word) => [...row, word])),
    [[]],
  );
  if (rows.length > combinationsAtMost) return undefined;
  // By names that no column of the platform's has beside them.
  const columns = known.map((_, at) => `"own ${at}"`);
  const list = rows.map(
    (row, n) => `(${n}, ${row.map((word) => (word === null ? "null" : literal(word))).join(", ")})`,
  );
  const read = (at: number, { type }: TargetColumn) =>
    `case when pg_input_is_valid(v."own ${at}"::text, ${literal(type)}) then v."own ${at}"::text::${type} end`;
  const valid = known.map(
    ({ column }, at) =>
      `(v."own ${at}" is null or pg_input_is_valid(v."own ${at}"::text, ${literal(column.type)}))`,
  );
  const found = await asked(
    ask,
    `select v."own row" as n, (${holds}) is false as refused from (values ${list.join(", ")}) v("own row", ${columns.join(", ")})
      cross join lateral (select ${known.map(({ column }, at) => `${read(at, column)} as ${identifier(column.name)}`).join(", ")} offset 0) t
      where ${valid.join(" and ")}`,
  );
  return found?.map(({ n, refused }) => ({ row: rows[Number(n)] ?? [], is: refused === true }));
}
