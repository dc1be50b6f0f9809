import type { AuditEntry } from "../../audit-chain.ts";
import { Findings, moment } from "../say.ts";
import { apart } from "./clock.ts";
import type { Evidence } from "./evidence.ts";

/** Rows of a clean wave from which further gates need no person (D12). */
const TRUSTED_SIZE = 250;

/** What had happened to a wave when the next entry of the log was written. */
interface Past {
  readonly size: number;
  readonly verified: boolean;
  /** Whether the platform refused no more than a few of its rows (D38). */
  readonly few: boolean;
}

/**
 * Each wave rests on an approval of its own gate (D12), of the digest it was written under, given
 * before it was written and not void by then: the log replayed from its beginning.
 */
export function gatesPassed(evidence: Evidence): string[] {
  const { facts } = evidence;
  const within = apart(evidence);
  const found = new Findings();
  const past = new Map<number, Past>();
  const approved = new Map<string, AuditEntry>();
  const rounds = new Map<number, number>();
  let drilled = false;
  for (const entry of facts.log) {
    const { action, details } = entry;
    const wave = Number(details.wave);
    if (action === "sign-off-approved") approved.set(String(details.signOff), entry);
    if (action === "sign-offs-voided") {
      const whole = Number(details.to_wave) <= 1;
      for (const [id, { details: about }] of approved) {
        if (whole || about.gate !== "first_wave") approved.delete(id);
      }
    }
    if (action === "rolled-back" && Number(details.to_wave) <= 1) drilled = false;
    if (action === "drill") {
      found.unless(!drilled, "a drill was held although one had passed");
      drilled = details.passed === true;
    }
    if (action === "rollback") {
      past.delete(wave);
      // A certificate is about the first wave as it stood.
      if (wave === 1) drilled = false;
      found.unless(rounds.has(wave), `wave ${wave} was taken back before it was written`);
    }
    if (action === "verify") {
      const before = past.get(wave);
      found.unless(
        before !== undefined && rounds.get(wave) === details.round,
        `wave ${wave} was verified in a round in which it did not stand`,
      );
      if (before) past.set(wave, { ...before, verified: details.passed === true });
    }
    if (action !== "commit") continue;
    found.all.push(
      ...allowed(entry, { facts, past, within, approval: approved.get(String(details.sign_off)) }),
    );
    found.unless(
      wave === 1 || drilled,
      `wave ${wave} was written before a rollback drill had passed`,
    );
    const plan = facts.summary.pinned_to.wave_plan;
    const most = plan[Math.min(wave, plan.length) - 1] ?? 0;
    found.unless(Number(details.size) <= most, `wave ${wave} was written larger than its plan`);
    const open = [...past].filter(([number, { verified }]) => number < wave && !verified);
    found.unless(
      open.length === 0,
      `wave ${wave} was written before wave ${open[0]?.[0]} was verified`,
    );
    found.unless(
      details.round === (rounds.get(wave) ?? 0) + 1 && !past.has(wave),
      `wave ${wave} was written in another round than the next`,
    );
    rounds.set(wave, Number(details.round));
    past.set(wave, { size: Number(details.size), verified: false, few: refusedFew(details) });
  }
  return found.all;
}

/** How many rows the platform refused, by the names of what refused them. */
export const refusedOf = (refused: unknown): number =>
  Object.values((refused ?? {}) as Record<string, number>).reduce((sum, rows) => sum + rows, 0);

/** Whether of a hundred rows at most one was refused (D38). */
export function refusedFew({ picked, refused }: Readonly<Record<string, unknown>>): boolean {
  const rows = refusedOf(refused);
  return rows * 100 <= Number(picked) + rows;
}

function allowed(
  commit: AuditEntry,
  known: {
    facts: Evidence["facts"];
    past: ReadonlyMap<number, Past>;
    /** How far moments may be apart that tell of another order than the log. */
    within: number;
    approval: AuditEntry | undefined;
  },
): string[] {
  const { facts, past, within, approval } = known;
  const wave = Number(commit.details.wave);
  if (approval === undefined) return [`no approval of what wave ${wave} wrote is there`];
  const found = new Findings();
  const trusted = [...past.values()].some(
    ({ size, verified, few }) => verified && few && size >= TRUSTED_SIZE,
  );
  const before = [...past].toSorted(([one], [other]) => one - other).at(-1)?.[1];
  const asks =
    before?.few === false || (!trusted && facts.summary.pinned_to.gates !== "on-anomaly");
  const gate = String(approval.details.gate);
  const gates = gatesBefore(wave, asks);
  found.unless(
    gates.includes(gate),
    `wave ${wave} rests on the approval of ${gate}, and needs that of ${gates[0]}`,
  );
  found.unless(
    approval.digest === commit.digest,
    `no approval of what wave ${wave} wrote is there`,
  );
  const record = facts.signOffs.find(({ id }) => id === commit.details.sign_off);
  const at = facts.waves.find((each) => each.wave === wave && each.round === commit.details.round);
  found.unless(record !== undefined, `wave ${wave} rests on a sign-off that is not in the bundle`);
  found.unless(
    !(moment(record?.decided_at) > moment(at?.committed_at) + within),
    `wave ${wave} was written before it was approved`,
  );
  return found.all;
}

/** The gates of which one has to be passed before a wave. */
function gatesBefore(wave: number, asks: boolean): readonly string[] {
  if (wave === 1) return ["first_wave"];
  if (wave === 2) return ["scale_up"];
  return asks ? [`wave:${wave}`] : ["scale_up", `wave:${wave}`];
}
