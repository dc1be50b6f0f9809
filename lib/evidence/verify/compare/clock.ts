import { several } from "../../../services/words.ts";
import { CLOCKS_APART, moment } from "../say.ts";
import type { Evidence } from "./evidence.ts";

type Log = Pick<Evidence, "facts" | "trustedTo">;

/** An entry of the log before which the machine's clock was set back, and by how many milliseconds at least. */
interface SetBack {
  readonly seq: number;
  readonly by: number;
}

/**
 * Where the clock went back between two entries by more than clocks differ, among those whose order is proved by what
 * the verifier has from elsewhere. Of any other log it is not known whether somebody moved an entry.
 */
function setBacks({ facts, trustedTo = 0 }: Log): readonly SetBack[] {
  if (trustedTo === 0) return [];
  const found: SetBack[] = [];
  let latest = moment(facts.summary.pinned_to.started_at);
  for (const { seq, at } of facts.log) {
    if (seq > trustedTo) break;
    const now = moment(at);
    const by = latest - now;
    if (by >= CLOCKS_APART) found.push({ seq, by });
    latest = by >= CLOCKS_APART ? now : Math.max(latest, now);
  }
  return found;
}

/** How far moments of one run may be apart, in milliseconds, that tell of an order which the log tells otherwise. */
export const apart = (log: Log): number =>
  setBacks(log).reduce((sum, { by }) => sum + by, CLOCKS_APART);

/** By how much something may stand before what came before it, where both are of the one clock: by nothing, unless that was set back. */
export const turnedBack = (log: Log): number => (setBacks(log).length === 0 ? 0 : apart(log));

/** What speaks against the log's moments: they only go forward, but where the clock is known to have gone back. */
export function wrongMoments(log: Log): string[] {
  const { facts, trustedTo = 0 } = log;
  const known = new Set(setBacks(log).map(({ seq }) => seq));
  let latest = moment(facts.summary.pinned_to.started_at);
  for (const { seq, at } of facts.log) {
    const now = moment(at);
    if (!known.has(seq) && !(now > latest - CLOCKS_APART))
      return [`Entry ${seq} is older than the one before it`];
    latest = known.has(seq) ? now : Math.max(latest, now);
  }
  const exported = moment(facts.summary.exported_at);
  const back = trustedTo === Number.POSITIVE_INFINITY && exported <= latest - CLOCKS_APART;
  return exported > latest - CLOCKS_APART || back ? [] : ["The bundle is older than its log"];
}

/** What is said of a log that holds: where the machine's clock was set back meanwhile. */
export function saysMoments(log: Log): string {
  const [first, ...others] = setBacks(log);
  const holds = "No entry was removed, changed, moved or inserted.";
  if (first === undefined) return holds;
  const minutes = several(Math.max(1, Math.round(first.by / 60_000)), "minute");
  const more =
    others.length === 0 ? "" : `, and ${several(others.length, "more time", "more times")}`;
  return `${holds} The machine's clock was set back by ${minutes} before entry ${first.seq}${more}: what came after what is told by the order of the log, which what you kept proves.`;
}
