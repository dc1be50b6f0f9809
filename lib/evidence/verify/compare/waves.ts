import { several } from "../../../services/words.ts";
import { recordDigest } from "../../record-digest.ts";
import { CLOCKS_APART, Findings, moment } from "../say.ts";
import type { Wave } from "../shapes.ts";
import { type Evidence, entriesOf } from "./evidence.ts";
import { gatesPassed, refusedOf } from "./gates.ts";
import { about, chainOf, rounds, takenBack } from "./rounds.ts";

/** What waves wrote: `waves.json` against the log, the plan, the sign-offs and the ledger. */
export function waves(evidence: Evidence): string[] {
  const { facts } = evidence;
  const numbers = facts.waves.map(({ wave }) => wave);
  const found = new Findings();
  found.unless(
    numbers.every((wave, index) => wave === index + 1),
    "the waves are not numbered 1, 2, 3 …",
  );
  const committed = new Set(entriesOf(evidence, "commit").map(({ details }) => details.wave));
  for (const wave of committed) {
    found.unless(
      numbers.includes(Number(wave)),
      `the log has wave ${wave}, which waves.json has not`,
    );
  }
  return [
    ...found.all,
    ...facts.waves.flatMap((wave) => [
      ...inLog(evidence, wave),
      ...inPlan(evidence, wave),
      ...counted(evidence, wave),
      ...standing(evidence, wave),
      ...inLedger(evidence, wave),
    ]),
    ...rounds(evidence),
    ...refusedRows(evidence),
    ...gatesPassed(evidence),
  ];
}

/** The log's entry of the wave as it stands says the same. */
function inLog(evidence: Evidence, record: Wave): string[] {
  const { wave, round, counts } = record;
  const entries = entriesOf(evidence, "commit").filter(about(wave, round));
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) {
    return [`the log has ${entries.length} commits of wave ${wave}, round ${round}`];
  }
  const { details } = entry;
  const found = new Findings();
  const same = (what: string, logged: unknown, says: unknown) =>
    found.same(`${what} of wave ${wave}`, logged, "the log", says, "waves.json");
  same("the digest", entry.digest, record.digest);
  same("the sign-off", details.sign_off, record.sign_off_id);
  same("picked", details.picked, counts.picked);
  same("committed", details.committed, counts.committed);
  same("linked", details.linked, counts.linked);
  same("created", details.created, counts.created);
  same("changed", details.updated ?? {}, counts.updated ?? {});
  same("held back", details.held_back, counts.heldBack);
  same("the size", details.size, record.size);
  same("skipped", details.skipped, counts.skipped);
  same("refused", details.refused, counts.refused);
  const { rolledBack: _, ...written } = counts;
  found.unless(
    details.record === recordDigest({ counts: written, before: record.before }),
    `wave ${wave} has other counts, or found something else, than the log says`,
  );
  found.unless(
    Math.abs(moment(entry.at) - moment(record.committed_at)) < CLOCKS_APART,
    `wave ${wave} was committed at another moment in the log than in waves.json`,
  );
  return found.all;
}

/** No wave is larger than its plan (R15), nor wrote more than it may. */
function inPlan({ facts }: Evidence, { wave, size, counts }: Wave): string[] {
  const plan = facts.summary.pinned_to.wave_plan;
  const most = plan[Math.min(wave, plan.length) - 1] ?? 0;
  const found = new Findings();
  found.unless(size <= most, `wave ${wave} has ${size} rows, and the plan ${most}`);
  found.unless(counts.picked <= size, `wave ${wave} took more rows than its size`);
  const refused = refusedOf(counts.refused);
  found.unless(counts.picked + refused > 0, `wave ${wave} took no row`);
  return found.all;
}

/** A wave's counts add up, and it touched nothing that it must not. */
function counted({ facts }: Evidence, { wave, counts, before, digest }: Wave): string[] {
  const found = new Findings();
  const { picked, committed, linked, created, updated = {} } = counts;
  const all = (rows: Readonly<Record<string, number>>) =>
    Object.values(rows).reduce((total, each) => total + each, 0);
  const sum = all(created);
  found.unless(
    picked === committed + linked + all(updated),
    `wave ${wave} took ${picked} rows and wrote others`,
  );
  found.unless(sum === committed, `wave ${wave} created ${sum} rows and committed ${committed}`);
  const guarded = facts.definition.guarded.every(
    (table) =>
      counts.guardedBefore[table] !== undefined &&
      counts.guardedBefore[table] === counts.guardedAfter[table],
  );
  found.unless(guarded, `wave ${wave} wrote to a guarded table, or does not say`);
  const signed = facts.signOffs.filter((each) => each.digest === digest);
  for (const part of ["rows", "mappings"] as const) {
    const same = signed.every(({ parts }) => parts[part] === before[part]);
    found.unless(same, `wave ${wave} found other ${part} than were signed off`);
  }
  return found.all;
}

/** What the waves before it wrote when it was written: they stand, as only the latest are taken back. */
function standing({ facts }: Evidence, { wave, counts, status }: Wave): string[] {
  const earlier = facts.waves.filter((each) => each.wave < wave);
  if (status === "rolled_back" || earlier.some((each) => each.status === "rolled_back")) return [];
  const sum = earlier.reduce((total, each) => total + each.counts.picked, 0);
  return sum === counts.before
    ? []
    : [
        `wave ${wave} says ${several(counts.before, "row")} came before it, and the waves before have ${sum}`,
      ];
}

/** The ledger's entries of the wave as it stands. */
function inLedger(evidence: Evidence, record: Wave): string[] {
  const { wave, round, status, counts, rolled_back_at } = record;
  const ledger = evidence.lists.ledger.round(wave, round);
  const found = new Findings();
  const same = (what: string, says: unknown, logged: unknown) =>
    found.same(`${what} of wave ${wave}`, says, "waves.json", logged, "commit-log.csv.gz");
  same("the rows", counts.picked, ledger.entries);
  same("committed", counts.committed, ledger.actions.of("commit"));
  same("linked", counts.linked, ledger.actions.of("link"));
  same("created", counts.created, ledger.created.asRecord());
  same("changed", counts.updated ?? {}, ledger.updated.asRecord());
  found.unless(
    counts.picked === 0 || isAt(ledger.committedAt, record.committed_at),
    `wave ${wave} was committed at another moment in the commit log than in waves.json`,
  );
  const some = ledger.undone + ledger.spared > 0;
  found.unless(
    (status === "rolled_back") === some,
    `wave ${wave} is ${status}, and the commit log says otherwise`,
  );
  found.unless(
    (status === "rolled_back") === (rolled_back_at !== null),
    `wave ${wave} is ${status} and has the wrong moment for it`,
  );
  return status === "rolled_back" ? [...found.all, ...undone(evidence, record)] : found.all;
}

/** A wave's own count of what was taken back is of the last time: what was spared may be tried again. */
function undone(evidence: Evidence, { wave, round, counts, rolled_back_at }: Wave): string[] {
  const found = new Findings();
  const commit = entriesOf(evidence, "commit").find(about(wave, round));
  const last = commit && takenBack(evidence, commit).at(-1);
  if (last === undefined) return [`wave ${wave} was taken back, and the log does not say so`];
  const { undone: rows, spared, gone } = last.details;
  const logged = { undone: rows, spared, gone };
  const { undone: taken, spared: kept, gone: lost } = counts.rolledBack ?? {};
  const recorded = { undone: taken, spared: kept, gone: lost };
  found.same(`taken back of wave ${wave}`, logged, "the log", recorded, "waves.json");
  const { ledger } = evidence.lists;
  // It may have been what an earlier round left.
  const moments = chainOf(evidence, wave, round).flatMap((each) => [
    ...ledger.round(wave, each).rolledBackAt,
  ]);
  found.unless(
    rows === 0 || moments.some((at) => isAt(new Set([at]), rolled_back_at)),
    `wave ${wave} was taken back at another moment in the commit log than in waves.json`,
  );
  return found.all;
}

/** One transaction has one moment; files keep it to the millisecond. */
const isAt = (moments: ReadonlySet<string>, at: string | null): boolean =>
  moments.size === 1 && [...moments].every((each) => Math.abs(moment(each) - moment(at)) <= 1);

/** No more rows name a constraint than the log says it refused; who was released is refused no longer. */
function refusedRows(evidence: Evidence): string[] {
  const logged = new Map<string, number>();
  for (const { details } of entriesOf(evidence, "commit", "rows-refused")) {
    for (const [name, rows] of Object.entries((details.refused ?? {}) as Record<string, number>)) {
      logged.set(name, (logged.get(name) ?? 0) + rows);
    }
  }
  return Object.entries(evidence.lists.rows.refused.asRecord())
    .filter(([name, rows]) => rows > (logged.get(name) ?? 0))
    .map(
      ([name, rows]) =>
        `${several(rows, "row was", "rows were")} refused by “${name}”, and the log has fewer`,
    );
}
