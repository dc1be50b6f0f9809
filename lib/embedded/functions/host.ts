import { randomUUID } from "node:crypto";
import { availableParallelism, totalmem } from "node:os";
import { FunctionError, LARGEST_PAYLOAD } from "./errors.ts";
import { Instance } from "./instance.ts";
import type { LogLine } from "./line-log.ts";

export { FunctionError } from "./errors.ts";
export type { LogLine } from "./line-log.ts";

/** What the host needs to run functions. */
export interface FunctionHostOptions {
  /** Function name → absolute path of a module that exports `handler(event, context)`. */
  readonly functions: Readonly<Record<string, string>>;
  /**
   * The whole environment of a function: nothing of this process's own comes through. Asked at each invocation; a worker
   * that was started with another one is replaced, and functions with the same one share workers, so that what they have
   * in common is loaded, and becomes fast, once.
   */
  readonly environment: (functionName: string) => Readonly<Record<string, string>>;
  /** Workers at work at the same time; further invocations wait. Default: eight, or two a core. */
  readonly maxWorkers?: number;
  /** Workers alive at the same time. Default: as many as an eighth of the machine's memory holds. */
  readonly maxAlive?: number;
  /** Milliseconds; the default is Lambda's longest, 15 minutes. */
  readonly timeouts?: (functionName: string) => number;
  /** Old-generation heap of a worker in MiB; default 1024. */
  readonly memoryMb?: number;
  /** Where the lines go that handlers write; default: nowhere. */
  readonly log?: (line: LogLine) => void;
}

/** How one invocation may be cut short. */
interface InvokeOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Runs functions as Lambda does. */
export interface FunctionHost {
  /**
   * Invokes a function with JSON and returns its JSON. Errors: `FunctionError` (its `name` is the
   * error type that state machines match), or the signal's reason.
   */
  invoke(functionName: string, payload: unknown, options?: InvokeOptions): Promise<unknown>;
  /** Ends all workers, also those at work; what waits is refused. */
  close(): Promise<void>;
}

const LONGEST_RUN_MS = 15 * 60 * 1000;
const USUAL_MEMORY_MB = 1024;
/** What a worker takes that has loaded its function and idles, in bytes. */
const IDLE_WORKER_TAKES = 64 * 2 ** 20;

/** Starts a host; workers start when they are needed, and stay warm. */
export function startFunctionHost(options: FunctionHostOptions): FunctionHost {
  const pool = new Pool(options);
  return {
    async invoke(functionName, payload, { timeoutMs, signal } = {}) {
      const text = serialise(payload);
      signal?.throwIfAborted();
      const { instance, modulePath } = await pool.take(functionName, signal);
      try {
        const result = await instance.invoke({
          functionName,
          modulePath,
          requestId: randomUUID(),
          payload: text,
          timeoutMs: timeoutMs ?? options.timeouts?.(functionName) ?? LONGEST_RUN_MS,
          signal,
        });
        return JSON.parse(result);
      } finally {
        pool.giveBack(instance);
      }
    },
    close: () => pool.close(),
  };
}

/** A worker for one invocation, and what it has to have loaded. */
interface Taken {
  readonly instance: Instance;
  readonly modulePath: string;
}

/** Where Node keeps compiled modules, as this process itself was told to by whoever started it: a worker loads them in half the time. */
const compiledModules = (): Record<string, string> => {
  const folder = process.env.NODE_COMPILE_CACHE;
  return folder ? { NODE_COMPILE_CACHE: folder } : {};
};

/** The workers: idle ones for the next invocation, busy ones, and who waits. */
class Pool {
  readonly #options: FunctionHostOptions;
  readonly #atWork: number;
  readonly #alive: number;
  readonly #idle: Instance[] = [];
  readonly #busy = new Set<Instance>();
  readonly #ending = new Set<Promise<void>>();
  /** The environment that each function had when it was last asked for. */
  readonly #environments = new Map<string, string>();
  readonly #waiting: { wake: () => void; refuse: (reason: unknown) => void }[] = [];
  #isClosed = false;

  constructor(options: FunctionHostOptions) {
    this.#options = options;
    this.#atWork = options.maxWorkers ?? Math.max(8, 2 * availableParallelism());
    // A run goes through two dozen functions, and to start a worker takes as long as most of its invocations.
    const fit = Math.floor(totalmem() / 8 / IDLE_WORKER_TAKES);
    this.#alive = Math.max(this.#atWork, options.maxAlive ?? fit);
  }

  async take(functionName: string, signal: AbortSignal | undefined): Promise<Taken> {
    const modulePath = Object.hasOwn(this.#options.functions, functionName)
      ? this.#options.functions[functionName]
      : undefined;
    if (modulePath === undefined) {
      throw new FunctionError("ResourceNotFoundException", `Function not found: ${functionName}`);
    }
    for (;;) {
      if (this.#isClosed) throw closed();
      const environment = this.#environmentOf(functionName);
      const environmentKey = JSON.stringify(Object.entries(environment).sort());
      this.#environments.set(functionName, environmentKey);
      const mayWork = this.#busy.size < this.#atWork;
      const warm = mayWork ? this.#takeWarm(functionName, environmentKey) : undefined;
      if (warm !== undefined) return { instance: warm, modulePath };
      if (mayWork && this.#makeRoom()) {
        const instance = new Instance(
          { ...compiledModules(), ...environment },
          {
            environmentKey,
            memoryMb: this.#options.memoryMb ?? USUAL_MEMORY_MB,
            log: this.#options.log ?? (() => {}),
          },
        );
        this.#busy.add(instance);
        return { instance, modulePath };
      }
      await this.#turn(signal);
    }
  }

  giveBack(instance: Instance): void {
    this.#busy.delete(instance);
    if (instance.isAlive && !this.#isClosed) this.#idle.push(instance);
    else this.#end(instance);
    this.#waiting.shift()?.wake();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const waiting of this.#waiting.splice(0)) waiting.refuse(closed());
    for (const instance of [...this.#idle.splice(0), ...this.#busy]) this.#end(instance);
    await Promise.all(this.#ending);
  }

  /** Whoever fails here was perhaps woken for a free place: the next one in the queue gets it. */
  #environmentOf(functionName: string): Readonly<Record<string, string>> {
    try {
      return this.#options.environment(functionName);
    } catch (error) {
      this.#waiting.shift()?.wake();
      throw error;
    }
  }

  /**
   * One with this environment, best one that has loaded the function, and of those the one used last, as it is the
   * warmest. Those that no function has the environment of any more end.
   */
  #takeWarm(functionName: string, environmentKey: string): Instance | undefined {
    const current = new Set(this.#environments.values());
    for (const left of this.#idle.filter(
      (each) => !each.isAlive || !current.has(each.environmentKey),
    )) {
      this.#idle.splice(this.#idle.indexOf(left), 1);
      this.#end(left);
    }
    const fitting = this.#idle.filter((each) => each.environmentKey === environmentKey);
    const warm = fitting.findLast((each) => each.hasLoaded(functionName)) ?? fitting.at(-1);
    if (warm === undefined) return undefined;
    this.#idle.splice(this.#idle.indexOf(warm), 1);
    this.#busy.add(warm);
    return warm;
  }

  /** Another environment's worker that has idled longest gives way. */
  #makeRoom(): boolean {
    if (this.#busy.size + this.#idle.length < this.#alive) return true;
    const oldest = this.#idle.shift();
    if (oldest !== undefined) this.#end(oldest);
    return oldest !== undefined;
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        const at = this.#waiting.indexOf(waiting);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(signal?.reason);
      };
      const waiting = {
        wake: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
        refuse: reject,
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(waiting);
    });
  }

  #end(instance: Instance): void {
    const ending = instance.end().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }
}

function serialise(payload: unknown): string {
  const text = JSON.stringify(payload) ?? "null";
  if (Buffer.byteLength(text) <= LARGEST_PAYLOAD) return text;
  throw new FunctionError(
    "RequestTooLargeException",
    `The payload is larger than ${LARGEST_PAYLOAD} bytes. The function was not invoked.`,
  );
}

function closed(): FunctionError {
  return new FunctionError(
    "ServiceException",
    "The function host was closed. Nothing was invoked.",
  );
}
