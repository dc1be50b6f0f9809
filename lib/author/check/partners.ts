import { isInteger } from "../../compile/staging/made-pairs.ts";
import type { Migration } from "../../define/definition.ts";
import type { Partner } from "../../define/made.ts";
import { shapeOf } from "../../review/shape.ts";
import { asInteger } from "../../sources/folder/keys.ts";
import type { LegacyRow, Source } from "../../sources/source.ts";
import { type Problem, warning } from "../problem.ts";
import { type ReadFrom, readFrom, rowsRead } from "./made-of-read.ts";

/** As of references: rows that have to name something, and the part of them of which so few are no accident. */
const rowsAtLeast = 20;
const hardlyAny = 0.1;
/** Rows that are read of either table: seconds. */
const rowsAtMost = 100_000;
const rowsPerPage = 10_000;

/** How one text is compared with another. */
type Compared = (text: string, at: number) => string;

/**
 * The partners of a table of joined rows that hardly any row has, of those that name one: of an optional one nothing else
 * tells that. Looked at are partners that are found by columns of tables that are read.
 */
export async function partnerProblems(
  migration: Migration,
  table: string,
  source: Source,
): Promise<Problem[]> {
  const made = migration.source[table]?.made;
  if (made === undefined || !("joined" in made)) return [];
  const base = readFrom(migration.source, made.joined);
  if (base === undefined) return [];
  const found: Problem[] = [];
  for (const [name, partner] of Object.entries(made.with)) {
    const problem = await partnerProblem(migration, table, source, base, [name, partner]);
    if (problem !== undefined) found.push(problem);
  }
  return found;
}

async function partnerProblem(
  migration: Migration,
  table: string,
  source: Source,
  base: ReadFrom,
  [name, partner]: readonly [string, Partner],
): Promise<Problem | undefined> {
  const pairs = Object.entries(partner.on);
  const [theirs, ours] = [pairs.map(([column]) => column), pairs.map(([, column]) => column)];
  const to = readFrom(migration.source, partner.table);
  if (to === undefined || !ours.every(base.has) || !theirs.every(to.has)) return undefined;
  const numbers = pairs.map(
    ([column, other]) =>
      isInteger(migration, partner.table, column) || isInteger(migration, table, other),
  );
  const exactly: Compared = (text, at) =>
    numbers[at] === true ? asNumber(text) : partner.case === "ignored" ? folded(text) : text;
  const alike: Compared = (text) => asNumber(folded(text));

  const read = (from: ReadFrom, columns: readonly string[]) =>
    firstRows(rowsRead(source, migration.source, from, columns, rowsPerPage));
  const named = new Map<string, number>();
  const nearly = new Map<string, number>();
  let [of, example] = [0, ""];
  for await (const row of read(base, ours)) {
    const parts = partsOf(row);
    if (parts === undefined) continue;
    of += 1;
    example ||= parts[0] as string;
    count(named, keyOf(parts, exactly));
    count(nearly, keyOf(parts, alike));
  }
  if (of < rowsAtLeast) return undefined;
  let [rows, rowsAlike, many] = [0, 0, 0];
  let key: string | undefined;
  for await (const row of read(to, theirs)) {
    many += 1;
    const parts = partsOf(row);
    if (parts === undefined) continue;
    key ??= parts[0];
    rows += taken(named, keyOf(parts, exactly));
    rowsAlike += taken(nearly, keyOf(parts, alike));
    if (rows >= of * hardlyAny) return undefined;
  }
  // Of more rows than were read nobody knows which are not there.
  if (many >= rowsAtMost) return undefined;
  const keys =
    key === undefined ? "there are none there" : `there they look like “${shapeOf(key)}”`;
  return warning(
    "partner_unfound",
    name,
    `“${name}” of “${table}” finds a row of “${partner.table}” for only ${rows} of ${of} rows that name one by ${ours.map((each) => `“${each}”`).join(" and ")}: its values look like “${shapeOf(example)}”, ${keys}.`,
    rowsAlike >= of * hardlyAny
      ? `Without regard to blanks, capitals and zeros in front ${rowsAlike} of ${of} are the same: say integerKey(…) as a key that is of whole numbers; of texts \`case: "ignored"\` beside \`on\`.`
      : "Look which table it names, and by which columns.",
  );
}

/** So many rows of pages as are looked at. */
async function* firstRows(pages: AsyncIterable<LegacyRow[]>): AsyncGenerator<LegacyRow> {
  let rows = 0;
  for await (const page of pages) {
    yield* page;
    rows += page.length;
    if (rows >= rowsAtMost) return;
  }
}

/** What a row names another by; undefined where a part of it is missing. */
const partsOf = (row: LegacyRow): readonly string[] | undefined => {
  const parts = row.flatMap((each) =>
    each === null || each === undefined || each === "" ? [] : [each],
  );
  return parts.length === row.length ? parts : undefined;
};

const keyOf = (parts: readonly string[], compared: Compared): string =>
  JSON.stringify(parts.map(compared));

const count = (all: Map<string, number>, key: string): void => {
  all.set(key, (all.get(key) ?? 0) + 1);
};

/** How many rows name a key that was found; none the second time. */
function taken(all: Map<string, number>, key: string): number {
  const rows = all.get(key) ?? 0;
  all.delete(key);
  return rows;
}

/** A text as it is compared where case is ignored. */
const folded = (text: string): string =>
  text.normalize("NFC").replace(/\s+/gu, " ").trim().toLowerCase();

/** A whole number as it is compared; any other text as it stands. */
const asNumber = (text: string): string => String(asInteger(text) ?? text);
