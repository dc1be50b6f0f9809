/**
 * A state failed, in the way the state machine sees it: `error` is what `Retry` and `Catch` match,
 * `detail` is the Cause.
 */
export class StateFailure extends Error {
  override readonly name = "StateFailure";
  readonly error: string;
  readonly detail: string;

  constructor(error: string, detail: string) {
    super(`${error}: ${detail}`);
    this.error = error;
    this.detail = detail;
  }
}

/** Why work under way was cut short; `closing` leaves it to be resumed by the next start. */
type Interruption =
  | { kind: "stopped"; error?: string; cause?: string }
  | { kind: "timed-out" }
  | { kind: "sibling-failed" }
  | { kind: "over" }
  | { kind: "closing" };

/** The reason of every abort signal here, so that whoever is woken knows why. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly interruption: Interruption;

  constructor(interruption: Interruption) {
    super(`The work was cut short (${interruption.kind}).`);
    this.interruption = interruption;
  }
}

/** The refusal of an API call, with AWS's name of the error; sent with status 400. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Throws what cut the work short, if anything did. */
export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw signal.reason;
}
