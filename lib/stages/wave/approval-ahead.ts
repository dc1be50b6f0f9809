import type { Database } from "../../data/database.ts";
import { lookTogether } from "../../data/records.ts";
import type { Run } from "../../data/runs.ts";
import type { Sql } from "../../data/sql.ts";
import type { WholeMigration } from "../../define/several.ts";
import { type Exported, newestExport, partsNow } from "../../review/digest/digest.ts";
import {
  changesSoFar,
  type LastReviewed,
  lastReviewed,
  type ReviewedState,
  rowsOfDryRun,
  unchangedSince,
} from "../../review/digest/unchanged.ts";
import {
  type Approval,
  type Decided,
  holdingApproval,
  newestDecision,
} from "../../review/sign-off/valid-approval.ts";
import type { Gate } from "../../review/sign-off-store.ts";
import { Refusal } from "../../services/errors.ts";
import { gateBefore, nextWaveNumber, type WaveRow } from "./plan.ts";

/** What tells whether an approval holds. */
export interface ApprovalLooks {
  /** The newest decision about the wave's own gate, whether or not it asks there, and about scaling up. */
  readonly own: Decided | null;
  readonly scaled: Decided | null;
  readonly reviewed: LastReviewed | null;
  readonly exported: Exported | null;
}

/** The gate that a wave has for itself, where it asks. */
const ownGate = (wave: number): Gate => {
  if (wave === 1) return "first_wave";
  return wave === 2 ? "scale_up" : `wave:${wave}`;
};

/** {@link ApprovalLooks} of a wave, for `lookTogether`: which gate it rests on is told by the waves before it. */
export const approvalLooks = (
  run: string,
  wave: number,
): Readonly<Record<keyof ApprovalLooks, Sql>> => ({
  own: newestDecision(run, ownGate(wave)),
  scaled: newestDecision(run, "scale_up"),
  reviewed: lastReviewed(run),
  exported: newestExport(run),
});

const decidedAt = (looks: ApprovalLooks, gate: Gate | null): Decided | null =>
  gate === null ? looks.scaled : looks.own;

/** {@link approvalLooks} of the wave that is next. */
export const lookAhead = (
  db: Database,
  run: Run,
  waves: readonly WaveRow[],
): Promise<ApprovalLooks> =>
  lookTogether<ApprovalLooks>(db, approvalLooks(run.id, nextWaveNumber(waves).wave));

/**
 * The next wave, the gate that it rests on, and whether somebody's approval there still holds. Whether it does is decided
 * by the wave itself, which reads every row at a gate: here the notes of changes say whether a person has to be asked
 * again. A wave without a gate of its own rests on the approval of scaling up: where that one was withdrawn, or what it
 * is about changed, it is asked for again.
 *
 * @param looks what {@link lookAhead} found, of the same waves
 */
export async function approvalAhead(
  db: Database,
  { run, migration }: { readonly run: Run; readonly migration: WholeMigration },
  waves: readonly WaveRow[],
  looks: ApprovalLooks,
): Promise<{ readonly wave: number; readonly gate: Gate; readonly approval: Approval }> {
  const { wave } = nextWaveNumber(waves);
  const own = gateBefore(wave, run.gates, waves);
  const gate = own ?? "scale_up";
  const approval = await holdingApproval(db, run.id, gate, decidedAt(looks, own), async () => {
    const known =
      own === null
        ? unchangedSince(looks.reviewed)
        : { rows: await rowsOfDryRun(db, run.id, migration) };
    return partsNow(db, migration, run, { ...known, exported: looks.exported });
  });
  return { wave, gate, approval };
}

/**
 * The sign-off a wave rests on: its own gate's, or the newest gate passed before it. At a gate every
 * reviewed row is read; after it only if a statement since then may have changed one. Errors: `NotSignedOff`,
 * `SignOffStale`, `SignOffRejected`, `SignOffLapsed`.
 *
 * @param looks what {@link approvalLooks} found in the same transaction, whose snapshot is one
 */
export async function requireApproval(
  transaction: Database,
  migration: WholeMigration,
  run: Run,
  wave: number,
  waves: readonly WaveRow[],
  looks: ApprovalLooks,
): Promise<{ signed: { id: string; digest: string }; reviewed: ReviewedState }> {
  const gate = gateBefore(wave, run.gates, waves);
  const known = gate === null ? unchangedSince(looks.reviewed) : undefined;
  const parts = await partsNow(transaction, migration, run, { ...known, exported: looks.exported });
  const decided = decidedAt(looks, gate);
  const approval = await holdingApproval(
    transaction,
    run.id,
    gate ?? "scale_up",
    decided,
    async () => parts,
  );
  if (!approval.ok) throw new Refusal(approval.because, approval.message);
  const { rows, mappings } = parts;
  const reviewed = known ?? { rows, mappings, changes: await changesSoFar(transaction) };
  return { signed: approval.signOff, reviewed };
}
