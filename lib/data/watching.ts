import type { Watch } from "../define/watch.ts";

/** A figure as it was read; null could not be read. */
export interface Figure {
  readonly id: string;
  readonly value: number | null;
}

/** The state of a run's watch after a reading, as it is stored. */
export interface Watching {
  /** When it was read, ISO 8601. */
  readonly at: string;
  /** Whether the next wave waits for the platform, and since when. */
  readonly waiting: boolean;
  readonly since: string | null;
  /** Good readings since the last one that was not, while it waits. */
  readonly good: number;
  /** How many readings one after the other each figure was above its limit. */
  readonly over: Readonly<Record<string, number>>;
  /** Figures that were above their limits when it was read. */
  readonly because: readonly {
    readonly id: string;
    readonly says: string;
    readonly value: number | null;
    readonly above: number;
  }[];
}

/** Seconds between two readings. */
export const everySeconds = 5;
/** Good readings, one after the other, after which a run goes on. */
export const enoughGood = 3;
/** Seconds between readings of a platform that stays busy, at most: an execution's history has an end. */
const slowestSeconds = 60;
/** Seconds after which a reading says nothing about the next one. */
const staleSeconds = 600;
/** Seconds after which a person is needed: the run is paused. */
const patienceSeconds = 6 * 3_600;

/** Whether the next wave may begin, or in how many seconds to look again. */
export type Verdict = "go" | "give up" | { readonly seconds: number };

/**
 * The state after one more reading. A figure above its limit makes the next wave wait when it was so for as many
 * readings as it says; from then on only three good readings, one after the other, let it begin.
 */
export function afterReading(
  before: Watching | null,
  watches: readonly Watch[],
  figures: readonly Figure[],
  now: Date,
): Watching {
  // Nor does one of a time to come, as where a clock was set back since.
  const fresh = before !== null && apartMs(before, now) <= staleSeconds * 1_000 ? before : null;
  const high = watches.flatMap(({ id, says, above }) => {
    const value = figures.find((figure) => figure.id === id)?.value ?? null;
    // What cannot be read, or is no number, is not taken for good.
    return value === null || !(value <= above) ? [{ id, says, value, above }] : [];
  });
  const over = Object.fromEntries(high.map(({ id }) => [id, (fresh?.over[id] ?? 0) + 1]));
  const good = high.length > 0 ? 0 : (fresh?.good ?? 0) + 1;
  const waited = fresh?.waiting ?? false;
  const waiting = waited
    ? good < enoughGood
    : watches.some(({ id, readings }) => (over[id] ?? 0) >= readings);
  const at = now.toISOString();
  const since = waiting ? ((waited ? fresh?.since : null) ?? at) : null;
  return { at, waiting, since, good, over, because: high };
}

/** How far a moment is from a reading, whichever of them the clocks say was first. */
export const apartMs = ({ at }: Watching, now: Date): number =>
  Math.abs(now.getTime() - Date.parse(at));

/** What follows from a state. */
export function verdictOf({ at, waiting, since, over }: Watching): Verdict {
  const most = Math.max(0, ...Object.values(over));
  if (!waiting && most === 0) return "go";
  if (since !== null && Date.parse(at) - Date.parse(since) > patienceSeconds * 1_000) {
    return "give up";
  }
  return { seconds: Math.min(slowestSeconds, everySeconds * Math.max(1, most - 1)) };
}

/** `lag is 3.2, above 2 (seconds that the replica is behind)`, of each figure; while it recovers, that it does. */
export function becauseOf({ because, good }: Watching): string {
  if (because.length === 0) return `of ${enoughGood} good readings it has ${good}`;
  return because
    .map(({ id, says, value, above }) =>
      value === null
        ? `${id} cannot be read (${says})`
        : `${id} is ${value}, above ${above} (${says})`,
    )
    .join(", and ");
}
