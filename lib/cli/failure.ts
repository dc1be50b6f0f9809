import { OfTheMoment } from "../data/failures.ts";
import { meaningOf } from "../services/database-words.ts";
import { Refusal } from "../services/errors.ts";
import { SourceError } from "../sources/errors.ts";

/** 0 done, 1 refused or a check failed, 2 usage or environment. */
export type ExitCode = 0 | 1 | 2;

/** The command was used in a way it cannot be, or something it needs is not there: exit 2. */
export class CannotRun extends Error {
  override readonly name: string;

  constructor(name: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

/** What a failure is to a person and to a script. */
export interface Failure {
  readonly exit: ExitCode;
  readonly name: string;
  /** One line: what was wrong, whether anything was written, what to do next (W13). */
  readonly message: string;
}

/** A failure after the command had written something: what it says of writing is said accordingly. */
export class FailedMidWay extends Error {
  override readonly name = "FailedMidWay";

  constructor(cause: unknown) {
    super("The command failed on its way.", { cause });
  }
}

/** The words of an error that AWS or the network gives. */
interface Known {
  readonly exit: ExitCode;
  readonly what: string;
  readonly next: string;
  /** The last request itself may have been carried out, whatever came before it. */
  readonly uncertain?: true;
}

const again = "Look with `wavegate status` and run the command again: every stage can be repeated.";

const noRoom: Known = {
  exit: 2,
  what: "The disk takes no more.",
  next: "Make room, and run the command again.",
};

const clock: Known = {
  exit: 2,
  what: "This machine's clock is not the one of AWS: a request is taken for about a quarter of an hour from when it says it was signed.",
  next: "Set the clock (`timedatectl` says whether it is kept by itself), and run the command again.",
};

const otherKey: Known = {
  exit: 2,
  what: "The credentials do not fit.",
  next: "Check WAVEGATE_PERSON, or the AWS profile.",
};

/** Whether that is what AWS says of a signature: some of its services have one name for any that they do not take. */
export const isOfTheClock = (said: string): boolean =>
  /\bsignature (?:expired|not yet current)\b/iu.test(said);

/** By the error's name or code. */
const known: Readonly<Record<string, Known>> = {
  ECONNREFUSED: {
    exit: 2,
    what: "Nothing answers where wavegate's services should be.",
    next: "Run `wavegate local status`, and `wavegate local up` if the runtime is not running.",
  },
  ECONNRESET: {
    exit: 2,
    what: "The connection broke in the middle of a request",
    next: again,
    uncertain: true,
  },
  ENOTFOUND: {
    exit: 2,
    what: "The address of a service could not be found.",
    next: "Check the network and the AWS region.",
  },
  ENOSPC: noRoom,
  EDQUOT: noRoom,
  DatabaseUnavailableException: {
    exit: 2,
    what: "The database does not answer.",
    next: "On one machine `wavegate local status` says why, such as a full disk, and it is started anew by itself; on AWS look at the cluster.",
  },
  TimeoutError: {
    exit: 2,
    what: "A service did not answer in time",
    next: again,
    uncertain: true,
  },
  CredentialsProviderError: {
    exit: 2,
    what: "There are no AWS credentials.",
    next: "Sign in (`aws sso login`, or AWS_PROFILE) and run the command again.",
  },
  ExpiredTokenException: {
    exit: 2,
    what: "The AWS credentials have expired.",
    next: "Sign in again and repeat the command.",
  },
  UnrecognizedClientException: {
    exit: 2,
    what: "The credentials are not known here.",
    next: "Check WAVEGATE_PERSON, or the AWS profile.",
  },
  InvalidSignatureException: otherKey,
  SignatureDoesNotMatch: otherKey,
  RequestTimeTooSkewed: clock,
  RequestInTheFuture: clock,
  RequestExpired: clock,
  AccessDeniedException: {
    exit: 1,
    what: "You may not do this.",
    next: "Ask an administrator for the permission.",
  },
  StateMachineDoesNotExist: {
    exit: 2,
    what: "The state machine of this step does not exist here.",
    next: "Run `wavegate doctor`.",
  },
};

function describeKnown({ what, next, uncertain }: Known, midWay: boolean): string {
  if (uncertain) {
    return `${what}, so the last request may or may not have been carried out. ${next}`;
  }
  return midWay
    ? `${what} What this command did before stands, and a step under way goes on by itself; \`wavegate status\` shows where it is. ${next}`
    : `${what} Nothing was written. ${next}`;
}

/** Turns whatever was thrown into one line and an exit code; never a stack trace. */
export function describeFailure(error: unknown, midWay = false): Failure {
  if (error instanceof FailedMidWay) return describeFailure(error.cause, true);
  if (error instanceof Refusal) return { exit: 1, name: error.name, message: line(error.message) };
  // A source is only read: what it refuses or lacks says so itself, and what to do.
  if (error instanceof CannotRun || error instanceof SourceError)
    return { exit: 2, name: error.name, message: line(error.message) };
  if (!(error instanceof Error)) return { exit: 2, name: "Error", message: line(String(error)) };
  const chain = causes(error);
  const found = chain
    .flatMap((cause) => [(cause as NodeJS.ErrnoException).code, cause.name])
    .find((name) => name !== undefined && name in known);
  if (found !== undefined) {
    const skewed = known[found] === otherKey && chain.some((each) => isOfTheClock(each.message));
    const words = skewed ? clock : (known[found] as Known);
    return { exit: words.exit, name: found, message: describeKnown(words, midWay) };
  }
  if (error instanceof OfTheMoment)
    return { exit: 2, name: error.name, message: line(error.message) };
  const state = /SQLState: (\w{5})/u.exec(error.message)?.[1];
  if (state !== undefined) return databaseFailure(error, state);
  const message = line(error.message || error.name);
  return {
    exit: 2,
    name: error.name,
    message: `${message} This was not foreseen: look with \`wavegate status\` at what was written before you repeat the command.`,
  };
}

/** The database's own words may quote people's data (W14), so only its code is repeated. */
function databaseFailure(error: Error, state: string): Failure {
  const notSetUp = /role "?wavegate_|user "wavegate_|relation "wavegate\.|schema "wavegate"/u.test(
    error.message,
  );
  return {
    exit: 2,
    name: error.name,
    message: notSetUp
      ? "The database is not set up for wavegate yet. Nothing was written. Run `wavegate local up`."
      : (ofState[state] ??
        `The database refused a statement (SQLState ${state}). ${saidOf(state)}Look with \`wavegate status\` at what was written before you repeat the command.`),
  };
}

const saidOf = (state: string): string => {
  const means = meaningOf(state);
  return means === undefined ? "" : `${means} `;
};

/** What the database says of all of it, whoever asks what, and what to do. */
const ofState: Readonly<Record<string, string>> = {
  "28P01":
    "The database takes other passwords than this folder has for wavegate's roles, as where another folder took the same database over since. What was asked last wrote nothing. `wavegate local up --take-over` gives the roles this folder's again, and shuts the other one out: one folder for a database.",
  "28000":
    "The database lets one of wavegate's roles not in (SQLState 28000): the role is gone or may not log in, as behind a restore of the server, or `pg_hba.conf` has no line for it; the server's own log says which. What was asked last wrote nothing. `wavegate set-up MIGRATION` makes the roles as they have to be.",
  "25006":
    "The database takes no writes at this moment (SQLState 25006), as while another server of a cluster takes over, or where a role or the database was set to read only. What was asked last wrote nothing. Once it takes them again, do it once more.",
};

function causes(error: Error): Error[] {
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  return [error, ...inner.filter((cause) => cause instanceof Error).flatMap(causes)];
}

/** The text as one line that ends like a sentence. */
function line(text: string): string {
  const joined = text.replace(/\s+/gu, " ").trim();
  return /[.!?”"`)]$/u.test(joined) ? joined : `${joined}.`;
}
