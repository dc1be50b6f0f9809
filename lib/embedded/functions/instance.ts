import { Worker } from "node:worker_threads";
import { exited, fromRemote, timedOut } from "./errors.ts";
import { LineLog, type LogLine } from "./line-log.ts";
import type { InvokeMessage, LoadMessage, RemoteError, WorkerMessage } from "./messages.ts";

/** One invocation, as an instance runs it. */
interface Invocation extends Omit<InvokeMessage, "kind"> {
  /** Absolute path of the module that exports the function's `handler`. */
  readonly modulePath: string;
  readonly signal: AbortSignal | undefined;
}

/** Loading a module is not counted against the function's time, but is not endless either. */
const LOADING_MAY_TAKE_MS = 60_000;
/** Three semi-spaces of 4 MiB, as functions are deployed: rows leave garbage, and more room only lets it lie about. */
const YOUNG_GENERATION_MB = 12;
/** Timers overflow above this, and would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * A worker thread with one environment, in which it loads the functions that it is given, once each. It runs one
 * invocation at a time; whatever goes wrong beyond a thrown error ends it.
 */
export class Instance {
  /** The environment it was started with, in one comparable text. */
  readonly environmentKey: string;
  readonly #worker: Worker;
  readonly #loaded = new Set<string>();
  readonly #writeLine: (line: LogLine) => void;
  #log: LineLog | undefined;
  #isAlive = true;
  #endingReason = "the worker ended";
  #onMessage: (message: WorkerMessage) => void = () => {};
  #onEnd: () => void = () => {};

  constructor(
    environment: Readonly<Record<string, string>>,
    options: { environmentKey: string; memoryMb: number; log: (line: LogLine) => void },
  ) {
    this.environmentKey = options.environmentKey;
    this.#writeLine = options.log;
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), {
      env: { ...environment },
      execArgv: [],
      argv: [],
      stdout: true,
      stderr: true,
      resourceLimits: {
        maxOldGenerationSizeMb: options.memoryMb,
        maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
      },
    });
    this.#worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "log") this.#log?.write(message.stream, message.text);
      else this.#onMessage(message);
    });
    this.#worker.on("error", (error) => {
      this.#endingReason = describeCrash(error);
    });
    this.#worker.once("exit", (code) => {
      this.#isAlive = false;
      this.#log?.flush();
      if (this.#endingReason === "the worker ended") this.#endingReason = `exit code ${code}`;
      this.#onEnd();
    });
  }

  /** Whether it need not load this function any more. */
  hasLoaded(functionName: string): boolean {
    return this.#loaded.has(functionName);
  }

  /** Whether another invocation can be given to it. */
  get isAlive(): boolean {
    return this.#isAlive;
  }

  /**
   * Runs one invocation and returns the handler's JSON. Errors: the handler's own (the instance
   * lives on), or `Sandbox.Timedout`, `Runtime.ExitError`, the signal's reason (it is ended).
   */
  async invoke(invocation: Invocation): Promise<string> {
    const { functionName, requestId, signal } = invocation;
    this.#worker.ref();
    if (this.#log?.functionName !== functionName) {
      this.#log?.flush();
      this.#log = new LineLog(functionName, this.#writeLine);
    }
    try {
      if (!this.hasLoaded(functionName))
        await this.#until(LOADING_MAY_TAKE_MS, requestId, signal, this.#load(invocation));
      return await this.#until(invocation.timeoutMs, requestId, signal, this.#run(invocation));
    } finally {
      // An idle worker does not keep the process from ending.
      this.#worker.unref();
    }
  }

  /** Ends the worker, whatever it does. */
  async end(): Promise<void> {
    this.#isAlive = false;
    await this.#worker.terminate();
  }

  #load({ functionName, modulePath }: Invocation): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onEnd = () => reject(exited("-", this.#endingReason));
      if (!this.#isAlive) return this.#onEnd();
      this.#onMessage = (message) => {
        if (message.kind === "ready") {
          this.#loaded.add(functionName);
          return resolve();
        }
        if (message.kind !== "broken") return;
        this.#isAlive = false;
        reject(fromRemote(withImportName(message.error)));
        void this.end();
      };
      this.#worker.postMessage({ kind: "load", functionName, modulePath } satisfies LoadMessage);
    });
  }

  #run({ functionName, requestId, payload, timeoutMs }: Invocation): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#onEnd = () => reject(exited(requestId, this.#endingReason));
      if (!this.#isAlive) return this.#onEnd();
      this.#onMessage = (message) => {
        if (!("requestId" in message) || message.requestId !== requestId) return;
        if (message.kind === "result") resolve(message.payload);
        else reject(fromRemote(message.error));
      };
      const message: InvokeMessage = {
        ...{ kind: "invoke", functionName, requestId, payload, timeoutMs },
      };
      this.#worker.postMessage(message);
    });
  }

  /** Waits, but not past the time or the signal: then the worker ends. */
  async #until<T>(
    timeoutMs: number,
    requestId: string,
    signal: AbortSignal | undefined,
    work: Promise<T>,
  ): Promise<T> {
    let cleanUp = () => {};
    const interruption = new Promise<never>((_, reject) => {
      const interrupt = (reason: unknown) => {
        this.#isAlive = false;
        reject(reason);
        void this.end();
      };
      const timer = setTimeout(
        () => interrupt(timedOut(requestId, timeoutMs)),
        Math.min(timeoutMs, LONGEST_TIMER_MS),
      );
      const onAbort = () => interrupt(signal?.reason);
      if (signal?.aborted) onAbort();
      else signal?.addEventListener("abort", onAbort, { once: true });
      cleanUp = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
    });
    try {
      return await Promise.race([interruption, work]);
    } finally {
      cleanUp();
    }
  }
}

function describeCrash(error: unknown): string {
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (code === "ERR_WORKER_OUT_OF_MEMORY") return "out of memory";
  return `an error outside of the handler: ${name ?? "Error"}: ${message ?? String(error)}`;
}

/** Lambda's name for a module that cannot be loaded; errors it throws itself keep theirs. */
function withImportName(error: RemoteError): RemoteError {
  const isMissing = /^Cannot find (?:module|package)/.test(error.errorMessage);
  return isMissing ? { ...error, errorType: "Runtime.ImportModuleError" } : error;
}
