import { type IdentityTypes, identityTypesNow } from "../compile/target/identity-types.ts";
import { holdMovedNoMore } from "../compile/there/moved-before.ts";
import { countSpared } from "../compile/undo/checks.ts";
import type { Database } from "../data/database.ts";
import { rowsWhole } from "../data/records.ts";
import { findRun, lockRun, type Run, requirePeople } from "../data/runs.ts";
import { json, raw, sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import type { WholeMigration } from "../define/several.ts";
import type { Watch } from "../define/watch.ts";
import { appendAudit, headOf } from "../evidence/audit-log.ts";
import { balance } from "../evidence/balance.ts";
import { pinOf } from "../evidence/pinned.ts";
import { recordDigest } from "../evidence/record-digest.ts";
import { partsNow } from "../review/digest/digest.ts";
import { approvalOfState } from "../review/sign-off/valid-approval.ts";
import type { Gate } from "../review/sign-off-store.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { inWords } from "../services/words.ts";
import { hasLooseCopies, takeBackFiles } from "./files/take-back-files.ts";
import type { Check } from "./run/check.ts";
import { openPinned } from "./run/opened-run.ts";
import { progressNotes, wholeStage } from "./run/ranges.ts";
import { checksAgain } from "./verify.ts";
import { areCandidates } from "./wave/any-candidates.ts";
import { beforeRun, releaseLock } from "./wave/commit-lock.ts";
import { type GoNoGo, goNoGo } from "./wave/go-no-go.ts";
import { ledgerHeld } from "./wave/ledger-held.ts";
import { type WaveRow, wavesOf } from "./wave/plan.ts";
import { reconcile } from "./wave/reconcile.ts";
import { reshapedSince } from "./wave/reshaped-since.ts";
import { readFigures } from "./wave/watch-platform.ts";

interface FinalVerified {
  readonly run: string;
  readonly passed: true;
  readonly checks: readonly Check[];
  readonly goNoGo: GoNoGo;
}

/**
 * Proves the whole run once more at its end: the balance, every wave, the ledger, the go/no-go list. A run of which a row
 * still waits for a wave is proved as it stands, and is none that is complete.
 */
export async function finalVerify(services: Services, id: string): Promise<FinalVerified> {
  const db = services.stage;
  // Before anything else is read: what the log tells of later may not be what was read.
  const first = await findRun(db, id);
  const { entries } = await headOf(db, first.id);
  const { run, migration, parts } = await openPinned(services, id);
  // Sent again, it is the verification that ended the run: what the platform does since is its own.
  const before = run.status === "completed" ? await passedBefore(db, run.id) : undefined;
  if (before) {
    return {
      run: run.id,
      passed: true,
      checks: before,
      goNoGo: await goNoGo(services.stage, run),
    };
  }
  requirePeople(run, "A verification");
  const pin = pinOf(run);
  const everyWave = await wavesOf(db, run.id);
  const waves = everyWave.filter(({ status }) => status !== "rolled_back");
  await holdWhatStandsNoMore(db, parts, run);
  const states = await balance(db, pin, run.id);
  const note = progressNotes(db, run.id, "final-verify");
  await note(0);
  let logged = 0;
  let there = 0;
  for (const { wave } of waves) {
    const since = await reshapedSince(db, run, wave);
    const ledger = await ledgerHeld(db, since.pin, run.id, wave, since.reshaped);
    logged += ledger.entries;
    there += ledger.there;
    await note(Math.round((6_200 * logged) / Math.max(1, states.committed + states.linked)));
  }
  const { spared } = await db.one<{ spared: number }>(countSpared(run.id));
  const own = await checksAgain(db, pin, run.id);
  const list = await goNoGo(services.stage, run);
  const reviewed = await stillAsReviewed(db, migration, run, waves);
  const nothing = everyWave.length === 0 && (await nothingToCommit(db, parts, run));
  const equal = (check: Omit<Check, "passed">): Check => ({
    ...check,
    passed: check.expected === check.got,
  });
  const checks = [
    equal({
      id: "balance",
      says: "Every staged row is accounted for.",
      expected: states.staged,
      got: states.holds ? states.staged : -1,
    }),
    equal({
      id: "waves_clean",
      says: "Every wave passed its verification.",
      expected: waves.length,
      got: waves.filter(({ status }) => status === "verified").length,
    }),
    equal({
      id: "ledger",
      says: "The ledger has every committed and linked row.",
      expected: states.committed + states.linked,
      got: logged + spared,
    }),
    equal({
      id: "platform",
      says: "Every row of the ledger is on the platform as it was written.",
      expected: logged,
      got: there,
    }),
    ...own,
    ...(await figureChecks(db, run.definition.figures ?? [])),
    ...(await reconcile(db, run.definition, run)),
    equal({
      id: "reviewed",
      says: "Every reviewed row is what was signed off.",
      expected: "unchanged",
      got: reviewed,
    }),
    // Where no row can be committed there is nothing to ask, to write and to scale up: the run ends so.
    nothing
      ? equal({
          id: "nothing_to_commit",
          says: "Nothing was to be committed: every row is held, skipped or failed, and none was written.",
          expected: 0,
          got: states.staged - states.held - states.skipped - states.failed,
        })
      : equal({
          id: "ready",
          says: `All ${inWords(list.items.length)} go/no-go items hold.`,
          expected: list.items.length,
          got: list.items.filter(({ holds }) => holds).length,
        }),
  ];
  const passed = checks.every((check) => check.passed);
  // Of rows that were held once their files were copied: behind its end the run leaves none (B13).
  if (passed) await takeBackFiles(services, run);
  await db.transaction(async (transaction) => {
    await beforeRun(transaction);
    await requireAsRead(transaction, { run, first, waves: everyWave, entries, passed });
    await transaction.execute(sql`
      insert into wavegate.verifications (run_id, kind, passed, checks)
      values (${uuid(run.id)}, 'final', ${passed}, ${json(checks)})`);
    const details = {
      passed,
      failed: checks.filter((check) => !check.passed).map((check) => check.id),
      checks: recordDigest(checks),
    };
    await appendAudit(
      transaction,
      run.id,
      { actor: "wavegate", action: "final-verify", details },
      services.clock(),
    );
    // Of a run whose waves were taken back before it was looked at, what stands was verified, and the rest waits.
    if (passed && !(await areCandidates(transaction, parts, run.id))) {
      await transaction.execute(sql`
        update wavegate.legacy_import_runs set status = 'completed', updated_at = now() where id = ${uuid(run.id)}`);
      await releaseLock(transaction, run);
    }
  });
  await note(wholeStage);
  if (passed) return { run: run.id, passed, checks, goNoGo: list };
  const failed = checks
    .filter((check) => !check.passed)
    .map(
      ({ id, says, expected, got }) =>
        `${says} (expected ${expected}, got ${got}${id === "ready" ? `; what does not: ${unmet(list)}` : ""})`,
    );
  throw new Refusal(
    "FinalVerificationFailed",
    `The final verification of ${run.reference} failed: ${failed.join(" ")} Nothing was changed by it; \`wavegate status --run ${run.reference}\` shows the run.`,
  );
}

/** Figures of the platform that have to be no higher than the definition says. */
const figureChecks = async (db: Database, figures: readonly Watch[]): Promise<Check[]> =>
  (await readFigures(db, figures)).map(({ id, value }) => {
    const { says = id, above = 0 } = figures.find((each) => each.id === id) ?? {};
    return {
      id,
      says: `At most ${above} ${says}.`,
      expected: above,
      got: value ?? "not readable",
      at_most: true as const,
      passed: value !== null && value <= above,
    };
  });

/** The go/no-go items that do not hold, in words. */
const unmet = ({ items }: GoNoGo): string =>
  items
    .filter(({ holds }) => !holds)
    .map(({ says }) => says)
    .join(" ");

/** Whether a run that was judged to its end has no row that a wave may take. */
async function nothingToCommit(
  db: Services["stage"],
  parts: readonly Migration[],
  run: Run,
): Promise<boolean> {
  if (run.stage !== "export-review") return false;
  return !(await areCandidates(db, parts, run.id));
}

/** What the log tells of that leaves a run as it was verified. */
const harmless = ["export-audit", "final-verify", "verify", "started", "pause", "resume"];

/**
 * Nothing was taken back, written, judged, stopped or decided while the run was read: a verification says nothing
 * of what came of that. Errors: `RunErased`, `VerificationOvertaken`.
 */
async function requireAsRead(
  transaction: Database,
  read: {
    readonly run: Run;
    /** The run before its log was looked at. */
    readonly first: Run;
    readonly waves: readonly WaveRow[];
    readonly entries: number;
    readonly passed: boolean;
  },
): Promise<void> {
  const { id, reference } = read.run;
  await lockRun(transaction, id);
  const now = await findRun(transaction, id);
  requirePeople(now, "A verification");
  const { acts } = await transaction.one<{ acts: number }>(sql`
    select count(*) as acts from wavegate.audit_log
     where run_id = ${uuid(id)} and seq > ${read.entries}
       and action not in (select jsonb_array_elements_text(${json(harmless)}))`);
  const waves = await wavesOf(transaction, id);
  const stopped = now.control === "stop" && read.first.control !== "stop";
  const same =
    acts === 0 &&
    !stopped &&
    now.stage === read.run.stage &&
    JSON.stringify(waves) === JSON.stringify(read.waves);
  if (same && !(read.passed && (await hasLooseCopies(transaction, id)))) return;
  throw new Refusal(
    "VerificationOvertaken",
    `Something happened to ${reference} while it was verified. Nothing was recorded. \`wavegate status --run ${reference}\` says how it stands; ` +
      "if it is still at its end, verify it again.",
  );
}

/**
 * Reads every reviewed row once more (W7): between gates a wave relies on the changes that were noted,
 * and whoever got past those is found here.
 */
async function stillAsReviewed(
  db: Services["stage"],
  migration: WholeMigration,
  run: Run,
  waves: readonly WaveRow[],
): Promise<"unchanged" | "changed"> {
  if (waves.length === 0) return "unchanged";
  // The newest one: those before it may have been withdrawn, or be about what was corrected since.
  const [newest] = await db.rows<{ gate: Gate }>(sql`
    select gate from wavegate.sign_offs where run_id = ${uuid(run.id)} and status = 'approved'
     order by decided_order desc limit 1`);
  if (!newest) return "changed";
  const approval = await approvalOfState(db, run.id, newest.gate, () =>
    partsNow(db, migration, run),
  );
  return approval.ok ? "unchanged" : "changed";
}

/** The checks of the latest final verification, if it passed. */
async function passedBefore(
  db: Services["stage"],
  run: string,
): Promise<readonly Check[] | undefined> {
  const [latest] = await rowsWhole<{ passed: boolean; checks: readonly Check[] }>(
    db,
    sql`
    select passed, checks from wavegate.verifications
     where run_id = ${uuid(run)} and kind = 'final' order by id desc limit 1`,
  );
  return latest?.passed ? latest.checks : undefined;
}

/** Rows that were skipped as an earlier run had moved them are told to be so at the end as well, or are held (M11). */
async function holdWhatStandsNoMore(
  db: Database,
  parts: readonly Migration[],
  run: Run,
): Promise<void> {
  await db.transaction(async (transaction) => {
    await lockRun(transaction, run.id);
    const { any } = await transaction.one<{ any: boolean }>(
      sql`select exists (select from wavegate.moved_before where run_id = ${uuid(run.id)}) as any`,
    );
    if (!any) return;
    const { types } = await transaction.one<{ types: IdentityTypes }>(
      sql`select (${raw(identityTypesNow(parts))}) as types`,
    );
    for (const part of parts) await transaction.execute(holdMovedNoMore(part, run.id, types));
  });
}
