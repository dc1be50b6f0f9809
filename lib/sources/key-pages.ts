import { SourceSchemaMismatch } from "./errors.ts";
import type { KeyRange, LegacyRow } from "./source.ts";

type Bounds = Pick<KeyRange, "after" | "upTo">;

/**
 * Cuts a table into ranges.
 *
 * @param last the greatest key, null when the table is empty
 * @param endOf the key at which a range that begins after `after` is full; undefined when it is the last
 */
export async function rangesUpTo(
  table: string,
  last: string | null | undefined,
  endOf: (bounds: Bounds) => Promise<string | null | undefined>,
): Promise<KeyRange[]> {
  if (last === null || last === undefined) return [];
  const ranges: KeyRange[] = [];
  let after: string | null = null;
  for (;;) {
    const upTo: string = (await endOf({ after, upTo: last })) ?? last;
    ranges.push({ table, after, upTo });
    if (upTo === last) return ranges;
    after = upTo;
  }
}

/**
 * The pages of a range, the next one on its way while one is worked on. Rows carry their key once
 * more, last: it says where the next page begins, and is taken off.
 *
 * @param page the rows after a key, at most `pageRows`, in key order
 */
export async function* keyPages(
  first: string | null,
  pageRows: number,
  page: (after: string | null) => Promise<LegacyRow[]>,
): AsyncGenerator<LegacyRow[]> {
  let coming = page(first);
  for (;;) {
    const rows = await coming;
    if (rows.length === 0) return;
    const more = rows.length === pageRows;
    if (more) {
      coming = page(rows.at(-1)?.at(-1) ?? null);
      coming.catch(() => {});
    }
    for (const row of rows) row.pop();
    yield rows;
    if (!more) return;
  }
}

/** Bounds as a condition that begins with `where`, or nothing. The column is quoted already. */
export function whereWithin(column: string, { after, upTo }: Bounds): string {
  const conditions = [
    ...(after === null ? [] : [`${column} > ${integer(after)}`]),
    ...(upTo === null ? [] : [`${column} <= ${integer(upTo)}`]),
  ];
  return conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
}

function integer(key: string): string {
  if (/^-?\d{1,20}$/.test(key)) return key;
  throw new SourceSchemaMismatch("A key range is bounded by integers; nothing was read.");
}

/** Why a column cannot be a key that is declared an integer. */
export const noKey = (description: string, table: string, key: string): string =>
  `"${key}" cannot be the key of "${table}" in ${description}: it must be an integer, never null and unique.`;

/** A column that cannot be the key, for the reason that is given as a sentence. */
export const unfitKey = (reason: string): SourceSchemaMismatch =>
  new SourceSchemaMismatch(
    `${reason} Nothing was read; name another column as the key in the definition.`,
  );

/** A table or its key is not to be found. */
export const missingKey = (description: string, table: string, key: string): SourceSchemaMismatch =>
  new SourceSchemaMismatch(
    `${description} has no table "${table}" with a column "${key}", or the user may not read it; nothing was read. ` +
      "Compare the tables with the definition, and check that the user has SELECT on them.",
  );
