import { anyCandidates, beginAtTheFirst } from "../compile/wave/rows.ts";
import type { Database } from "../data/database.ts";
import { lookTogether } from "../data/records.ts";
import { findRun, type Run } from "../data/runs.ts";
import { sql, uuid } from "../data/sql.ts";
import type { WholeMigration } from "../define/several.ts";
import { partsNow } from "../review/digest/digest.ts";
import { rowsOfDryRun } from "../review/digest/unchanged.ts";
import { validApproval } from "../review/sign-off/valid-approval.ts";
import type { Gate } from "../review/sign-off-store.ts";
import type { Services } from "../services/services.ts";
import { openAfter, openFound } from "./run/opened-run.ts";
import { areCandidates } from "./wave/any-candidates.ts";
import { approvalAhead, lookAhead } from "./wave/approval-ahead.ts";
import { drillStands } from "./wave/drill-stands.ts";
import { nextWaveNumber, outOfOrder, sizeOfWave, stands, wavesCalled } from "./wave/plan.ts";
import { requireCalm, watchPlatform } from "./wave/watch-platform.ts";

/** What a run does next; state machines choose on `next`. */
export type NextStep =
  | { readonly next: "wave"; readonly run: string; readonly wave: number; readonly size: number }
  | { readonly next: "ask"; readonly run: string; readonly wave: number; readonly gate: Gate }
  /** The platform is busy: look again after so many seconds (C4). */
  | { readonly next: "wait"; readonly run: string; readonly seconds: number }
  | { readonly next: "drill" | "pause" | "stop" | "done"; readonly run: string };

/**
 * Turns after which an execution hands over to a fresh one. A wave's turn is twenty events of the 25,000 that a history
 * takes, and thirty-eight where each of its calls is made thrice; an import before it is twelve thousand at the very worst.
 */
export const turnsOfExecution = 500;

/** What comes next, and how often its execution has asked by now; where that is often enough, that another one goes on. */
export function inTurns(
  step: NextStep,
  turn: number,
): (NextStep | { readonly next: "hand-over"; readonly run: string }) & { readonly turn: number } {
  const follows = !["pause", "stop", "done"].includes(step.next);
  if (follows && turn >= turnsOfExecution)
    return { next: "hand-over", run: step.run, turn: turn + 1 };
  return { ...step, turn: turn + 1 };
}

/**
 * Decides what comes next from what is stored: a command to pause or stop first, rows that are
 * judged anew, then a wave that was cut off, waves that nobody signs for any more, the drill, a gate that needs a person,
 * the next wave, or the end.
 */
export async function nextWave(services: Services, id: string): Promise<NextStep> {
  // A run that was told to stop does so, whatever became of its definition.
  const [told, waves] = await Promise.all([
    findRun(services.stage, id),
    wavesCalled(services.stage, id),
  ]);
  if (told.control !== "run") return { next: told.control, run: told.id };
  const { run, migration, parts } = openFound(services, told);
  const db = services.stage;
  // Its rows are being judged anew: it waits until somebody lets it go on.
  if (run.stage !== "export-review") return { next: "pause", run: run.id };
  // Whoever waited for a person goes on now; asking again says so again.
  if (run.status === "waiting") {
    await db.execute(
      sql`update wavegate.legacy_import_runs set status = 'running' where id = ${uuid(run.id)} and status = 'waiting'`,
    );
  }

  const cutOff = waves.find(({ status }) => status === "committed" || status === "failed");
  if (cutOff) return { next: "wave", run: run.id, wave: cutOff.wave, size: cutOff.size };

  // Neither waits for the other; whether an approval holds the wave itself looks at once more.
  const candidates = anyCandidates(parts, run.id, "order", "noted").map(
    (look, n) => [`remaining_${n}`, look] as const,
  );
  const looking = lookTogether<Record<string, boolean>>(db, {
    drilled: drillStands(run.id),
    drilling: sql`exists (select from wavegate.drill_rounds where run_id = ${uuid(run.id)} and not done)`,
    signed: sql`exists (select from wavegate.sign_offs
                    where run_id = ${uuid(run.id)} and gate = 'first_wave' and status = 'approved')`,
    ...Object.fromEntries(candidates),
  });
  const [{ drilled, drilling, signed, ...noted }, looks] = await Promise.all([
    looking,
    lookAhead(db, run, waves),
  ]);
  const remaining = Object.values(noted).some(Boolean);
  // A rollback that began withdrew every approval: what of it stands, or is drilled, a person signs for anew.
  const firstIsClean = waves.some(({ wave, status }) => wave === 1 && status === "verified");
  const drills = !drilled && (firstIsClean || drilling);
  const anyStands = waves.some(({ status }) => status !== "rolled_back");
  // The drill writes the first wave again, under the very approval that it was written under.
  const unsigned = drills ? !(await firstSigned(db, run, migration)) : anyStands && !signed;
  if (unsigned)
    return { next: "ask", run: run.id, wave: nextWaveNumber(waves).wave, gate: "first_wave" };
  const unlessBusy = async (step: NextStep): Promise<NextStep> => {
    const verdict = await watchPlatform(services, run, migration);
    if (verdict === "go") return step;
    // It was busy for hours: a person looks why.
    if (verdict === "give up") return { next: "pause", run: run.id };
    return { next: "wait", run: run.id, seconds: verdict.seconds };
  };
  if (drills) return unlessBusy({ next: "drill", run: run.id });

  if (!remaining) {
    // Where nothing is left behind what was noted, all is looked through before that is said.
    if (!(await areCandidates(db, parts, run.id))) return { next: "done", run: run.id };
    await db.execute(beginAtTheFirst(run.id));
  }

  const { wave, gate, approval } = await approvalAhead(db, { run, migration }, waves, looks);
  if (!approval.ok) return { next: "ask", run: run.id, wave, gate };
  return unlessBusy({
    next: "wave",
    run: run.id,
    wave,
    size: sizeOfWave(run.wave_plan, wave),
  });
}

/** Whether somebody's approval of the first wave still holds. */
async function firstSigned(db: Database, run: Run, migration: WholeMigration): Promise<boolean> {
  const approval = await validApproval(db, run.id, "first_wave", async () => {
    const known = { rows: await rowsOfDryRun(db, run.id, migration) };
    return partsNow(db, migration, run, known);
  });
  return approval.ok;
}

/**
 * The number of the wave that a single `commit` writes: fixed before it is written, so that a retry is one wave.
 *
 * @param seen the wave that was the next one to whoever asks: where somebody else asked for it, too, and it is written by
 *   now, it is that one, and no further wave. Errors: `WaveOutOfOrder`.
 */
export async function planWave(
  services: Services,
  id: string,
  seen?: number,
): Promise<{ run: string; wave: number }> {
  const [{ run, migration }, waves] = await Promise.all([
    openAfter(services, id, "export-review"),
    wavesCalled(services.stage, id),
  ]);
  if (seen !== undefined && stands(waves, seen)) return { run: run.id, wave: seen };
  const { wave } = nextWaveNumber(waves);
  if (seen !== undefined && seen !== wave) throw outOfOrder(run, { next: wave, asked: seen });
  await requireCalm(services, run, migration);
  return { run: run.id, wave };
}
