import type { LegacyRow, UnreadableText } from "./source.ts";

const REPLACEMENT = "\uFFFD";

/** Counts, by column, rows whose text was not valid UTF-8. */
export class UnreadableTally {
  readonly #found = new Map<
    string,
    { table: string; column: string; rows: number; firstKey: string }
  >();

  /** Looks through a page; nearly free for plain text, which cannot hold U+FFFD. */
  note(
    table: string,
    columns: readonly string[],
    rows: readonly LegacyRow[],
    keyOf: (row: number) => string,
  ): void {
    for (let r = 0; r < rows.length; r++) {
      const row = rows[r] as LegacyRow;
      for (let c = 0; c < columns.length; c++) {
        if (row[c]?.includes(REPLACEMENT)) this.#add(table, columns[c] as string, keyOf(r));
      }
    }
  }

  #add(table: string, column: string, key: string): void {
    const id = `${table}.${column}`;
    const known = this.#found.get(id);
    if (known === undefined) this.#found.set(id, { table, column, rows: 1, firstKey: key });
    else known.rows += 1;
  }

  all(): readonly UnreadableText[] {
    return [...this.#found.values()].map((found) => ({ ...found }));
  }
}
