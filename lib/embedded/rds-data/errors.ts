/** The names of the service's errors that this stand-in uses, with the HTTP status of each. */
const STATUS = {
  AccessDeniedException: 403,
  BadRequestException: 400,
  DatabaseErrorException: 400,
  DatabaseResumingException: 400,
  DatabaseUnavailableException: 504,
  HttpEndpointNotEnabledException: 400,
  InternalServerErrorException: 500,
  SerializationException: 400,
  StatementTimeoutException: 400,
  ThrottlingException: 400,
  TransactionNotFoundException: 404,
  UnknownOperationException: 404,
  UnsupportedResultException: 400,
  ValidationException: 400,
} as const;

type ErrorName = keyof typeof STATUS;

/** An answer that is an error, as the RDS Data API words it; `name` goes over the wire. */
export class ServiceError extends Error {
  override readonly name: string;
  readonly status: number;
  /** Members of the error beside its message, such as `dbConnectionId`. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(name: ErrorName, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = name;
    this.status = STATUS[name];
    this.details = details;
  }
}

export const badRequest = (message: string) => new ServiceError("BadRequestException", message);

export const invalid = (message: string) => new ServiceError("ValidationException", message);

export const databaseError = (message: string) =>
  new ServiceError("DatabaseErrorException", message);

export const unsupportedResult = (message: string) =>
  new ServiceError("UnsupportedResultException", message);

/** The call went past its time; the connection's number helps to find the statement. */
export const statementTimeout = (dbConnectionId: number) =>
  new ServiceError("StatementTimeoutException", "Request timed out", { dbConnectionId });

/** Why a transaction is not there any more, in the service's own words. */
export const TRANSACTION_ENDS = {
  unknown: "Transaction may be expired.",
  expired: "Transaction may be expired.",
  ended: "One previous call resulted in a termination of your transaction.",
  aborted: "Transaction has been aborted due to an error from a previous call.",
} as const;

export const transactionNotFound = (id: string, end: keyof typeof TRANSACTION_ENDS) =>
  new ServiceError(
    "TransactionNotFoundException",
    `Transaction ${id} is not found. ${TRANSACTION_ENDS[end]}`,
  );

interface PostgresError extends Error {
  readonly code?: string;
  readonly severity?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly position?: string;
}

/** Connection lost, server going down or coming up: the statement's fate is unknown. */
const UNAVAILABLE = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "57P01", "57P02", "57P03"]);

/**
 * What a caller is told of an error from the database: `ERROR: …; Detail: …; Hint: …;
 * Position: …; SQLState: 23505`.
 */
export function fromDatabase(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  const { code, severity, detail, hint, position, message } = error as PostgresError;
  const lost =
    (code && UNAVAILABLE.has(code)) ||
    // As the driver says it, of a session that ended in a statement, or while nothing was asked of it.
    /^(?:Connection terminated|Client has encountered a connection error)/.test(message);
  if (lost) {
    return new ServiceError("DatabaseUnavailableException", "The database is not available.");
  }
  if (!severity) {
    return new ServiceError("InternalServerErrorException", "An internal error occurred.");
  }
  const parts = [`${severity}: ${message}`];
  if (detail) parts.push(`Detail: ${detail}`);
  if (hint) parts.push(`Hint: ${hint}`);
  if (position) parts.push(`Position: ${position}`);
  return databaseError(`${parts.join("; ")}; SQLState: ${code}`);
}

/** The caller may not read the secret, or there is none: AWS says the same of both. */
export const secretDenied = (secretArn: string): ServiceError =>
  new ServiceError(
    "AccessDeniedException",
    `User is not authorized to perform: secretsmanager:GetSecretValue on resource: ${secretArn}`,
  );
