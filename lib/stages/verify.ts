import type { Pin } from "../compile/pin/pin.ts";
import { bindCheck, writtenBy } from "../compile/undo/checks.ts";
import type { Reshaping } from "../compile/wave/written-rows.ts";
import type { Database } from "../data/database.ts";
import { lockRunState, requirePeople } from "../data/runs.ts";
import { json, sql, uuid } from "../data/sql.ts";
import { doneAndTold } from "../evidence/audit-log.ts";
import { recordDigest } from "../evidence/record-digest.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import type { Check } from "./run/check.ts";
import { openPinned } from "./run/opened-run.ts";
import { changedColumns, ledgerHeld } from "./wave/ledger-held.ts";
import { pickedBefore, refusedFew, type WaveRow, wavesCalled, wavesOf } from "./wave/plan.ts";
import { reshapedSince } from "./wave/reshaped-since.ts";

/** The outcome of verifying every wave that stands. */
interface VerifiedAll {
  readonly run: string;
  readonly passed: boolean;
  readonly waves: readonly { readonly wave: number; readonly passed: boolean }[];
}

/** The outcome of a verification. */
export interface Verified {
  readonly run: string;
  readonly wave: number;
  readonly passed: boolean;
  readonly checks: readonly Check[];
  /** How the platform changed the shape of target tables since the wave. */
  readonly reshaped: readonly Reshaping[];
}

/** The newest wave that is not rolled back; verified without a number that is the one meant. */
export function latestWave(reference: string, waves: readonly WaveRow[], wave?: number): WaveRow {
  const standing = waves.filter(({ status }) => status !== "rolled_back");
  const found = wave === undefined ? standing.at(-1) : standing.find((each) => each.wave === wave);
  if (found) return found;
  throw new Refusal(
    "UnknownWave",
    `Run ${reference} has no committed wave${wave === undefined ? "" : ` ${wave}`}. Nothing was changed.`,
  );
}

/** The checks after a wave (R13), from what the database says, not from what the wave claimed. */
export async function verify(services: Services, id: string, wave?: number): Promise<Verified> {
  const [{ run }, waves] = await Promise.all([
    openPinned(services, id),
    wavesCalled(services.stage, id),
  ]);
  requirePeople(run, "A verification");
  const found = latestWave(run.reference, waves, wave);
  const { pin, reshaped } = await reshapedSince(services.stage, run, found.wave);
  const before = pickedBefore(waves, found.wave);
  const checks = await waveChecks(services, { pin, run: run.id, before }, found, reshaped);
  const passed = checks.every((check) => check.passed);
  await services.stage.transaction(async (transaction) => {
    // Whoever erases the run's people (B13) takes what was compared with: not looked at halfway.
    requirePeople(await lockRunState(transaction, run.id), "A verification");
    const judged = sql`
      judged as (
      update wavegate.waves
         set status = ${passed ? "verified" : "failed"}, verification = ${json(checks)}, verified_at = now(),
             clean = ${passed && refusedFew(found.counts)}
       where run_id = ${uuid(run.id)} and wave = ${found.wave} and round = ${found.round} and status <> 'rolled_back'
       returning wave),
      done as (
      insert into wavegate.verifications (run_id, kind, passed, checks)
      select ${uuid(run.id)}, ${`wave:${found.wave}`}, ${passed}, ${json(checks)} from judged returning 1)`;
    const details = {
      wave: found.wave,
      round: found.round,
      passed,
      failed: checks.filter((check) => !check.passed).map((check) => check.id),
      ...(reshaped.length > 0 ? { reshaped } : {}),
      checks: recordDigest(checks),
    };
    const event = { actor: "wavegate", action: "verify", details };
    if (await doneAndTold(transaction, run.id, judged, event, services.clock())) return;
    throw new Refusal(
      "WaveTakenBack",
      `Wave ${found.wave} of ${run.reference} was taken back while it was verified. Nothing was changed; what stands now can be verified.`,
    );
  });
  return { run: run.id, wave: found.wave, passed, checks, reshaped };
}

/** Verifies every wave that stands once more; errors: `UnknownWave` when none was committed. */
export async function verifyAll(services: Services, id: string): Promise<VerifiedAll> {
  const { run } = await openPinned(services, id);
  requirePeople(run, "A verification");
  const standing = await wavesOf(services.stage, run.id);
  latestWave(run.reference, standing);
  const waves: { wave: number; passed: boolean }[] = [];
  for (const { wave, status } of standing) {
    if (status === "rolled_back") continue;
    waves.push({ wave, passed: (await verify(services, run.id, wave)).passed });
  }
  return { run: run.id, passed: waves.every(({ passed }) => passed), waves };
}

async function waveChecks(
  { stage: db }: Services,
  { pin, run, before }: { readonly pin: Pin; readonly run: string; readonly before: number },
  { wave, round, counts }: WaveRow,
  reshaped: readonly Reshaping[],
): Promise<Check[]> {
  // Each only reads, and waits for none of the others.
  const [ledger, written, counted] = await Promise.all([
    ledgerHeld(db, pin, run, wave, reshaped),
    db.rows<{ table: string; rows: number }>(writtenBy(pin.guarded, counts.transaction)),
    countedChecks(db, pin.checks, run, wave),
  ]);
  const touched = (tables: readonly string[]) =>
    written.filter(({ table }) => tables.includes(table)).reduce((sum, { rows }) => sum + rows, 0) +
    tables.reduce(
      (sum, table) =>
        sum + Math.abs((counts.guardedAfter[table] ?? 0) - (counts.guardedBefore[table] ?? 0)),
      0,
    );

  const changed =
    ledger.there < ledger.entries ? await changedColumns(db, pin, run, wave, reshaped) : [];
  const changes = changed.map(({ column, rows }) => `; ${column} is another one in ${rows}`);
  const equal = (check: Omit<Check, "passed">): Check => ({
    ...check,
    passed: check.expected === check.got,
  });
  return [
    equal({
      id: "summary_changed",
      says: "The run's summary changed by this wave's rows.",
      expected: counts.before + counts.picked,
      got: before + ledger.marked,
    }),
    equal({
      id: "logs_written",
      says: "Every row of the wave is in the ledger, and is on the platform as the ledger says.",
      expected: `${counts.picked} of ${counts.picked}`,
      got: `${ledger.there} of ${Math.max(ledger.entries, ledger.marked)}${changes.join("")}`,
      ...(changed.length === 0 ? {} : { changed: changed.map(({ column }) => column) }),
    }),
    ...pin.checks.map(({ id, says, untouched }) =>
      equal({
        id,
        says,
        expected: 0,
        got: untouched ? touched(untouched) : (counted.get(id) ?? -1),
      }),
    ),
  ].map((check) => ({ ...check, round }));
}

/** What the checks that count find, of one wave or of all, by their ids. */
async function countedChecks(
  db: Database,
  checks: Pin["checks"],
  run: string,
  wave: number | null,
): Promise<ReadonlyMap<string, number>> {
  const counted = await Promise.all(
    checks.map(async ({ id, sql }): Promise<[string, number][]> => {
      if (sql === undefined) return [];
      return [[id, (await db.one<{ rows: number }>(bindCheck(sql, run, wave))).rows]];
    }),
  );
  return new Map(counted.flat());
}

/** The checks that are done once more at a run's end, over all of its waves. */
export async function checksAgain(db: Database, pin: Pin, run: string): Promise<Check[]> {
  const again = pin.checks.filter((check) => check.again);
  const counted = await countedChecks(db, again, run, null);
  return again.map(({ id, says }) => {
    const got = counted.get(id) ?? -1;
    return { id, says, passed: got === 0, expected: 0, got };
  });
}
