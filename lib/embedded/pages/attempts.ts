/**
 * Wrong passwords slow down where they come from, never the person they name: nobody is locked out by
 * somebody else's guesses.
 */
export interface Attempts {
  /** Seconds until a try from this source is looked at; 0: now. */
  waitFor(source: string): number;
  failed(source: string, name: string): void;
  /** Forgives what was mistyped of this name from this source; guesses at other names stay counted. */
  succeeded(source: string, name: string): void;
}

/** So many within a minute are mistakes; from then on each wrong one doubles the wait. */
const mostInAMinute = 5;
const minuteMs = 60_000;
const firstWaitMs = 30_000;
/** No wait is longer, and a source that was quiet for as long begins anew. */
const longestWaitMs = 60 * 60_000;
/** Sources remembered; the one that was quiet longest is forgotten when one more comes. */
const mostSources = 10_000;

interface Source {
  failures: { name: string; at: number }[];
  /** Waits that were imposed since it was last quiet. */
  waits: number;
  until: number;
  latest: number;
}

export function createAttempts(now: () => Date): Attempts {
  const sources = new Map<string, Source>();
  const fold = (name: string) => name.normalize("NFKC").trim().toLowerCase();
  const recent = (name: string): Source => {
    const at = now().getTime();
    const known = sources.get(name);
    const quiet = known === undefined || at - Math.max(known.latest, known.until) > longestWaitMs;
    const source = quiet ? { failures: [], waits: 0, until: 0, latest: at } : known;
    source.failures = source.failures.filter((failure) => at - failure.at < minuteMs);
    // Set anew, so that the order is that of the latest use.
    sources.delete(name);
    sources.set(name, source);
    if (sources.size > mostSources) sources.delete(sources.keys().next().value as string);
    return source;
  };
  return {
    waitFor: (name) => Math.max(0, Math.ceil((recent(name).until - now().getTime()) / 1000)),
    failed(name, whom) {
      const source = recent(name);
      const at = now().getTime();
      source.latest = at;
      source.failures.push({ name: fold(whom), at });
      if (source.waits === 0 && source.failures.length < mostInAMinute) return;
      source.until = at + Math.min(longestWaitMs, firstWaitMs * 2 ** source.waits);
      source.waits += 1;
    },
    succeeded(name, whom) {
      const source = recent(name);
      const before = source.failures.length;
      source.failures = source.failures.filter((failure) => failure.name !== fold(whom));
      // The try that just succeeded was counted as it came: what it imposed is taken back.
      if (before > source.failures.length && source.until > now().getTime()) {
        source.waits -= 1;
        source.until = 0;
      }
    },
  };
}
