import { OfTheMoment } from "../data/failures.ts";
import { sayable } from "../evidence/contacts.ts";
import { Refusal } from "../services/errors.ts";
import { SourceError } from "../sources/errors.ts";

/**
 * An error as it may leave a function: its name, which state machines match, and a message without
 * personal data. What we throw ourselves is written for people and passes, unless it holds a contact; a message of the
 * database, of a driver or of the JavaScript engine may quote a row (W14), so only its kind passes.
 */
export function publicError(error: unknown): Error {
  if (error instanceof Refusal || error instanceof SourceError || error instanceof OfTheMoment)
    return withoutCause(error);
  const name = error instanceof Error ? error.name : "Error";
  const state = error instanceof Error ? sqlState(error.message) : "";
  return named(
    name,
    `${name}${state}. This was not foreseen, and its message is not repeated, as it may quote a row. ` +
      "What was written is not known from here; look at the run before it is tried again.",
    error,
  );
}

/** A cause would be written to the log by Lambda, message and all. */
function withoutCause(error: Error): Error {
  const said = sayable({ error: error.name, message: error.message });
  return named(said.error, said.message, error);
}

function named(name: string, message: string, origin: unknown): Error {
  const safe = new Error(message);
  safe.name = name;
  safe.stack = [`${name}: ${message}`, ...frames(origin)].join("\n");
  return safe;
}

const frames = (origin: unknown): string[] =>
  origin instanceof Error
    ? (origin.stack ?? "").split("\n").filter((line) => /^\s+at .+:\d+:\d+\)?$/u.test(line))
    : [];

/** The code alone: the Data API writes it at the end of its message. */
function sqlState(message: string): string {
  const [, state] = /SQLState: ([0-9A-Z]{5})\b/u.exec(message) ?? [];
  return state ? ` (SQLSTATE ${state})` : "";
}
