import { describeFailure, type ExitCode } from "./failure.ts";
import { type Io, processIo } from "./io.ts";
import { runCommandLine } from "./program.ts";

/** The CLI's process: its arguments in, its exit code out; whatever happens, no stack trace. */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<ExitCode> {
  // A reader that closes the pipe early (`| head`) has seen enough; that is no failure, nor does it make one good.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") setImmediate(() => process.exit(process.exitCode ?? 0));
  });
  try {
    return await runCommandLine(argv, io);
  } catch (error) {
    const { exit, message } = describeFailure(error);
    io.err(`wavegate: ${message}\n`);
    return exit;
  }
}
