import { z } from "zod";

/** Id of a run. */
export const RunId = z.uuid();

/** What most states are given: a run, and nothing else. */
export const RunInput = z.strictObject({ run: RunId });

/** One wave of a run. */
export const WaveInput = z.strictObject({ run: RunId, wave: z.number().int().positive() });

/** The error object a state machine catches: `Cause` is the JSON text a function's error leaves. */
export const CaughtError = z.object({ Error: z.string(), Cause: z.string().optional() });

/** Name and sentence of a caught error. */
export function readError({ Error: error, Cause = "" }: z.infer<typeof CaughtError>): {
  error: string;
  message: string;
} {
  try {
    const cause: unknown = JSON.parse(Cause);
    if (typeof cause === "object" && cause !== null) {
      if ("errorMessage" in cause) return { error, message: String(cause.errorMessage) };
      // A failed child execution: its own error and cause are inside.
      if ("Error" in cause) return readError(CaughtError.parse(cause));
    }
  } catch {
    // Not JSON: the cause is a sentence.
  }
  return {
    error,
    message:
      Cause || (unsaid[error] ?? `The step failed with ${error}, and nothing more was said.`),
  };
}

/** AWS gives these errors no cause. */
const unsaid: Readonly<Record<string, string>> = {
  "States.Timeout":
    "The step took longer than it may, or nobody answered in time. What was written stands; look at the run, then resume it.",
};
