import { createInterface } from "node:readline";
import { takesColour } from "./colour.ts";

/** Everything the CLI reaches of the outside, passed in so that tests see what a person sees. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether a person looks at standard error: bars that redraw themselves, or plain lines. */
  readonly terminal: boolean;
  readonly columns: number;
  /** Whether answers and errors are written in colour; neither unless said. */
  readonly colours?: { readonly out: boolean; readonly err: boolean };
  /** The environment; global options such as `--stack` are written into it. */
  readonly env: Record<string, string | undefined>;
  readonly cwd: string;
  /** Asks for a secret without showing it; undefined when nobody sits at a terminal. */
  readonly askSecret: (question: string) => Promise<string | undefined>;
  /** Asks, and shows what is typed; undefined when nobody sits at a terminal, and nothing where they leave without an answer. */
  readonly ask: (question: string) => Promise<string | undefined>;
  /** Calls back on Ctrl-C; the returned function stops listening. */
  readonly onInterrupt: (callback: () => void) => () => void;
}

/** The terminal, pipe or job this process was started in. */
export function processIo(): Io {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    terminal: process.stderr.isTTY === true && process.env.TERM !== "dumb",
    columns: process.stderr.columns ?? process.stdout.columns ?? 80,
    colours: {
      out: takesColour(process.env, process.stdout.isTTY === true),
      err: takesColour(process.env, process.stderr.isTTY === true),
    },
    env: process.env,
    cwd: process.cwd(),
    askSecret,
    ask,
    onInterrupt: (callback) => {
      process.on("SIGINT", callback);
      return () => void process.off("SIGINT", callback);
    },
  };
}

async function askSecret(question: string): Promise<string | undefined> {
  if (process.stdin.isTTY !== true) return undefined;
  process.stderr.write(question);
  // No output stream: what is typed is not shown.
  const lines = createInterface({ input: process.stdin, terminal: true });
  try {
    return await new Promise((resolve) => {
      lines.once("line", resolve);
      lines.once("close", () => resolve(undefined));
    });
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}

async function ask(question: string): Promise<string | undefined> {
  // Who does not see the question is not waited for.
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((resolve) => {
      const left = () => {
        process.stderr.write("\n");
        resolve("");
      };
      lines.once("close", left);
      lines.question(question, (answer) => {
        lines.off("close", left);
        resolve(answer);
      });
    });
  } finally {
    lines.close();
  }
}
