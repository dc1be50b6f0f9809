import type { Database } from "../../data/database.ts";
import type { Run } from "../../data/runs.ts";
import { sql, uuid } from "../../data/sql.ts";
import { Refusal } from "../../services/errors.ts";
import { requirePermission } from "../people/permissions.ts";

/** What one call did: it is to be asked again, or the trial is gone; each with the staged rows that are gone so far. */
export type Forgotten = { readonly more: number } | { readonly rows: number };

/**
 * Takes a trial away with all that was staged and found for it, some of it a call: a function behind a route has half a
 * minute, and a dry run of a whole source may have millions of rows. From the first call on nothing of it is judged; cut off,
 * it is asked again. The database looks whether the person may (`schema/013-trials.sql`). Errors: `PermissionDenied`,
 * `RunNoTrial`.
 */
export async function forgetTrial(db: Database, run: Run, person: string): Promise<Forgotten> {
  const { answer } = await db.transaction((transaction) =>
    transaction.one<{ answer: { refused?: string; more?: number; rows?: number } }>(
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
  return answer.more === undefined ? { rows: answer.rows ?? 0 } : { more: answer.more };
}

/** Calls until the trial is gone. Returns how many staged rows went. */
export async function forgetWhole(some: () => Promise<Forgotten>): Promise<number> {
  for (;;) {
    const done = await some();
    if ("rows" in done) return done.rows;
  }
}
