import type { Unasked } from "./row.ts";

/** Errors that the product handles and that no row can provoke, and how we know them. */
export const unasked: readonly Unasked[] = [
  {
    error: "DatabaseResumingException",
    known: "documented",
    why: "a cluster would have to be asleep: let it sleep, then `wavegate start`",
  },
  {
    error: "DatabaseUnavailableException",
    known: "documented",
    why: "a cluster would have to be failing over",
  },
  {
    error: "InternalServerErrorException",
    known: "documented",
    why: "the Data API would have to fail by itself",
  },
  {
    error: "StatementTimeoutException",
    known: "documented",
    why: "a statement would have to take 45 s: `select pg_sleep(50)` by hand",
  },
  {
    error: "SecretsErrorException",
    known: "documented",
    why: "Secrets Manager would have to answer too late; of one that is not there or under a lost key the service says the same",
  },
  {
    error: "InvalidResourceStateException",
    known: "documented",
    why: "a cluster would have to be stopped",
  },
  { error: "ServiceUnavailableError", known: "documented", why: "the service would have to fail" },
  {
    error: "ServiceUnavailableException",
    known: "assumed",
    why: "the name that other services of AWS give the same",
  },
  {
    error: "ThrottlingException",
    known: "recorded",
    why: "many thousand requests a second; users of the Data API have reported it",
  },
  {
    error: "AccessDenied",
    known: "documented",
    why: "one object of the bucket of files would have to be denied by its own policy or key",
  },
  {
    error: "InvalidObjectState",
    known: "documented",
    why: "an object of the bucket of files would have to be archived",
  },
  { error: "TooManyRequestsException", known: "assumed", why: "what Lambda calls the same" },
  {
    error: "TaskTimedOut",
    known: "recorded",
    why: "a task would have to wait for a token; approve twice at the pages",
  },
  {
    error: "TaskDoesNotExist",
    known: "documented",
    why: "a task would have to wait for a token, and its execution to end",
  },
  {
    error: "ConditionalRequestConflict",
    known: "documented",
    why: "two uploads would have to end in the same moment",
  },
  {
    error: "OperationAborted",
    known: "documented",
    why: "two changes of one object would have to meet; told of a key of several that are removed, as are InternalError, ServiceUnavailable and SlowDown",
  },
  { error: "ExpiredToken", known: "documented", why: "needs credentials that have expired" },
  {
    error: "ExpiredTokenException",
    known: "documented",
    why: "needs credentials that have expired",
  },
  { error: "CredentialsProviderError", known: "of the SDK itself", why: "no request is sent" },
  { error: "TimeoutError", known: "of the SDK itself", why: "no answer came" },
  {
    error: "States.DataLimitExceeded",
    known: "documented",
    why: "a task would have to answer more than 256 KiB; that naming it catches it is read from what States.ALL leaves out",
  },
];
