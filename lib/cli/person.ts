import { CannotRun } from "./failure.ts";
import type { Io } from "./io.ts";
import type { Place } from "./place.ts";

/**
 * In whose name a decision on the terminal is kept: whose keys the commands sign with on one
 * machine; elsewhere the person of `WAVEGATE_PERSON`. Errors: {@link CannotRun}.
 */
export function personOf(io: Io, place: Place): string {
  const person = place.person ?? io.env.WAVEGATE_PERSON;
  if (person) return person;
  throw new CannotRun(
    "PersonMissing",
    "A decision is kept with a name. Nothing was written; set WAVEGATE_PERSON to yours.",
  );
}
