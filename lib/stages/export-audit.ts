import type { Database } from "../data/database.ts";
import { findRun, type Run } from "../data/runs.ts";
import { sql, uuid } from "../data/sql.ts";
import { headOf } from "../evidence/audit-log.ts";
import { type AuditExport, exportAudit } from "../evidence/export-audit.ts";
import { wasEver } from "../evidence/same-person.ts";
import { bundleMail } from "../review/announce.ts";
import { listPeople } from "../review/people/people.ts";
import type { Services } from "../services/services.ts";
import { openPinned } from "./run/opened-run.ts";
import { goNoGo } from "./wave/go-no-go.ts";

/** Writes the audit bundle of a run as it stands, with its go/no-go list. */
export async function auditExport(services: Services, id: string) {
  const { run } = await openPinned(services, id);
  const made = await exportAudit(services, run.id, {
    goNoGo: (snapshot) => goNoGo(snapshot.stage, run.id),
  });
  await announce(services, run, made);
  return { run: run.id, ...made };
}

async function wasTakenBack(db: Database, run: string): Promise<boolean> {
  const { yes } = await db.one<{ yes: boolean }>(sql`
    select exists (select from wavegate.audit_log where run_id = ${uuid(run)} and action = 'rolled-back') as yes`);
  return yes;
}

/** Tells everybody who may decide, but for the starter, and the auditor (W12): digests to be kept. */
async function announce(services: Services, run: Run, made: AuditExport): Promise<void> {
  const { status } = await findRun(services.stage, run.id);
  const head = await headOf(services.stage, run.id);
  const mail = bundleMail({
    language: services.settings.language,
    reference: run.reference,
    status,
    prefix: made.prefix,
    takenBack: await wasTakenBack(services.stage, run.id),
    announced: { manifest: made.manifestDigest, head },
  });
  const deciding = (await listPeople(services.stage)).filter(
    (person) =>
      person.permissions.includes("legacy_imports.commit") &&
      !wasEver(run.started_by ?? "", person),
  );
  const { auditor } = services.settings;
  const addresses = [...deciding.map(({ email }) => email), ...(auditor ? [auditor] : [])];
  for (const to of new Set(addresses)) {
    // The bundle is written, and its digest is in the log and in the answer.
    await services
      .mail({ ...mail, to: [to] })
      .catch((error) => console.error(`A mail about a bundle was not sent: ${error.name}`));
  }
}
