import * as z from "zod";

/** Id of a run. */
export const RunId = z.uuid();

/** What most states are given: a run, and nothing else. */
export const RunInput = z.strictObject({ run: RunId });

/** One wave of a run. */
export const WaveInput = z.strictObject({ run: RunId, wave: z.number().int().positive() });

/** The error object a state machine catches: `Cause` is the JSON text a function's error leaves. */
export const CaughtError = z.object({ Error: z.string(), Cause: z.string().optional() });

/**
 * Name and sentence of a caught error: what a function said of it. What Step Functions itself says is not repeated, as
 * it quotes what a state was given, an execution's stamp among it; nor is what it says of a child execution besides the
 * child's own error and cause.
 */
export function readError({ Error: error, Cause = "" }: z.infer<typeof CaughtError>): {
  error: string;
  message: string;
} {
  const cause = objectIn(Cause);
  if (cause !== undefined) {
    if ("errorMessage" in cause) return { error, message: saidOf(String(cause.errorMessage)) };
    // A failed child execution: its own error and cause are inside. One that was ended says at most why.
    const { Cause: inner } = z
      .object({ Cause: z.string().optional().catch(undefined) })
      .parse(cause);
    if ("Error" in cause) return readError({ Error: String(cause.Error), Cause: inner });
    return { error, message: inner && objectIn(inner) === undefined ? inner : unsaidOf(error) };
  }
  // Not JSON: the cause is a sentence.
  return {
    error,
    message: Cause === "" || error.startsWith("States.") ? unsaidOf(error) : saidOf(Cause),
  };
}

/** What Lambda itself says of a function that did not come to its end is no sentence for people. */
function saidOf(message: string): string {
  const ended = (how: string): string =>
    `The step ${how}. What was written stands; look at the run, then resume it.`;
  const [, seconds] = /\bTask timed out after (\d+(?:\.\d+)?) seconds/u.exec(message) ?? [];
  if (seconds !== undefined)
    return ended(
      `took longer than the ${Number(seconds)} s that it has, as where its machine slept meanwhile`,
    );
  const [, exit] = /\bRuntime exited(?:(?: with error)?: | )([^"]+)/u.exec(message) ?? [];
  if (exit !== undefined)
    return ended(`was cut off in its function (${exit}), as where its memory ran out`);
  return message;
}

/** The object that a JSON text is; undefined for anything else. */
function objectIn(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}

const unsaidOf = (error: string): string =>
  unsaid[error] ??
  `The step failed with ${error}${error.startsWith("States.") ? "; its execution's history in Step Functions tells more." : ", and nothing more was said."}`;

/** Errors of Step Functions itself that a run may come to. */
const unsaid: Readonly<Record<string, string>> = {
  "States.Timeout":
    "The step took longer than it may, or nobody answered in time. What was written stands; look at the run, then resume it.",
};
