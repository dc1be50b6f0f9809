import { Refusal } from "../../services/errors.ts";
import type { Frame } from "../command.ts";

/**
 * Ends what is under way on Ctrl-C and on a signal to end, so that it is cleared away: a database and a folder that hold
 * the platform's rows. What throws then is a {@link Refusal} `RestoreInterrupted`.
 */
export function whileUninterrupted({
  io,
}: Pick<Frame, "io">): AsyncDisposable & { readonly signal: AbortSignal; done(): void } {
  const control = new AbortController();
  const end = () =>
    control.abort(
      new Refusal(
        "RestoreInterrupted",
        "The restore was interrupted, and what it had made to look at the backup is cleared away. It is one transaction: the platform is as it was, or, if it was already at its end, as the backup holds it. Run the command again; it says which.",
      ),
    );
  const left = io.onInterrupt(end);
  const signals = ["SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, end);
  let over = false;
  const done = () => {
    if (over) return;
    over = true;
    left();
    for (const signal of signals) process.off(signal, end);
  };
  return { signal: control.signal, done, [Symbol.asyncDispose]: async () => done() };
}
