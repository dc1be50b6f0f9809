import type { AuditEntry } from "../../audit-chain.ts";
import { CLOCKS_APART, Findings, moment } from "../say.ts";
import { type Evidence, entriesOf } from "./evidence.ts";

export const about = (wave: number, round?: number) => (entry: AuditEntry) =>
  entry.details.wave === wave && (round === undefined || entry.details.round === round);

/** Every round that the ledger has was committed in the log, and taken back as the log says. */
export function rounds(evidence: Evidence): string[] {
  const { ledger } = evidence.lists;
  const commits = entriesOf(evidence, "commit");
  const found = new Findings();
  const named = new Set(commits.map(({ details }) => `${details.wave} ${details.round}`));
  for (const key of new Set([...named, ...ledger.rounds.keys()])) {
    const [wave = 0, round = 0] = key.split(" ").map(Number);
    const says = `wave ${wave}, round ${round}`;
    const entry = commits.find(about(wave, round));
    const entries = ledger.round(wave, round);
    found.same(
      `the rows of ${says}`,
      entry?.details.picked ?? 0,
      "the log",
      entries.entries,
      "commit-log.csv.gz",
    );
    found.same(
      `created in ${says}`,
      entry?.details.created ?? {},
      "the log",
      entries.created.asRecord(),
      "commit-log.csv.gz",
    );
    found.unless(
      entries.entries === 0 ||
        Math.abs(moment([...entries.committedAt][0]) - moment(entry?.at)) < CLOCKS_APART,
      `${says} was committed at another moment in the log than in the commit log`,
    );
    found.same(
      `changed in ${says}`,
      entry?.details.updated ?? {},
      "the log",
      entries.updated.asRecord(),
      "commit-log.csv.gz",
    );
    found.same(
      `committed in ${says}`,
      entry?.details.committed,
      "the log",
      entries.actions.of("commit"),
      "commit-log.csv.gz",
    );
    found.same(
      `linked in ${says}`,
      entry?.details.linked,
      "the log",
      entries.actions.of("link"),
      "commit-log.csv.gz",
    );
  }
  const waves = new Set(commits.map(({ details }) => Number(details.wave)));
  return [...found.all, ...[...waves].flatMap((wave) => wentBack(evidence, wave))];
}

/** The rollbacks of a wave that follow its commit, before it is committed again. */
export function takenBack(evidence: Evidence, commit: AuditEntry): AuditEntry[] {
  const { wave } = commit.details;
  const later = entriesOf(evidence, "commit", "rollback").filter(
    ({ seq, details }) => seq > commit.seq && details.wave === wave,
  );
  const again = later.findIndex(({ action }) => action === "commit");
  return again === -1 ? later : later.slice(0, again);
}

/** Rounds of a wave one after the other, each of which began while the one before had rows that were spared. */
interface Chain {
  readonly rounds: number[];
  readonly rollbacks: AuditEntry[];
  /** How many rows the log says are spared in the end. */
  spared: number;
}

/**
 * The rounds of a wave. A rollback takes back what all of them left, and a drill what its own did: which of them a row is
 * of that was spared at first the log does not say, so those that hang together are counted together.
 */
function chainsOf(evidence: Evidence, wave: number): readonly Chain[] {
  const chains: Chain[] = [];
  for (const commit of entriesOf(evidence, "commit").filter(about(wave))) {
    const before = chains.at(-1);
    const chain =
      before !== undefined && before.spared > 0 ? before : { rounds: [], rollbacks: [], spared: 0 };
    if (chain !== before) chains.push(chain);
    chain.rounds.push(Number(commit.details.round));
    const earlier = chain.spared;
    const rollbacks = takenBack(evidence, commit);
    chain.rollbacks.push(...rollbacks);
    rollbacks.forEach(({ details }, nth) => {
      const own = nth === 0 && details.entries === commit.details.picked;
      chain.spared = Number(details.spared) + (own ? earlier : 0);
    });
  }
  return chains;
}

/** The rounds of a wave that hang together with one of them. */
export const chainOf = (evidence: Evidence, wave: number, round: number): readonly number[] =>
  chainsOf(evidence, wave).find(({ rounds }) => rounds.includes(round))?.rounds ?? [round];

/** What was taken back of a wave, and what was spared, is what the log says. */
function wentBack(evidence: Evidence, wave: number): string[] {
  const found = new Findings();
  for (const { rounds, rollbacks, spared } of chainsOf(evidence, wave)) {
    const says = `wave ${wave}, round ${rounds.join(" and ")}`;
    const ledger = rounds.map((round) => evidence.lists.ledger.round(wave, round));
    const same = (what: string, logged: number, is: "undone" | "gone" | "unlinked" | "spared") =>
      found.same(
        `${what} of ${says}`,
        logged,
        "the log",
        ledger.reduce((total, each) => total + each[is], 0),
        "commit-log.csv.gz",
      );
    const sum = (what: string) =>
      rollbacks.reduce((total, each) => total + Number(each.details[what]), 0);
    same("taken back", sum("undone"), "undone");
    same("gone", sum("gone"), "gone");
    same("unlinked", sum("unlinked"), "unlinked");
    same("spared", spared, "spared");
    for (const { seq, details } of rollbacks) {
      const { entries: all, conflicts } = details;
      const whole = all === Number(details.undone) + Number(details.spared);
      found.unless(whole, `entry ${seq} of the log took back ${all} entries and counts others`);
      const named =
        Array.isArray(conflicts) && conflicts.length === Math.min(Number(details.spared), 100);
      found.unless(named, `entry ${seq} of the log names other conflicts than it counts`);
    }
    const moments = rollbacks.map(({ at }) => moment(at));
    const known = ledger.every(({ rolledBackAt }) =>
      [...rolledBackAt].every((at) =>
        moments.some((each) => Math.abs(each - moment(at)) < CLOCKS_APART),
      ),
    );
    found.unless(
      known,
      `${says} was taken back at another moment in the log than in the commit log`,
    );
  }
  return found.all;
}
