/** What the bounds of a range are. */
type BoundKind = "date" | "timestamp" | "number";

/**
 * A range as PostgreSQL reads it, `[2024-01-01,2024-01-31]`, open where a bound is null; or why it is none: it ends before
 * it begins, or nothing is between its bounds.
 *
 * @param last whether its last value is in it
 */
export function rangeOf(
  kind: BoundKind,
  starts: string | null,
  ends: string | null,
  last: "in" | "out",
):
  | { readonly value: string; readonly reason: null }
  | { readonly value: null; readonly reason: "reversed" | "empty" } {
  const [from, to] = [asKept(kind, starts), asKept(kind, ends)];
  if (from !== null && to !== null) {
    const order = compare(kind, from, to);
    if (order > 0) return { value: null, reason: "reversed" };
    if (order === 0 && last === "out") return { value: null, reason: "empty" };
  }
  const opens = from === null ? "(" : "[";
  const closes = to === null || last === "out" ? ")" : "]";
  return { value: `${opens}${from ?? ""},${to ?? ""}${closes}`, reason: null };
}

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
