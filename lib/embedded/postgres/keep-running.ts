import { setTimeout as sleep } from "node:timers/promises";
import type { Keeper } from "./keeper.ts";

/** How a server that ended is started anew, and who is told. */
interface KeptRunning {
  /** What the server that ended said last. */
  readonly lastWords: () => Promise<string>;
  /** Fails while it cannot be started, such as for want of room on the disk. */
  readonly startAnew: () => Promise<Keeper>;
  readonly tell: (words: string) => void;
}

/** Milliseconds between tries: the first ones follow at once on an end that was an accident. */
const waits = [200, 1_000, 2_000, 5_000] as const;

/**
 * Sees to it that a server runs until it is left: PostgreSQL ends itself where it can no longer write its log, and nothing
 * else would ever start it.
 */
export function keepRunning(
  first: Keeper,
  { lastWords, startAnew, tell }: KeptRunning,
): { leave(): Promise<Keeper> } {
  const left = new AbortController();
  let current = first;
  let starting: Promise<void> = Promise.resolve();

  const startAgain = async (): Promise<void> => {
    tell(
      `PostgreSQL ended by itself, and is started anew as soon as it can be. Its last words: ${await lastWords()}`,
    );
    let said = "";
    for (let attempt = 0; !left.signal.aborted; attempt += 1) {
      const wait = waits[Math.min(attempt, waits.length - 1)];
      await sleep(wait, undefined, { ref: false, signal: left.signal }).catch(() => {});
      if (left.signal.aborted) return;
      try {
        current = await startAnew();
        tell("PostgreSQL runs again.");
        return watch();
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        if (said === "") tell(why);
        said = why;
      }
    }
  };

  const watch = (): void => {
    void current.ended.then(() => {
      if (!left.signal.aborted) starting = startAgain();
    });
  };
  watch();
  return {
    /** From now on its end is somebody's will; answers the server that runs, or ran last. */
    leave: async () => {
      left.abort();
      await starting;
      return current;
    },
  };
}
