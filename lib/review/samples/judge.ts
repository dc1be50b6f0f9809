import { findRun } from "../../data/runs.ts";
import { appendAudit } from "../../evidence/audit-log.ts";
import { digestOfParts } from "../../evidence/review-digest.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import { keepPerson, requirePermission } from "../people/permissions.ts";
import { requireSecondPerson } from "../people/second-person.ts";
import { starterOf } from "../people/starter.ts";
import { findSignOff, lockSignOff, requireOpen, type SignOffRef } from "../sign-off-store.ts";
import { asAsked, changedSince } from "./as-asked.ts";
import { judge, type Verdict } from "./samples.ts";

/**
 * Keeps a reviewer's verdicts on sampled rows while the sign-off is open (R9). Errors:
 * `LinkUnknown`, `LinkExpired`, `AlreadyDecided`, `PermissionDenied`, `ApproverIsStarter`,
 * `StarterUnknown`, `SampleUnknown`, `VerdictUnclear`, `VerdictStands`, `DigestChanged`.
 */
export async function judgeSamples(
  services: Services,
  input: { ref: SignOffRef; person: string; verdicts: readonly Verdict[] },
): Promise<{ signOff: string; judged: number }> {
  const now = services.clock();
  const person = await requirePermission(services.sign, input.person, "legacy_imports.review");
  const found = await findSignOff(services.sign, input.ref, now);
  const run = await findRun(services.sign, found.run_id);
  requireSecondPerson(await starterOf(services.sign, services, run), person, "judges its samples");
  const verdicts = input.verdicts;
  if (verdicts.length === 0) return { signOff: found.id, judged: 0 };
  await services.sign.transaction(async (db) => {
    await keepPerson(db, person);
    const signOff = await lockSignOff(db, found.id, now);
    requireOpen(signOff);
    await requirePermission(db, person.name, "legacy_imports.review");
    const about = {
      run: run.id,
      digest: digestOfParts(signOff.parts),
      person: person.name,
      at: now,
    };
    const judged = verdicts.map(({ stagedId }) => stagedId);
    const state = { run, digest: about.digest };
    const { now: digests, changed } = await asAsked(db, state, judged, services.newSecret());
    if (changed !== undefined) throw new Refusal("DigestChanged", changedSince(changed));
    await judge(db, about, verdicts, digests);
    const wrong = verdicts.filter((verdict) => verdict.wrong.length > 0);
    const shown = digests.map(({ id, digest }) => [id, digest]);
    const rows = verdicts
      .filter((verdict) => verdict.wrong.length === 0)
      .map(({ stagedId }) => stagedId);
    const details = { signOff: signOff.id, right: rows.length, rows, wrong, shown };
    await appendAudit(
      db,
      signOff.run_id,
      { actor: person.name, action: "samples-judged", digest: signOff.digest, details },
      now,
    );
  });
  return { signOff: found.id, judged: verdicts.length };
}
