import type { Database } from "../../data/database.ts";
import { called, findRun, type Run, requirePeople } from "../../data/runs.ts";
import { sql, uuid } from "../../data/sql.ts";
import { Refusal } from "../../services/errors.ts";
import { requirePermission } from "../people/permissions.ts";

/** What became of a command to a run. */
export interface Controlled {
  readonly run: string;
  readonly control: Run["control"];
  /** Whether the same person told it so before, and nothing else was told since: nothing was changed. */
  readonly already: boolean;
}

/**
 * Pauses a run before its next batch (W9). Errors of all three: `UnknownRun`, `RunCompleted`, `RunErased`,
 * `PermissionDenied`.
 */
export const pause = (db: Database, id: string, person: string): Promise<Controlled> =>
  command(db, id, person, "pause");

/** Ends a run before its next batch and gives its lock back (W9, R17). */
export const stop = (db: Database, id: string, person: string): Promise<Controlled> =>
  command(db, id, person, "stop");

/**
 * Lets a paused, stopped or halted run go on; an execution started after it goes on from what is stored. Error: `PreflightFailed`.
 *
 * @param seen the newest entry of its log that the person saw, if that is known: what somebody else told the run or began
 *   since is not undone unseen, nor a rollback, whosoever. Errors: `RunMovedOn`.
 */
export const resume = (
  db: Database,
  id: string,
  person: string,
  seen?: number,
): Promise<Controlled> => command(db, id, person, "resume", seen);

/** How many entries the log of a run of this id or reference has: what begins with a run adds one, as soon as its first state is done. */
export async function entriesOf(db: Database, run: string): Promise<number> {
  const { entries } = await db.one<{ entries: number }>(sql`
    select coalesce(max(seq), 0) as entries from wavegate.audit_log where run_id = (select id from wavegate.legacy_import_runs where ${called(run)})`);
  return entries;
}

/** The same of what is begun. Errors: `RunMovedOn`. */
export async function requireAsSeen(
  db: Database,
  run: Pick<Run, "id" | "reference">,
  person: string,
  seen: number | undefined,
): Promise<void> {
  const { moved } = await db.one<{ moved: boolean }>(sql`
    select wavegate.moved_on(${uuid(run.id)}, ${seen ?? null}::int, ${person}) as moved`);
  if (moved) throw movedOn(run);
}

/** The refusal of what was asked for by a person who had not seen what became of the run since. */
export const movedOn = ({ reference }: Pick<Run, "reference">): Refusal =>
  new Refusal(
    "RunMovedOn",
    `Somebody else told run ${reference} something, or began something of it, or it was taken back, which you had not seen. Nothing was changed; look at the run, and send it again if it is still wanted.`,
  );

/**
 * Whether a run may be told so as it stands: the error's name where it may not. For pages, which offer nothing that is
 * refused; `control_run` decides (`schema/009-operators.sql`).
 */
export function controlRefused(
  { status, control, erased_at }: Pick<Run, "status" | "control" | "erased_at">,
  waves: readonly { readonly status: string }[],
  verb: "pause" | "stop" | "resume",
): "RunErased" | "RunCompleted" | undefined {
  if (erased_at !== null) return "RunErased";
  const takenBack = waves.some((wave) => wave.status === "rolled_back");
  const whole = status === "completed" && waves.length > 0 && !takenBack;
  return whole && !(control === "stop" && verb === "resume") ? "RunCompleted" : undefined;
}

/**
 * Nothing was read of a run whose preflight did not pass, and what it was told then stays: let go on, it would come to the
 * same, in an execution that nobody waits for. Error: `PreflightFailed`.
 */
async function requireBegun(db: Database, run: Run, person: string): Promise<void> {
  if (run.preflight.passed !== false) return;
  await requirePermission(db, person, "legacy_imports.run");
  throw new Refusal(
    "PreflightFailed",
    `Preflight of ${run.reference} did not pass, so nothing of it was read, and there is nothing to go on with. Nothing was changed. Mend what \`wavegate status --run ${run.reference}\` says, and begin a new run: \`wavegate start ${run.migration}\`.`,
  );
}

/** The database looks whether the person may, does it, and tells of it: `schema/009-operators.sql`. */
async function command(
  db: Database,
  id: string,
  person: string,
  verb: "pause" | "stop" | "resume",
  seen?: number,
): Promise<Controlled> {
  const run = await findRun(db, id);
  if (verb === "resume") await requireBegun(db, run, person);
  // In a transaction, as one whose response is lost must not be told of twice.
  const { refused } = await db.transaction((transaction) =>
    transaction.one<{ refused: string | null }>(sql`
      select wavegate.control_run(${uuid(run.id)}, ${verb}, ${person}, ${seen ?? null}::int) as refused`),
  );
  if (refused === "RunCompleted") {
    throw new Refusal("RunCompleted", `Run ${run.reference} is complete. Nothing was changed.`);
  }
  if (refused === "RunMovedOn") throw movedOn(run);
  if (refused === "RunErased") requirePeople(await findRun(db, run.id), "Going on");
  const already = refused === "already";
  if (refused !== null && !already) {
    await requirePermission(db, person, "legacy_imports.run");
    throw new Refusal(
      refused,
      `Run ${run.reference} was not told to ${verb}. Nothing was changed.`,
    );
  }
  return { run: run.id, control: verb === "resume" ? "run" : verb, already };
}
