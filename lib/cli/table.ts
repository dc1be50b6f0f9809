/** A table of plain text: columns aligned by what a terminal shows, numbers to the right. */
export function table(
  heads: readonly string[],
  rows: readonly (readonly (string | number | null | undefined)[])[],
): string[] {
  const cells = rows.map((row) => row.map((cell) => printable(cell ?? "–")));
  const widths = heads.map((head, column) =>
    Math.max(width(head), ...cells.map((row) => width(row[column] ?? ""))),
  );
  const toTheRight = heads.map((_, column) => rows.some((row) => typeof row[column] === "number"));
  const write = (row: readonly string[]) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, toTheRight[column] === true))
      .join("  ")
      .trimEnd();
  return [write(heads), widths.map((size) => "─".repeat(size)).join("  "), ...cells.map(write)];
}

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

function pad(text: string, size: number, toTheRight: boolean): string {
  const filling = " ".repeat(Math.max(0, size - width(text)));
  return toTheRight ? filling + text : text + filling;
}

/** Cells a terminal needs: combining marks none, wide East Asian characters two. */
function width(text: string): number {
  let cells = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    cells +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return cells;
}
