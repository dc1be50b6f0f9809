import {
  SourceAccessDenied,
  SourceError,
  SourceFailed,
  SourceLimitReached,
  SourceLost,
  SourceSchemaMismatch,
  SourceSettingsInvalid,
  SourceUnreachable,
  socketWords,
} from "../errors.ts";
import { type Answer, answerTo } from "./answers.ts";

type Phase = "connecting" | "reading";

/** What breaks a connection without an answer of the server, by the code of driver and system. */
const LOST = new Set([
  "PROTOCOL_CONNECTION_LOST",
  "PROTOCOL_SEQUENCE_TIMEOUT",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
]);

interface DriverError {
  readonly code?: string;
  /** A server's own numbers are positive, the system's negative. */
  readonly errno?: number;
  readonly fatal?: boolean;
}

/** An error of the driver, as what it means for a run; the driver's own is kept as the cause. */
export function translate(error: unknown, description: string, phase: Phase): SourceError {
  if (error instanceof SourceError) return error;
  const { code, errno = 0, fatal = false } = error as DriverError;
  const number = errno > 0 ? errno : undefined;
  const cause = { cause: error };
  const answer = answerTo(number, code);
  if (answer !== undefined) return answered(answer, description, phase, cause);
  // A server that answers with something else is there all the same.
  if (number !== undefined && (!fatal || phase === "connecting")) {
    return new SourceFailed(description, `error ${number}`, cause);
  }
  const reason = reasonOf(code);
  if (phase === "connecting") return new SourceUnreachable(description, reason, cause);
  return fatal || LOST.has(code ?? "")
    ? new SourceLost(description, reason, cause)
    : new SourceFailed(description, reason, cause);
}

function answered(
  { kind, name, why, next }: Answer,
  description: string,
  phase: Phase,
  { cause }: ErrorOptions,
): SourceError {
  const reason = `${why}, ${name}`;
  const options = { cause, ...(next === undefined ? {} : { next }) };
  switch (kind) {
    case "denied":
      return new SourceAccessDenied(description, reason, options);
    case "unsafe":
      return new SourceUnreachable(description, reason, options);
    case "limit":
      return new SourceLimitReached(description, reason, options);
    case "lost":
      return phase === "reading"
        ? new SourceLost(description, reason, options)
        : new SourceLimitReached(description, reason, options);
    case "missing":
      return new SourceSchemaMismatch(
        `${description} is not what the migration expects: ${why}. No further row was read. ` +
          "Check the database name, compare the tables with the definition, and that the user has SELECT on them.",
        { cause },
      );
    case "settings":
      return new SourceSettingsInvalid(`${description}: ${why}; nothing was read. ${next}`, {
        cause,
      });
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ...socketWords,
  PROTOCOL_CONNECTION_LOST: "the server closed the connection",
  PROTOCOL_SEQUENCE_TIMEOUT: "no answer in time",
};

/** Codes only, never the driver's message: it may name users, hosts or values. */
function reasonOf(code = "unknown error"): string {
  const word = WORDS[code];
  return word === undefined ? code : `${word}, ${code}`;
}
