import { Refusal } from "../services/errors.ts";

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

/** The words of the errors that AWS and the network give, by the error's name or code. */
const known: Readonly<Record<string, { exit: ExitCode; says: string }>> = {
  ECONNREFUSED: {
    exit: 2,
    says: "Nothing answers where wavegate's services should be. Nothing was written by this command. Run `wavegate local status`, and `wavegate local up` if the runtime is not running.",
  },
  ECONNRESET: {
    exit: 2,
    says: "The connection broke in the middle of a request, so the last request may or may not have been carried out. Look with `wavegate status` and run the command again: every stage can be repeated.",
  },
  ENOTFOUND: {
    exit: 2,
    says: "The address of a service could not be found. Nothing was written. Check the network and the AWS region.",
  },
  TimeoutError: {
    exit: 2,
    says: "A service did not answer in time, so the last request may or may not have been carried out. Look with `wavegate status` and run the command again: every stage can be repeated.",
  },
  CredentialsProviderError: {
    exit: 2,
    says: "There are no AWS credentials. Nothing was written. Sign in (`aws sso login`, or AWS_PROFILE) and run the command again.",
  },
  ExpiredTokenException: {
    exit: 2,
    says: "The AWS credentials have expired. Nothing was written. Sign in again and repeat the command.",
  },
  UnrecognizedClientException: {
    exit: 2,
    says: "The credentials are not known here. Nothing was written. Check WAVEGATE_PERSON, or the AWS profile.",
  },
  InvalidSignatureException: {
    exit: 2,
    says: "The credentials do not fit. Nothing was written. Check WAVEGATE_PERSON, or the AWS profile.",
  },
  AccessDeniedException: {
    exit: 1,
    says: "You may not do this. Nothing was written. Ask an administrator for the permission.",
  },
  StateMachineDoesNotExist: {
    exit: 2,
    says: "The state machine of this step does not exist here. Nothing was written. Run `wavegate doctor`.",
  },
};

/** Turns whatever was thrown into one line and an exit code; never a stack trace. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof Refusal) return { exit: 1, name: error.name, message: line(error.message) };
  if (error instanceof CannotRun)
    return { exit: 2, name: error.name, message: line(error.message) };
  if (!(error instanceof Error)) return { exit: 2, name: "Error", message: line(String(error)) };
  const found = causes(error)
    .flatMap((cause) => [(cause as NodeJS.ErrnoException).code, cause.name])
    .find((name) => name !== undefined && name in known);
  if (found !== undefined) {
    const { exit, says } = known[found] as { exit: ExitCode; says: string };
    return { exit, name: found, message: says };
  }
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
      : `The database refused a statement (SQLState ${state}). Look with \`wavegate status\` at what was written before you repeat the command.`,
  };
}

function causes(error: Error): Error[] {
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  return [error, ...inner.filter((cause) => cause instanceof Error).flatMap(causes)];
}

/** The text as one line that ends like a sentence. */
function line(text: string): string {
  const joined = text.replace(/\s+/gu, " ").trim();
  return /[.!?”"`)]$/u.test(joined) ? joined : `${joined}.`;
}
