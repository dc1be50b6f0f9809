import { findRun, type Run } from "../../data/runs.ts";
import { sql, text, uuid } from "../../data/sql.ts";
import type { WholeMigration } from "../../define/several.ts";
import { appendAudit } from "../../evidence/audit-log.ts";
import { pinOf } from "../../evidence/pinned.ts";
import { signedDigest } from "../../evidence/review-digest.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import { explainChange, partsNow } from "../digest/digest.ts";
import { rowsOfDryRun } from "../digest/unchanged.ts";
import type { Person } from "../people/people.ts";
import { requirePermission } from "../people/permissions.ts";
import { requireSecondPerson } from "../people/second-person.ts";
import { starterOf } from "../people/starter.ts";
import { findSignOff, requireOpen, type SignOff, type SignOffRef } from "../sign-off-store.ts";
import { tell } from "./tell.ts";

/** The definition the engine would execute for a run. Errors: `UnknownMigration`. */
export function definitionOf(
  services: Pick<Services, "migrations">,
  run: Pick<Run, "migration" | "reference">,
): WholeMigration {
  const migration = services.migrations[run.migration];
  if (migration) return migration;
  throw new Refusal(
    "UnknownMigration",
    `${run.reference} belongs to the migration “${run.migration}”, which is not installed. Nothing was written.`,
  );
}

/** An open sign-off, its run, and a person who may decide about it: permitted, and not the starter. */
export async function openForDecision(
  services: Services,
  ref: SignOffRef,
  name: string,
): Promise<{ signOff: SignOff; run: Run; person: Person }> {
  const person = await requirePermission(services.sign, name, "legacy_imports.commit");
  const signOff = await findSignOff(services.sign, ref, services.clock());
  // A decision that was stored, but whose task was not told, is told now: asking again heals it.
  await tell(services, signOff);
  requireOpen(signOff);
  const run = await findRun(services.sign, signOff.run_id);
  requireSecondPerson(await starterOf(services.sign, services, run), person);
  return { signOff, run, person };
}

/**
 * Voids a sign-off whose reviewed state is no longer what it is about (W7). As long as nothing was noted since the dry run
 * its rows are not read again for this: the wave that rests on the approval reads every row itself. Errors: `DigestChanged`.
 */
export async function requireUnchanged(
  services: Services,
  signOff: SignOff,
  run: Run,
): Promise<void> {
  const definition = definitionOf(services, run);
  const known = { rows: await rowsOfDryRun(services.sign, run.id, definition) };
  const now = await partsNow(services.sign, definition, run, known);
  if (signedDigest(now, now.export) === signOff.digest) return;
  const what =
    explainChange(
      signOff.parts,
      now,
      pinOf(run).mappings.map(({ name }) => name),
    ) || "something that was reviewed changed";
  await services.sign.transaction(async (db) => {
    const voided = await db.execute(sql`
      update wavegate.sign_offs set status = 'voided', void_because = ${text(what)}
       where id = ${uuid(signOff.id)} and status = 'pending'`);
    if (voided === 0) return;
    const details = { signOff: signOff.id, gate: signOff.gate, because: what };
    await appendAudit(
      db,
      run.id,
      { actor: "wavegate", action: "sign-off-voided", digest: signOff.digest, details },
      services.clock(),
    );
  });
  throw new Refusal(
    "DigestChanged",
    `Since this was asked, ${what}. Nothing was decided and this request is void; run the dry run and the review export again, and ask anew.`,
  );
}
