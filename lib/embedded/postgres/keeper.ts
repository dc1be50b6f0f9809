import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { commandLine, type Setting } from "./account.ts";

/**
 * A shell that is the server's parent and reads from us. Its input ends when we close it or when
 * our process dies, in whatever way; then it asks the server for a fast shutdown, which rolls back
 * what is open and writes everything out. As the parent it knows the server for sure: no id is
 * ever guessed. When the server ends by itself, the shell ends too.
 */
const KEEPER = `
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
{ read -r _; kill -INT "$server"; } <&3 2>/dev/null &
reader=$!
exec 3<&-
wait "$server"
code=$?
kill "$reader" 2>/dev/null
exit "$code"
`;

/** A running server and the shell that keeps it. */
export interface Keeper {
  /** Settles when server and shell have ended. */
  readonly ended: Promise<void>;
  hasEnded(): boolean;
  /** Asks for a fast shutdown; `ended` tells when it is done. */
  end(): void;
}

/** Starts the server under a keeper; what it logs goes to `log`. */
export async function startKeeper(
  setting: Setting,
  serverArguments: string[],
  log: string,
): Promise<Keeper> {
  const { command, args, ...identity } = commandLine(setting, "postgres", serverArguments);
  const output = await open(log, "w", 0o600);
  try {
    const child = spawn("/bin/sh", ["-c", KEEPER, "keeper", command, ...args], {
      ...identity,
      cwd: "/",
      // A group of its own: Ctrl-C in the terminal reaches us, and we decide when the server ends.
      detached: true,
      stdio: ["pipe", output.fd, output.fd],
      env: { ...process.env, LC_ALL: "C" },
    });
    await once(child, "spawn");
    return keeperOf(child);
  } finally {
    await output.close();
  }
}

function keeperOf(child: ChildProcess): Keeper {
  let over = false;
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      over = true;
      resolve();
    });
  });
  child.stdin?.on("error", () => {});
  // A server that nobody stopped must not keep our process alive; its end stops the server.
  child.unref();
  (child.stdin as (typeof child.stdin & { unref?(): void }) | null)?.unref?.();
  return {
    ended,
    hasEnded: () => over,
    end: () => {
      child.ref();
      child.stdin?.end();
    },
  };
}
