import type { Database } from "../../data/database.ts";
import type { Run } from "../../data/runs.ts";
import { sql, uuid } from "../../data/sql.ts";
import { Refusal } from "../../services/errors.ts";
import { requirePermission } from "../people/permissions.ts";

/**
 * Takes a trial away with all that was staged and found for it; the database looks whether the person may
 * (`schema/013-trials.sql`). Returns how many staged rows are gone. Errors: `PermissionDenied`, `RunNoTrial`.
 */
export async function forgetTrial(
  db: Database,
  run: Run,
  person: string,
): Promise<{ rows: number }> {
  const { answer } = await db.transaction((transaction) =>
    transaction.one<{ answer: { refused?: string; rows?: number } }>(
      sql`select wavegate.forget_trial(${uuid(run.id)}, ${person}) as answer`,
    ),
  );
  if (answer.refused === "PermissionDenied") {
    await requirePermission(db, person, "legacy_imports.run");
  }
  if (answer.refused !== undefined) {
    throw new Refusal(
      "RunNoTrial",
      `${run.reference} is no trial, and only a trial is forgotten. Nothing was changed.`,
    );
  }
  return { rows: answer.rows ?? 0 };
}
