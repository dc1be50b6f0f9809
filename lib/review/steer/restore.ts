import * as z from "zod";
import type { Database } from "../../data/database.ts";
import { type Run, requirePeople } from "../../data/runs.ts";
import { json, raw, sql, uuid } from "../../data/sql.ts";
import { Refusal } from "../../services/errors.ts";
import { requirePermission } from "../people/permissions.ts";
import { refuseContact } from "../remark.ts";

/** A backup of the platform that somebody puts back (V10), as the log tells of it: ids and counts. */
export const Restoring = z.strictObject({
  /** By its id, as the run was started with it. */
  backup: z.string().min(1).max(200),
  backup_sha256: z.string().regex(/^[0-9a-f]{64}$/u),
  /** Rows that are there now and not in the backup, and the other way round. */
  rows_lost: z.number().int().nonnegative(),
  rows_back: z.number().int().nonnegative(),
});
export type Restoring = z.output<typeof Restoring>;

/** Whether a restore of a run was begun that did not come to its end, in a select of the runs as `r`. */
export const restoreOpen = raw(`coalesce((
  select l.action in ('restore-begun', 'restored') from wavegate.audit_log l
   where l.run_id = r.id and l.action in ('restore-begun', 'restored', 'restore-failed', 'rolled-back', 'resume')
   order by l.seq desc limit 1), false)`);

/** The same of one run. */
export const isRestoring = async (db: Database, run: string): Promise<boolean> =>
  (
    await db.one<{ restoring: boolean }>(
      sql`select ${restoreOpen} as restoring from wavegate.legacy_import_runs r where r.id = ${uuid(run)}`,
    )
  ).restoring;

/** What is told: that it begins, or how it ended. */
export type RestoreStep = "begin" | "restored" | "restore-failed";

/**
 * Tells of a restored backup in the name of somebody who may roll back; begun, the run is stopped and its approvals are
 * void (`schema/017-restores.sql`). Nothing here touches the platform. Errors: `PermissionDenied`, `RunErased`,
 * `AnotherRunCommits`.
 */
export async function noteRestore(
  db: Database,
  run: Run,
  { step, about, person }: { step: RestoreStep; about: Restoring; person: string },
): Promise<{ readonly run: string }> {
  refuseContact(about.backup);
  const asked =
    step === "begin"
      ? sql`wavegate.begin_restore(${uuid(run.id)}, ${person}, ${json(about)})`
      : sql`wavegate.end_restore(${uuid(run.id)}, ${person}, ${step}, ${json(about)})`;
  // In a transaction, as one whose response is lost must not be told of twice.
  const { refused } = await db.transaction((transaction) =>
    transaction.one<{ refused: string | null }>(sql`select ${asked} as refused`),
  );
  switch (refused) {
    case null:
      return { run: run.id };
    case "PermissionDenied":
      await requirePermission(db, person, "legacy_imports.rollback");
      break;
    case "RunErased":
      requirePeople({ ...run, erased_at: run.erased_at ?? new Date().toISOString() }, "A rollback");
      break;
    case "AnotherRunCommits":
      throw new Refusal(
        "AnotherRunCommits",
        "Another run writes on the platform, and what it writes would be lost. Nothing was restored; stop it first (`wavegate runs`).",
      );
  }
  throw new Refusal(
    refused ?? "NotBegun",
    `That the backup is restored was not noted for ${run.reference}. Nothing was changed by this; look with \`wavegate status\`.`,
  );
}
