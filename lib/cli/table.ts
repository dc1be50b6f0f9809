import { most, pad, parts, width, wrap } from "./width.ts";

const gap = 2;
/** A part of a word up to this size stays whole as long as there is room elsewhere. */
const whole = 16;
/** A column of text is not made narrower than this, as long as another one can be. */
const least = 8;

/**
 * A table of plain text: columns aligned by what a terminal shows, numbers to the right. What would be
 * wider than 80 columns, or than a terminal that has fewer, is written in several lines, nothing is cut off.
 *
 * @param copied the column of what people copy from there, which stands in one line whatever room it takes
 */
export function table(
  heads: readonly string[],
  rows: readonly (readonly (string | number | null | undefined)[])[],
  copied?: number,
): string[] {
  const cells = rows.map((row) => heads.map((_, column) => printable(row[column] ?? "–")));
  const toTheRight = heads.map((_, column) => rows.some((row) => typeof row[column] === "number"));
  const widths = fitted(heads, cells, copied);
  const write = (row: readonly string[]): string[] => {
    const wrapped = row.map((cell, column) => wrap(cell, widths[column] ?? 0));
    const height = Math.max(...wrapped.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) =>
      wrapped
        .map((lines, column) =>
          pad(lines[line] ?? "", widths[column] ?? 0, toTheRight[column] === true),
        )
        .join(" ".repeat(gap))
        .trimEnd(),
    );
  };
  const rule = widths.map((size) => "─".repeat(size)).join(" ".repeat(gap));
  return [...write(heads), rule, ...cells.flatMap(write)];
}

/** The columns' widths: as wide as what they hold, and where that is too much, the widest narrower. */
function fitted(
  heads: readonly string[],
  cells: readonly (readonly string[])[],
  copied?: number,
): number[] {
  const holds = (column: number, of: (text: string) => number): number =>
    Math.max(...cells.map((row) => of(row[column] ?? "")), 0);
  const widths = heads.map((head, column) => Math.max(width(head), holds(column, width)));
  // A title gives way first, between its words; then what stands below it, words as late as possible.
  const bodies = heads.map((head, column) => Math.max(longestPart(head), holds(column, width)));
  const unbroken = heads.map((head, column) =>
    Math.min(whole, Math.max(longestPart(head), holds(column, longestPart))),
  );
  for (const floor of [bodies, unbroken, heads.map(() => least), heads.map(() => 1)]) {
    for (;;) {
      const over = widths.reduce((sum, size) => sum + size + gap, -gap) - most;
      if (over <= 0) return widths;
      const room = widths.map((size, column) =>
        column !== copied && size > (floor[column] ?? 0) ? size : 0,
      );
      const widest = room.indexOf(Math.max(...room));
      if (room[widest] === 0) break;
      widths[widest] = (widths[widest] ?? 1) - 1;
    }
  }
  return widths;
}

const longestPart = (text: string): number => Math.max(0, ...parts(text).map(width));

/** `name  value` lines, the values aligned. */
export function facts(
  pairs: readonly (readonly [string, string | number | null | undefined])[],
): string[] {
  const widest = Math.max(0, ...pairs.map(([name]) => width(name)));
  return pairs.map(([name, value]) => `${pad(name, widest, false)}  ${printable(value ?? "–")}`);
}

/** A number in groups of three: `12,345`. */
export const number = (value: number): string =>
  Number.isInteger(value)
    ? String(value).replace(/\B(?=(\d{3})+$)/gu, ",")
    : value.toLocaleString("en-GB", { maximumFractionDigits: 1 });

/** A share as per cent with one digit. */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Text from outside without control characters: a legacy name must not steer the terminal. */
export function printable(value: string | number): string {
  if (typeof value === "number") return number(value);
  return value.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    character === "\n" || character === "\t" ? " " : "\ufffd",
  );
}
