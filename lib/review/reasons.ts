import type { PinnedRows } from "../compile/pin/look.ts";
import { onlyNamed, type ReasonSaid, reasonOfEngine, reasonsOfAnyRun } from "../define/reasons.ts";

type Told = Pick<PinnedRows, "reasons">;

/** Why a row is not written: as the definition says it, else the engine, else by its name, which is all that is known. */
export const reasonIn = (parts: readonly Told[], reason: string): ReasonSaid =>
  parts.find(({ reasons }) => Object.hasOwn(reasons, reason))?.reasons[reason] ??
  reasonOfEngine(reason) ?? { says: onlyNamed(reason), does: "held" };

/** Reasons that rows of these kinds of things may have: what is stored with the run, then those of any run. */
export const reasonsOfRows = (parts: readonly Told[]): readonly string[] => [
  ...new Set([...parts.flatMap(({ reasons }) => Object.keys(reasons)), ...reasonsOfAnyRun]),
];
