import { boundsOf } from "../normalize/bounds.ts";
import { type Found, nearlyAll } from "./guess.ts";
import { byDay } from "./guess-day.ts";
import { byAmount } from "./guess-number.ts";

/** Ranges as PostgreSQL writes them, by what nearly all of their bounds are. */
export function byRange(column: string, values: readonly string[]): Found {
  const found = values.map(boundsOf);
  if (found.filter((each) => each !== undefined).length < nearlyAll * values.length)
    return undefined;
  const bounds = found.flatMap((each) =>
    each === undefined || each === "empty" ? [] : each.bounds.flatMap((bound) => bound ?? []),
  );
  const of = byDay(column, bounds) ?? byAmount(column, bounds);
  if (of === undefined || !["date", "timestamp", "number"].includes(of.kind)) return undefined;
  return { kind: "range", code: `range(${of.code})`, because: `ranges: ${of.because}` };
}
