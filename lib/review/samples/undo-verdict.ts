import { sql, uuid } from "../../data/sql.ts";
import { appendAudit } from "../../evidence/audit-log.ts";
import { digestOfParts } from "../../evidence/review-digest.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import { keepPerson, requirePermission } from "../people/permissions.ts";
import { findSignOff, lockSignOff, requireOpen, type SignOffRef } from "../sign-off-store.ts";

/**
 * Takes a person's own verdict on a row back while the sign-off is open: the row has none then, and none given
 * before is carried to it. The log keeps both. Errors: `PermissionDenied`, `LinkUnknown`, `LinkExpired`,
 * `AlreadyDecided`, `NothingToUndo`.
 */
export async function undoVerdict(
  { sign, clock }: Pick<Services, "sign" | "clock">,
  input: { readonly ref: SignOffRef; readonly person: string; readonly row: number },
): Promise<void> {
  const now = clock();
  const found = await findSignOff(sign, input.ref, now);
  await sign.transaction(async (db) => {
    const known = await requirePermission(db, input.person, "legacy_imports.review");
    await keepPerson(db, known);
    const signOff = await lockSignOff(db, found.id, now);
    requireOpen(signOff);
    const { name: actor } = await requirePermission(db, known.name, "legacy_imports.review");
    const run = uuid(signOff.run_id);
    const undone = await db.execute(sql`
      update wavegate.samples set verdict = null, wrong = null, judged_by = null, judged_at = null
       where run_id = ${run} and digest = ${digestOfParts(signOff.parts)} and staged_id = ${input.row}
         and judged_by = ${actor}`);
    if (undone === 0) {
      throw new Refusal(
        "NothingToUndo",
        `There is no verdict of yours on row ${input.row}. Nothing was changed; load the page again.`,
      );
    }
    await db.execute(sql`
      update wavegate.samples set row_salt = null, row_digest = null 
       where run_id = ${run} and digest <> ${digestOfParts(signOff.parts)} and staged_id = ${input.row}`);
    const details = { signOff: signOff.id, row: input.row };
    const entry = { actor, action: "verdict-undone", digest: signOff.digest, details };
    await appendAudit(db, signOff.run_id, entry, now);
  });
}
