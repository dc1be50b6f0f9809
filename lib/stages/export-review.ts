import { finishedStage } from "../data/runs.ts";
import { sql, uuid } from "../data/sql.ts";
import { appendAudit } from "../evidence/audit-log.ts";
import { digestOfParts } from "../evidence/review-digest.ts";
import { partsNow } from "../review/digest.ts";
import { exportReview } from "../review/export-review.ts";
import { rowsOfDryRun } from "../review/unchanged.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { openAfter } from "./opened-run.ts";
import { progressNotes, wholeStage } from "./ranges.ts";

/** Where a review export lies, and what it is about. */
export interface ReviewExported {
  readonly run: string;
  readonly digest: string;
  readonly prefix: string;
  readonly manifestDigest: string;
}

/** Exports exactly what the newest dry run showed; anything that changed since needs a new dry run (R10). */
export async function reviewExport(services: Services, id: string): Promise<ReviewExported> {
  const { run, migration } = await openAfter(services, id, "dry-run");
  const note = progressNotes(services.stage, run.id, "export-review");
  await note(0);
  const rows = await rowsOfDryRun(services.stage, run.id);
  const digest = digestOfParts(await partsNow(services.stage, migration, run, { rows }));
  const [shown] = await services.stage.rows(
    sql`select 1 as yes from wavegate.dry_runs where run_id = ${uuid(run.id)} and digest = ${digest}`,
  );
  if (!shown) {
    throw new Refusal(
      "DryRunStale",
      `Something of ${run.reference} changed since its dry run. Nothing was written. Run \`wavegate dry-run --run ${run.reference}\` again.`,
    );
  }
  const { prefix, manifestDigest } = await exportReview(services, run.id, digest, (share) =>
    note(Math.round(500 + 8_000 * share)),
  );
  await services.stage.transaction(async (transaction) => {
    const [logged] = await transaction.rows(sql`
      select 1 as yes from wavegate.audit_log
       where run_id = ${uuid(run.id)} and action = 'export-review' and digest = ${manifestDigest} limit 1`);
    if (!logged) {
      await appendAudit(
        transaction,
        run.id,
        { actor: "wavegate", action: "export-review", digest: manifestDigest, details: { prefix } },
        services.clock(),
      );
    }
    await finishedStage(transaction, run.id, "export-review");
  });
  await note(wholeStage);
  return { run: run.id, digest, prefix, manifestDigest };
}
