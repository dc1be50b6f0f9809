/** A function for a worker to load. */
export interface LoadMessage {
  readonly kind: "load";
  readonly functionName: string;
  /** Absolute path of the module that exports `handler`. */
  readonly modulePath: string;
}

/** One invocation on its way to a worker, of a function that it has loaded. */
export interface InvokeMessage {
  readonly kind: "invoke";
  readonly functionName: string;
  readonly requestId: string;
  /** JSON. */
  readonly payload: string;
  readonly timeoutMs: number;
}

/** An error as it crosses the border between worker and host. */
export interface RemoteError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stack: string | undefined;
}

/** What a worker tells the host. */
export type WorkerMessage =
  | { readonly kind: "log"; readonly stream: "stdout" | "stderr"; readonly text: string }
  | { readonly kind: "ready" }
  | { readonly kind: "broken"; readonly error: RemoteError }
  | { readonly kind: "result"; readonly requestId: string; readonly payload: string }
  | { readonly kind: "error"; readonly requestId: string; readonly error: RemoteError };
