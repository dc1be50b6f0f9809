import type { Database } from "../../data/database.ts";
import { findRun, type Run, requirePeople } from "../../data/runs.ts";
import { bigint, raw, sql, text, uuid } from "../../data/sql.ts";
import { Refusal } from "../../services/errors.ts";
import { requirePermission } from "../people/permissions.ts";
import { keepableRemark } from "../remark.ts";

/** Which row a person holds or lets go, and why. */
interface RowHold {
  readonly row: number;
  readonly person: string;
  readonly reason: string;
  /** How it was held where the person looked ({@link holdStands}). */
  readonly seen?: string | undefined;
}

/** How a row is held: by whom, since when; nothing where nobody does. */
export const holdStands = (
  held: { readonly by: string; readonly at: string } | undefined,
): string => (held === undefined ? "" : `${held.by} ${held.at}`);

const longestReason = 500;

/**
 * Holds one row that no wave wrote (D38): no wave takes it until it is released, whatever is judged anew.
 * No sign-off is void for it. Errors: `PermissionDenied`, `ReasonMissing`, `UnknownRow`, `RowWritten`,
 * `PersonalDataInRemark`, `RowHeldByAnother`.
 */
export const holdRow = async (db: Database, run: Run, hold: RowHold): Promise<void> =>
  void (await ask(db, run, hold, "hold_row"));

/**
 * Lets a row go that a person holds, or that was held at the last moment because the platform refused it
 * or had changed. Sign-offs of the waves that are not yet written are void with it: nobody signed for a wave with
 * this row. Errors: `PermissionDenied`, `ReasonMissing`, `UnknownRow`, `RowNotHeld`, `RowHeldByPlan`,
 * `RowHeldByAnother`.
 *
 * @returns whether a wave may take it now; else the plan of the definition holds it too
 */
export const releaseRow = async (db: Database, run: Run, hold: RowHold): Promise<boolean> =>
  (await ask(db, run, hold, "release_row")) === "released";

/** Who holds a row, since when and why; undefined while no person does. */
export async function heldBy(
  db: Database,
  run: Pick<Run, "id">,
  row: number,
): Promise<{ by: string; at: string; reason: string } | undefined> {
  const [found] = await db.rows<{ by: string; at: string; reason: string }>(sql`
    select held_by as by, reason, to_char(held_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at
      from wavegate.held_rows where run_id = ${uuid(run.id)} and staged_id = ${row}`);
  return found;
}

/** The same without the reason, which terminals are not shown. */
export async function heldWho(
  db: Database,
  run: Pick<Run, "id">,
  row: number,
): Promise<{ by: string; at: string } | undefined> {
  const [found] = await db.rows<{ by: string; at: string }>(sql`
    select held_by as by, to_char(held_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at
      from wavegate.held_rows where run_id = ${uuid(run.id)} and staged_id = ${row}`);
  return found;
}

/** The database looks whether the person may, does it, and tells of it: `schema/010-held-rows.sql`. */
async function ask(
  db: Database,
  run: Run,
  { row, person, reason, seen }: RowHold,
  what: "hold_row" | "release_row",
): Promise<string> {
  const kept = await keepableRemark(db, run, reason);
  const because = kept.slice(0, longestReason).toWellFormed();
  // In a transaction, as one whose response is lost must not be told of twice.
  const { outcome } = await db.transaction((transaction) =>
    transaction.one<{ outcome: string }>(sql`
      select wavegate.${raw(what)}(${uuid(run.id)}, ${bigint(row)}, ${person}, ${because}, ${text(seen ?? null)}) as outcome`),
  );
  if (outcome === "RunErased")
    requirePeople(await findRun(db, run.id), "Holding or releasing a row");
  if (outcome === "RowHeldByAnother") {
    const who = (await heldBy(db, run, row))?.by;
    const by = who ?? "somebody else";
    throw new Refusal(
      "RowHeldByAnother",
      `Row ${row} of ${run.reference} is held by ${by}, which you had not seen. Nothing was changed; look at it again, and decide then (in a terminal with --held-by ${by}).`,
      { who },
    );
  }
  if (outcome === "PermissionDenied") {
    await requirePermission(db, person, "legacy_imports.review");
  }
  const refusal = refusals[outcome]?.(row, run.reference);
  if (refusal !== undefined) throw new Refusal(outcome, refusal);
  return outcome;
}

const refusals: Readonly<Record<string, (row: number, run: string) => string>> = {
  PermissionDenied: () => "You may not review imported rows. Nothing was changed.",
  ReasonMissing: () =>
    'Holding a row, or letting one go, takes a reason. Nothing was changed; add --reason "…".',
  UnknownRow: (row, run) =>
    `${run} has no row ${row} about which anything was decided. Nothing was changed.`,
  RowWritten: (row, run) =>
    `Row ${row} of ${run} is written already. Nothing was changed; a rollback takes its wave back.`,
  RowNotHeld: (row, run) => `Row ${row} of ${run} is not held. Nothing was changed.`,
  RowHeldByPlan: (row, run) =>
    `Row ${row} of ${run} is held by the plan of its migration, and by nobody. Nothing was changed; ` +
    `\`wavegate why ${run} ${row}\` says which line it is, and what it looked at.`,
};
