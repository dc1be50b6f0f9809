import type { RemoteError } from "./messages.ts";

/** Lambda's limit for a synchronous payload, in either direction. */
export const LARGEST_PAYLOAD = 6 * 1024 * 1024;

/**
 * An invocation that failed. `name` and `errorType` are what the handler threw (`RangeError`,
 * a domain error's name), or one of the runtime's own: `Sandbox.Timedout`, `Runtime.ExitError`,
 * `Runtime.ImportModuleError`, `Runtime.HandlerNotFound`, `Runtime.MarshalError`,
 * `Function.ResponseSizeTooLarge`, `RequestTooLargeException`, `ResourceNotFoundException`.
 */
export class FunctionError extends Error {
  override readonly name: string;
  readonly errorType: string;

  constructor(errorType: string, message: string) {
    super(message);
    this.name = errorType;
    this.errorType = errorType;
  }
}

/** The worker's error on the host's side, with the worker's own stack. */
export function fromRemote(remote: RemoteError): FunctionError {
  const error = new FunctionError(remote.errorType, remote.errorMessage);
  if (remote.stack !== undefined) error.stack = remote.stack;
  return error;
}

/** The function took longer than it may. */
export function timedOut(requestId: string, timeoutMs: number): FunctionError {
  const seconds = (timeoutMs / 1000).toFixed(2);
  return new FunctionError(
    "Sandbox.Timedout",
    `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`,
  );
}

/** The worker ended in the middle of an invocation. */
export function exited(requestId: string, reason: string): FunctionError {
  return new FunctionError(
    "Runtime.ExitError",
    `RequestId: ${requestId} Error: Runtime exited: ${reason}`,
  );
}
