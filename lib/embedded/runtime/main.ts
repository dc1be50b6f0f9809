/**
 * The process that holds the one-machine runtime; `wavegate local up` starts it. It ends in good
 * order on SIGTERM, SIGINT or SIGHUP; after a kill the next start goes on from what is on the disk.
 */
import { join } from "node:path";
import { withDotEnv } from "./environment.ts";
import { homeAt } from "./home.ts";
import { startRuntime } from "./runtime.ts";

const say = (text: string): void => {
  process.stderr.write(`${new Date().toISOString()} ${text}\n`);
};

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\s+/gu, " ");

// Whatever a stand-in did not catch must not take the database and everybody's runs down with it.
process.on("unhandledRejection", (error) => say(`fault: ${firstLine(error)}`));
process.on("uncaughtException", (error) => say(`fault: ${firstLine(error)}`));

try {
  const settings = withDotEnv(process.cwd(), process.env);
  const runtime = await startRuntime({
    home: homeAt(settings, process.cwd()),
    // Another folder with `functions/` and `statemachines/`, for whoever develops state machines.
    product: settings.WAVEGATE_PRODUCT || join(import.meta.dirname, "..", "..", ".."),
    workingDirectory: process.cwd(),
    environment: process.env,
    onLog: say,
    onFault: (what, error) => say(`fault in ${what}: ${firstLine(error)}`),
  });
  say(`up, process ${process.pid}`);
  let ending = false;
  const end = (signal: NodeJS.Signals) => {
    if (ending) return;
    ending = true;
    say(`${signal}: ending`);
    runtime
      .close()
      .catch((error: unknown) => say(`fault while ending: ${firstLine(error)}`))
      .finally(() => {
        say("down");
        process.exit(0);
      });
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, end);
} catch (error) {
  process.stderr.write(`${firstLine(error)}\n`);
  process.exit(1);
}
