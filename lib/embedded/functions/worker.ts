/**
 * The inside of a function: loads the module once, then runs its handler for one message after the
 * other. Runs in a worker thread; the host is `host.ts`.
 */
import { enableCompileCache, flushCompileCache } from "node:module";
import { StringDecoder } from "node:string_decoder";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { LARGEST_PAYLOAD } from "./errors.ts";
import type { InvokeMessage, RemoteError, WorkerMessage, WorkerStart } from "./messages.ts";

/** What a handler is called with, as far as handlers use it. */
export interface HandlerContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  getRemainingTimeInMillis(): number;
}

type Handler = (event: unknown, context: HandlerContext) => unknown;

const { functionName, modulePath, compiled } = workerData as WorkerStart;

captureOutput("stdout");
captureOutput("stderr");
try {
  const handler = await loadHandler();
  parentPort?.on("message", (message: InvokeMessage) => void run(handler, message));
  tell({ kind: "ready" });
} catch (error) {
  tell({ kind: "broken", error: describe(error) });
}

/**
 * What a handler writes goes the way of its result, so that it arrives before it, and so that
 * reading it does not keep the host's process alive (as a worker's own streams would).
 */
function captureOutput(name: "stdout" | "stderr"): void {
  const decoder = new StringDecoder("utf8");
  const write: Write = (chunk, encoding, callback) => {
    const bytes =
      typeof chunk === "string" ? Buffer.from(chunk, asEncoding(encoding)) : Buffer.from(chunk);
    tell({ kind: "log", stream: name, text: decoder.write(bytes) });
    const done = typeof encoding === "function" ? encoding : callback;
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  process[name].write = write as typeof process.stdout.write;
}

type Write = (
  chunk: string | Uint8Array,
  encoding?: BufferEncoding | (() => void),
  callback?: () => void,
) => boolean;

function asEncoding(encoding: Parameters<Write>[1]): BufferEncoding {
  return typeof encoding === "string" ? encoding : "utf8";
}

async function loadHandler(): Promise<Handler> {
  if (compiled !== undefined) enableCompileCache(compiled);
  const module = (await import(pathToFileURL(modulePath).href)) as { handler?: unknown };
  if (compiled !== undefined) flushCompileCache();
  if (typeof module.handler === "function") return module.handler as Handler;
  throw named(
    "Runtime.HandlerNotFound",
    `The module of ${functionName} exports no function named handler.`,
  );
}

async function run(
  handler: Handler,
  { requestId, payload, timeoutMs }: InvokeMessage,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  const context: HandlerContext = {
    awsRequestId: requestId,
    functionName,
    functionVersion: "$LATEST",
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
  };
  try {
    const result = await handler(JSON.parse(payload), context);
    tell({ kind: "result", requestId, payload: serialise(result) });
  } catch (error) {
    tell({ kind: "error", requestId, error: describe(error) });
  }
}

function serialise(result: unknown): string {
  let payload: string;
  try {
    payload = JSON.stringify(result) ?? "null";
  } catch (error) {
    throw named(
      "Runtime.MarshalError",
      `Unable to stringify response body: ${describe(error).errorMessage}`,
    );
  }
  if (Buffer.byteLength(payload) > LARGEST_PAYLOAD) {
    throw named(
      "Function.ResponseSizeTooLarge",
      `Response payload size exceeded maximum allowed payload size (${LARGEST_PAYLOAD} bytes).`,
    );
  }
  return payload;
}

/** Like Lambda: an error by its name, anything else that was thrown by its type. */
function describe(error: unknown): RemoteError {
  if (
    error instanceof Error ||
    (typeof error === "object" && error !== null && "message" in error)
  ) {
    const { name, message, stack } = error as Error;
    return {
      errorType: String(name ?? "Error"),
      errorMessage: String(message),
      stack: typeof stack === "string" ? stack : undefined,
    };
  }
  return { errorType: typeof error, errorMessage: String(error), stack: undefined };
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function tell(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}
