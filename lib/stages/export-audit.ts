import { exportAudit } from "../evidence/export-audit.ts";
import type { Services } from "../services/services.ts";
import { goNoGo } from "./go-no-go.ts";
import { openPinned } from "./opened-run.ts";

/** Writes the audit bundle of a run as it stands, with its go/no-go list. */
export async function auditExport(services: Services, id: string) {
  const { run } = await openPinned(services, id);
  const made = await exportAudit(services, run.id, {
    goNoGo: (snapshot) => goNoGo(snapshot, run.id),
  });
  return { run: run.id, ...made };
}
