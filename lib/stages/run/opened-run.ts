import type { Database } from "../../data/database.ts";
import {
  definitionDigest,
  findRun,
  findRunState,
  type Run,
  type RunState,
  requirePeople,
} from "../../data/runs.ts";
import type { Migration } from "../../define/definition.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";

/** Stages in their order; a run remembers the last one that finished. */
export const stageOrder = [
  "preflight",
  "import",
  "validate",
  "classify",
  "match",
  "dry-run",
  "export-review",
] as const;

export type Stage = (typeof stageOrder)[number];

/** A run with the definition it is pinned to (W5). */
interface OpenedRun {
  readonly run: Run;
  readonly migration: WholeMigration;
  /** What it is to each of its kinds of things, in order. */
  readonly parts: readonly Migration[];
}

const opened = (run: Run): OpenedRun => ({
  run,
  migration: run.definition,
  parts: partsOf(run.definition),
});

/**
 * Opens a run with the definition it is pinned to, whatever became of it since: to look, verify, take back
 * and export (D35).
 */
export async function openPinned(
  { stage }: Pick<Services, "stage">,
  id: string,
): Promise<OpenedRun> {
  return opened(await findRun(stage, id));
}

/** Opens a run to judge or to commit; the definition in the code must still be the one the run is pinned to. */
export const openRun = async (services: Services, id: string): Promise<OpenedRun> =>
  openFound(services, await findRun(services.stage, id));

/** {@link openRun} of a run that was just read. */
export function openFound(services: Pick<Services, "migrations">, run: Run): OpenedRun {
  requirePeople(run, "Going on");
  const current = services.migrations[run.migration];
  if (!current || definitionDigest(current) !== run.definition_digest) {
    throw new Refusal(
      "DefinitionChanged",
      `The definition of “${run.migration}” is no longer the one run ${run.reference} is pinned to. ` +
        "Nothing was written. Start a new run with it, or put the definition back; status, verify, rollback and the audit export work all the same.",
    );
  }
  return opened(run);
}

/** Opens a run in which `stage` has finished; later stages may have, too. */
export async function openAfter(services: Services, id: string, stage: Stage): Promise<OpenedRun> {
  const opened = await openRun(services, id);
  refuseBefore(opened.run, stage);
  return opened;
}

/**
 * The run as it is within a transaction that acts on it, whatever was read before: it has its people, and
 * has still finished `stage`. Errors: `RunErased`, `StageMissing`.
 */
export async function requireReached(
  transaction: Database,
  id: string,
  stage: Stage,
  cannot = "Going on",
): Promise<RunState> {
  return requireStage(await findRunState(transaction, id), stage, cannot);
}

/** {@link requireReached} of a run that was just read within the transaction. */
export function requireStage(run: RunState, stage: Stage, cannot = "Going on"): RunState {
  requirePeople(run, cannot);
  refuseBefore(run, stage);
  return run;
}

/** Refuses what a run that was told to pause or to stop does not do (W9). Errors: `RunPaused`, `RunStopped`. */
export function requireRunning({ control, reference }: RunState): void {
  if (control === "run") return;
  throw new Refusal(
    control === "pause" ? "RunPaused" : "RunStopped",
    `Run ${reference} was told to ${control}. Nothing was written. \`wavegate resume --run ${reference}\` lets it go on.`,
  );
}

function refuseBefore({ reference, stage: last }: RunState, stage: Stage): void {
  if (stageOrder.indexOf(last as Stage) >= stageOrder.indexOf(stage)) return;
  throw new Refusal(
    "StageMissing",
    `Run ${reference} has not finished ${stage}. Nothing was written. ` +
      `Run \`wavegate ${stage === "export-review" ? "export" : stage} --run ${reference}\` first.`,
  );
}
