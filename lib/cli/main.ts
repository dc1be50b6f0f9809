import { describeFailure, type ExitCode } from "./failure.ts";
import { type Io, processIo } from "./io.ts";
import { runCommandLine } from "./program.ts";

/** The CLI's process: its arguments in, its exit code out; whatever happens, no stack trace. */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<ExitCode> {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // A reader that closes the pipe early (`| head`) has seen enough; that is no failure, nor does it make one good.
    if (error.code === "EPIPE") setImmediate(() => process.exit(process.exitCode ?? 0));
    else unsaid(io, error);
  });
  // What is told on the way is lost where it cannot be written; what is done comes to its end all the same.
  process.stderr.on("error", () => {});
  try {
    return await runCommandLine(argv, io);
  } catch (error) {
    const { exit, message } = describeFailure(error);
    io.err(`wavegate: ${message}\n`);
    return exit;
  }
}

let lacks = false;

/** Where the answer goes takes it no more, as a file on a full disk: who reads it is told, and no script takes it for whole. */
function unsaid(io: Io, { code }: NodeJS.ErrnoException): void {
  if (lacks) return;
  lacks = true;
  process.once("exit", (exit) => {
    process.exitCode = exit || 2;
  });
  io.err(
    `wavegate: The answer could not be written whole where it was sent to (${code}). What the command did stands; make room, and look again.\n`,
  );
}
