import { compilePin } from "../compile/pin/pin.ts";
import { keepParts } from "../compile/wave/parts.ts";
import type { Shape } from "../compile/wave/written-rows.ts";
import { type Database, limitWaits, workLimits } from "../data/database.ts";
import { lookTogether } from "../data/records.ts";
import type { Run } from "../data/runs.ts";
import { identifier, json, raw, type Sql, sql, text, uuid } from "../data/sql.ts";
import { partsOf, type WholeMigration } from "../define/several.ts";
import { doneAndTold } from "../evidence/audit-log.ts";
import { pinOf } from "../evidence/pinned.ts";
import { recordDigest } from "../evidence/record-digest.ts";
import type { ReviewedState } from "../review/digest/unchanged.ts";
import { refuseTrial } from "../review/refuse-trial.ts";
import { firstOn, requireOff } from "../review/steer/features.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { count, several } from "../services/words.ts";
import { withCopies } from "./files/copy-files.ts";
import { openAfter, requireRunning, requireStage } from "./run/opened-run.ts";
import { isRefusal, type NothingWritten, noteNothingWritten } from "./run/refusals.ts";
import { type ApprovalLooks, approvalLooks, requireApproval } from "./wave/approval-ahead.ts";
import { ChangedOnTheWay, requireStillWritten } from "./wave/changed-on-the-way.ts";
import { lockFencedRun, takeTurn } from "./wave/commit-lock.ts";
import { drillStands } from "./wave/drill-stands.ts";
import { requireDrilled, requireReady } from "./wave/go-no-go.ts";
import { nothingWritten } from "./wave/nothing-written.ts";
import {
  nextWaveNumber,
  outOfOrder,
  pickedBefore,
  sizeOfWave,
  stands,
  type WaveCounts,
  type WaveRow,
  wavesCalled,
  wavesWhole,
} from "./wave/plan.ts";
import { mayBeOfRow, withTriggers } from "./wave/platform-speaks.ts";
import { requireSeen } from "./wave/sight.ts";
import { tablesToLock, whenAlone, withTables } from "./wave/table-locks.ts";
import { type TargetLooks, targetLooks } from "./wave/target-looks.ts";
import { findUndrawn, isUsedUp, undrawn } from "./wave/undrawn.ts";
import { type SeenByMatching, seenByMatching, type WholeOrder, writeKinds } from "./wave/write.ts";
import { requireSeenWhole } from "./wave/written-anew.ts";

/** What to commit: a wave by its number, so that an order delivered twice is one wave. */
interface CommitInput {
  readonly run: string;
  readonly wave: number;
  /** Fewer rows than the plan has for this wave; never more (R15). */
  readonly batch?: number;
}

/** A wave as it was written. */
export interface CommittedWave {
  readonly run: string;
  readonly wave: number;
  readonly round: number;
  readonly counts: WaveCounts;
}

/**
 * Writes one signed wave in one transaction: business rows, ledger, staging markers (W4). Safe to
 * deliver twice: a wave that is written already returns its result, whatever came of the response.
 */
export async function commit(services: Services, input: CommitInput): Promise<CommittedWave> {
  const [{ run, migration }, before] = await Promise.all([
    openAfter(services, input.run, "export-review"),
    wavesCalled(services.stage, input.run),
  ]);
  refuseTrial(run, "it commits nothing");
  const placed = placeOf(run, before, input.wave);
  if ("counts" in placed) return placed;
  // A wave that could not be taken back is not written.
  pinOf(run);
  const size = sizeWithin(run, input.wave, input.batch);
  const [locked] = await Promise.all([
    tablesToLock(services.commitOf(run.migration), migration),
    input.wave > 1 ? requireReady(services.stage, run) : undefined,
  ]);
  const order = { run: run.id, wave: input.wave, size };
  const write = (careful: boolean) =>
    withCopies(services, run, () =>
      whenAlone(() => writeSigned(services, run, migration, order, { careful, locked })),
    );
  const [db, pin] = [services.commitOf(run.migration), compilePin(migration)];
  const ended = { run, wave: input.wave, command: "resume" } as const;
  const wrote = await write(false)
    .catch(async (error) => {
      // Of a sequence that draws nothing no row is to blame, and none is held for it.
      const fault =
        isRefusal(error) || isUsedUp(error) ? await findUndrawn(db, migration, size) : undefined;
      if (fault !== undefined) throw undrawn(fault, ended, error);
      // The platform refuses a row, or leaves one out in silence: it is found and held, and the others are written (D38).
      const ours = error?.name === "WaveUnbalanced" || error instanceof ChangedOnTheWay;
      if (!ours && !(await mayBeOfRow(error, db, pin))) throw error;
      return write(true);
    })
    .catch(async (error) => {
      throw await withTriggers(error, db, pin, ended);
    });
  if ("counts" in wrote) return wrote;
  throw nothingWritten(run, input.wave, wrote);
}

/**
 * Where a wave stands among those of its run: its result if it is written already, else the round it is
 * to be written in. Errors: `WaveOutOfOrder`, `WaveNotVerified`.
 */
function placeOf(
  run: Run,
  waves: readonly WaveRow[],
  wave: number,
): CommittedWave | { readonly round: number } {
  const written = stands(waves, wave);
  if (written) return { run: run.id, wave, round: written.round, counts: written.counts };
  const next = nextWaveNumber(waves);
  if (wave !== next.wave) throw outOfOrder(run, { next: next.wave, asked: wave });
  requireVerified(run, waves);
  return { round: next.round };
}

function sizeWithin(run: Run, wave: number, batch: number | undefined): number {
  const planned = sizeOfWave(run.wave_plan, wave);
  if (batch === undefined) return planned;
  if (!Number.isInteger(batch) || batch < 1 || batch > planned) {
    throw new Refusal(
      "WaveTooLarge",
      `Wave ${wave} of ${run.reference} takes at most ${several(planned, "row")}, and ${count(batch)} ${batch === 1 ? "was" : "were"} asked for. ` +
        `Nothing was written. The plan is ${run.wave_plan.join(", ")}.`,
    );
  }
  return batch;
}

function requireVerified(run: Run, waves: readonly WaveRow[]): void {
  const open = waves.find(({ status }) => status === "committed" || status === "failed");
  if (!open) return;
  const what = open.status === "failed" ? "failed its verification" : "is not verified yet";
  throw new Refusal(
    "WaveNotVerified",
    `Wave ${open.wave} of ${run.reference} ${what}, so no further one may start. Nothing was written. ` +
      `\`wavegate verify --run ${run.reference}\` shows its checks; \`wavegate rollback\` takes it back.`,
  );
}

/** What a wave looks at once it has its locks, all of its one snapshot. */
type WaveLooks = ApprovalLooks & TargetLooks & { readonly waves: readonly WaveRow[] };

/** What a wave looks at with its run. */
interface LookedAt extends SeenByMatching {
  readonly drilled: boolean;
  readonly feature_on: Parameters<typeof requireOff>[1];
}

async function writeSigned(
  { commitOf, clock }: Services,
  run: Run,
  migration: WholeMigration,
  planned: Pick<WholeOrder, "run" | "wave" | "size">,
  { careful, locked }: { readonly careful: boolean; readonly locked: readonly string[] },
): Promise<CommittedWave | NothingWritten> {
  const pin = compilePin(migration);
  const kinds = written(migration);
  const targets = pin.targets.filter(({ table }) => !locked.includes(table));
  // One snapshot: what is compared with the sign-off is what is written.
  const write = async (transaction: Database): Promise<CommittedWave | NothingWritten> => {
    await transaction.execute(limitWaits);
    await transaction.execute(takeTurn);
    // No snapshot yet: who erases the run's people (B13) waits for this wave, or is seen by it.
    // And what a target is, its triggers above all, it stays until the wave ends, and so do its parts.
    const targetsToo = targets.map(({ table }) => `, ${identifier(table)}`);
    await transaction.execute(
      raw(`lock table wavegate.commit_locks${targetsToo.join("")} in row exclusive mode`),
    );
    // What is told to be there or not by a look alone nobody else writes meanwhile.
    const now = await withTables(transaction, locked, () =>
      // Whoever stops, takes back or judges the run anew waits for this wave, or it fails here (SQLState 40001).
      lockFencedRun<LookedAt>(
        transaction,
        run,
        sql`, ${raw(workLimits)}, ${drillStands(run.id)} as drilled, ${firstOn(migration.features)} as feature_on,
            ${seenByMatching(kinds, run.id)}`,
      ),
    );
    requireRunning(requireStage(now, "export-review", "A wave"));
    requireOff(run, now.feature_on);
    if (planned.wave > 1) requireDrilled(now);
    // Whatever was read before: another delivery of this order may have been whole since then.
    const { waves, ...looks } = await lookTogether<WaveLooks>(transaction, {
      waves: wavesWhole(run.id),
      ...approvalLooks(run.id, planned.wave),
      ...targetLooks(pin, kinds, run.id),
    });
    const placed = placeOf(run, waves, planned.wave);
    if ("counts" in placed) return placed;
    const asked = { ...planned, ...placed };
    const { signed, reviewed } = await requireApproval(
      transaction,
      migration,
      run,
      asked.wave,
      waves,
      looks,
    );
    await requireSeen(transaction, looks.seen, run.migration);
    const before = pickedBefore(waves, asked.wave);
    const wrote = await writeKinds(
      transaction,
      {
        run,
        pin,
        kinds,
        looks: { ...looks, seen_up_to: now.seen_up_to, unseen_from: now.unseen_from },
      },
      asked,
      careful,
    );
    const { heldBack, skipped, refused } = wrote;
    // The platform may refuse all that there are, or have changed for each of them: a wave without a row is none.
    if (wrote.picked === 0) {
      const nothing = { refused, heldBack, skipped };
      await noteNothingWritten(transaction, asked, nothing, clock());
      return { ...nothing, waiting: wrote.waiting, uncopied: wrote.uncopied };
    }
    const counts: WaveCounts = {
      picked: wrote.picked,
      committed: wrote.committed,
      linked: wrote.linked,
      created: wrote.created,
      ...(wrote.updated === undefined ? {} : { updated: wrote.updated }),
      heldBack,
      skipped,
      refused,
      transaction: looks.transaction,
      before,
      guardedBefore: wrote.guardedBefore,
      guardedAfter: wrote.guardedAfter,
    };
    const event = {
      actor: "wavegate",
      action: "commit",
      digest: signed.digest,
      details: {
        wave: asked.wave,
        round: asked.round,
        sign_off: signed.id,
        picked: wrote.picked,
        committed: wrote.committed,
        linked: wrote.linked,
        created: wrote.created,
        ...(wrote.updated === undefined ? {} : { updated: wrote.updated }),
        held_back: heldBack,
        skipped,
        refused,
        size: asked.size,
        record: recordDigest({ counts, before: reviewed }),
      },
    };
    const noted = noteWave(asked, signed, counts, reviewed, looks.shape);
    if (!(await doneAndTold(transaction, run.id, noted, event, clock())))
      throw standsAlready(asked);
    if (looks.parted.length > 0) await transaction.execute(keepParts(pin, looks.parted, asked));
    await requireStillWritten(transaction, run, asked.wave, wrote.behind);
    return { run: run.id, wave: asked.wave, round: asked.round, counts };
  };
  return commitOf(run.migration).transaction(async (transaction) => {
    const wrote = await write(transaction);
    await requireSeenWhole(transaction);
    return wrote;
  }, "repeatable read, read write");
}

/** Keeps the wave: common tables for {@link doneAndTold}. */
const noteWave = (
  { run, wave, round, size }: WholeOrder,
  signed: { id: string; digest: string },
  counts: WaveCounts,
  reviewed: ReviewedState,
  shape: Shape,
): Sql => sql`
    done as (
    insert into wavegate.waves (run_id, wave, size, round, status, digest, sign_off_id, counts, before, shape)
    values (${uuid(run)}, ${wave}, ${size}, ${round}, 'committed', ${text(signed.digest)}, ${uuid(signed.id)}, ${json(counts)}, ${json(reviewed)}, ${json(shape)})
    on conflict (run_id, wave) do update
      set size = excluded.size, round = excluded.round, status = 'committed', digest = excluded.digest,
          sign_off_id = excluded.sign_off_id, counts = excluded.counts, before = excluded.before, shape = excluded.shape, parts = null, committed_at = now(),
          verification = null, clean = null, verified_at = null, rolled_back_at = null
    where waves.status = 'rolled_back' and waves.round < excluded.round
    returning 1)`;

const standsAlready = ({ wave }: WholeOrder): Refusal =>
  new Refusal(
    "WaveUnbalanced",
    `Wave ${wave} stands already. What was written beside it was taken back whole; nothing was written.`,
  );

/** The kinds of things of which waves write something: of others only rows of others are made. */
const written = (migration: WholeMigration) =>
  partsOf(migration).filter(
    ({ part, entity }) => part === undefined || Object.keys(entity.actions).length > 0,
  );
