import type { Io } from "../../lib/cli/io.ts";
import { runCommandLine } from "../../lib/cli/program.ts";
import { bundledProduct } from "../support/product.ts";

/** What a command wrote and how it ended. */
export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** A terminal without a person: runs command lines in this process and keeps what they write. */
export interface Terminal {
  run(...argv: string[]): Promise<Ran>;
  /** As `run`, and presses Ctrl-C once `when` has been written. */
  interrupt(when: string, ...argv: string[]): Promise<Ran>;
}

export function terminal(options: {
  cwd: string;
  env?: Record<string, string>;
  bars?: boolean;
  secret?: string;
  /** What whoever sits there answers to a question; without it nobody does. */
  says?: string;
}): Terminal {
  const start = async (argv: string[], pressWhen?: string): Promise<Ran> => {
    let out = "";
    let err = "";
    // As a process has them: whoever listens, until they stop.
    const listening = new Set<() => void>();
    const press = () => {
      if (pressWhen !== undefined && (out + err).includes(pressWhen))
        setImmediate(() => {
          for (const interrupt of listening) interrupt();
        });
    };
    const io: Io = {
      out: (text) => {
        out += text;
        press();
      },
      err: (text) => {
        err += text;
        press();
      },
      terminal: options.bars ?? false,
      columns: 100,
      // What Node compiled once is there for the runtimes that are started, as it is for every process of a test run.
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        ...(argv[0] === "local" && argv[1] === "up"
          ? { WAVEGATE_PRODUCT: await bundledProduct() }
          : {}),
        ...options.env,
      },
      cwd: options.cwd,
      askSecret: async () => options.secret,
      ask: async (question) => {
        if (options.says !== undefined) err += question;
        return options.says;
      },
      onInterrupt: (callback) => {
        listening.add(callback);
        press();
        return () => void listening.delete(callback);
      },
    };
    const exit = await runCommandLine(argv, io);
    return { exit, out, err };
  };
  return { run: (...argv) => start(argv), interrupt: (when, ...argv) => start(argv, when) };
}
