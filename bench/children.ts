import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { MEMORY_GIVEN_BACK, SEMI_SPACE_MIB } from "../lib/infra/functions.ts";

/** Modules as they were compiled, kept from one process to the next, as the runtime of one machine keeps them. */
const compiled = { NODE_COMPILE_CACHE: fileURLToPath(new URL(".work/compiled", import.meta.url)) };

/** A child process that answers each message in turn. */
export interface Child {
  readonly pid: number;
  /** The first message. */
  readonly hello: Record<string, string>;
  send<Answer>(message: Record<string, unknown>): Promise<Answer>;
  stop(): Promise<void>;
}

/** Starts a file of this folder as a process of its own. */
export async function startChild(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Child> {
  const child = fork(new URL(file, import.meta.url), args, {
    // Threads that wait for the disk, as many as the runtime of one machine has.
    env: { ...process.env, ...compiled, UV_THREADPOOL_SIZE: "16", ...environment },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const [hello] = (await Promise.race([once(child, "message"), ended(child, file)])) as [
    Record<string, string>,
  ];
  return {
    pid: child.pid ?? 0,
    hello,
    send: async <Answer>(message: Record<string, unknown>) => {
      child.send(message);
      const [answer] = await once(child, "message");
      return answer as Answer;
    },
    stop: async () => {
      if (child.exitCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}

async function ended(child: ChildProcess, file: string): Promise<never> {
  const [code] = await once(child, "exit");
  throw new Error(`${file} ended with code ${code}.`);
}

/** A process that runs functions, several at once. */
export interface Worker {
  readonly pid: number;
  run<Output>(state: string, input: unknown): Promise<Output>;
  stop(): Promise<void>;
}

/** Starts the process that runs the functions. */
export async function startWorker(environment: Readonly<Record<string, string>>): Promise<Worker> {
  const child = fork(new URL("worker.ts", import.meta.url), [], {
    // As functions are deployed.
    execArgv: [`--max-semi-space-size=${SEMI_SPACE_MIB}`],
    env: { ...process.env, ...compiled, ...MEMORY_GIVEN_BACK, ...environment },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  await Promise.race([once(child, "message"), ended(child, "worker.ts")]);
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  child.on("message", (message: { id: number; output?: unknown; error?: Error }) => {
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error) {
      call?.reject(Object.assign(new Error(message.error.message), message.error));
    } else call?.resolve(message.output);
  });
  child.on("exit", () => {
    for (const call of waiting.values()) call.reject(new Error("worker.ts ended."));
  });
  let calls = 0;
  return {
    pid: child.pid ?? 0,
    run: <Output>(state: string, input: unknown) => {
      const call = Promise.withResolvers<unknown>();
      calls += 1;
      waiting.set(calls, call);
      child.send({ id: calls, state, input });
      return call.promise as Promise<Output>;
    },
    stop: async () => {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}
