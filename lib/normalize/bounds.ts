/** What the bounds of a range are. */
type BoundKind = "date" | "timestamp" | "number";

/**
 * A range as PostgreSQL reads it, `[2024-01-01,2024-01-31]`, open where a bound is null; or why it is none: it ends before
 * it begins, or nothing is between its bounds.
 *
 * @param isIn whether its first and its last value are in it
 */
export function rangeOf(
  kind: BoundKind,
  starts: string | null,
  ends: string | null,
  isIn: { readonly first: boolean; readonly last: boolean },
):
  | { readonly value: string; readonly reason: null }
  | { readonly value: null; readonly reason: "reversed" | "empty" } {
  const [from, to] = [asKept(kind, starts), asKept(kind, ends)];
  if (from !== null && to !== null) {
    const order = compare(kind, from, to);
    if (order > 0) return { value: null, reason: "reversed" };
    if (order === 0 && !(isIn.first && isIn.last)) return { value: null, reason: "empty" };
  }
  const opens = from === null || !isIn.first ? "(" : "[";
  const closes = to === null || !isIn.last ? ")" : "]";
  return { value: `${opens}${from ?? ""},${to ?? ""}${closes}`, reason: null };
}

/**
 * The bounds of a range that PostgreSQL wrote, `["2024-01-01 09:00:00+00",)`, null where it is open, and which of them are in
 * it; `empty` of one of nothing, and undefined of any other text.
 */
export function boundsOf(text: string):
  | "empty"
  | {
      readonly bounds: readonly [string | null, string | null];
      readonly isIn: { readonly first: boolean; readonly last: boolean };
    }
  | undefined {
  if (/^empty$/iu.test(text)) return "empty";
  const [, opens, from = "", to = "", closes] = written.exec(text) ?? [];
  if (opens === undefined) return undefined;
  return {
    bounds: [unquoted(from), unquoted(to)],
    isIn: { first: opens === "[", last: closes === "]" },
  };
}

const written =
  /^([[(])("(?:[^"\\]|\\.|"")*"|[^",()[\]\\]*),("(?:[^"\\]|\\.|"")*"|[^",()[\]\\]*)([\])])$/su;

const unquoted = (bound: string): string | null => {
  const text = bound
    .replace(/^"(.*)"$/su, "$1")
    .replaceAll(/\\(.)|""/gsu, (_, sign) => sign ?? '"');
  return text.trim() === "" ? null : text;
};

/** Of a time the microseconds that a database keeps: what is beyond them would be rounded, and bounds be one that are two. */
const asKept = (kind: BoundKind, bound: string | null): string | null =>
  kind === "timestamp" ? (bound?.replace(/(\.\d{6})\d+/u, "$1") ?? null) : bound;

/** Below zero where the first is the smaller one. */
function compare(kind: BoundKind, one: string, other: string): number {
  if (kind === "number") return Number(scaled(one, other) - scaled(other, one)) || 0;
  const [first, second] = [sorted(one), sorted(other)];
  return first < second ? -1 : first > second ? 1 : 0;
}

/** A day or a time as a text that sorts as it does. */
function sorted(bound: string): string {
  const [clock = "", fraction = ""] = bound.replace(/Z$/u, "").split(".");
  return `${clock}.${fraction.padEnd(6, "0")}`;
}

/** A number as a whole one, with as many decimals as the longer of two has. */
function scaled(number: string, beside: string): bigint {
  const decimals = (text: string) => text.split(".")[1] ?? "";
  const long = Math.max(decimals(number).length, decimals(beside).length);
  const [whole = "0"] = number.split(".");
  return BigInt(`${whole}${decimals(number).padEnd(long, "0")}`);
}
