/**
 * The inside of functions of one environment: loads each module once, and runs handlers for one message after the
 * other. Runs in a worker thread; the host is `host.ts`.
 */
import { flushCompileCache } from "node:module";
import { StringDecoder } from "node:string_decoder";
import { pathToFileURL } from "node:url";
import { parentPort } from "node:worker_threads";
import { LARGEST_PAYLOAD } from "./errors.ts";
import type { InvokeMessage, LoadMessage, RemoteError, WorkerMessage } from "./messages.ts";

/** What a handler is called with, as far as handlers use it. */
interface HandlerContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  getRemainingTimeInMillis(): number;
}

type Handler = (event: unknown, context: HandlerContext) => unknown;

const handlers = new Map<string, Handler>();

// Where compiled modules are kept Node knows by now, and no function is told.
delete process.env.NODE_COMPILE_CACHE;
captureOutput("stdout");
captureOutput("stderr");
parentPort?.on("message", (message: LoadMessage | InvokeMessage) => {
  process.env.AWS_LAMBDA_FUNCTION_NAME = message.functionName;
  void (message.kind === "load" ? load(message) : run(message));
});

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

async function load({ functionName, modulePath }: LoadMessage): Promise<void> {
  try {
    const module = (await import(pathToFileURL(modulePath).href)) as { handler?: unknown };
    // Threads end without a word, and what they compiled would be compiled again.
    flushCompileCache();
    if (typeof module.handler !== "function") {
      throw named(
        "Runtime.HandlerNotFound",
        `The module of ${functionName} exports no function named handler.`,
      );
    }
    handlers.set(functionName, module.handler as Handler);
    tell({ kind: "ready" });
  } catch (error) {
    tell({ kind: "broken", error: describe(error) });
  }
}

async function run({ functionName, requestId, payload, timeoutMs }: InvokeMessage): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  const context: HandlerContext = {
    awsRequestId: requestId,
    functionName,
    functionVersion: "$LATEST",
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
  };
  try {
    const result = await handlers.get(functionName)?.(JSON.parse(payload), context);
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
