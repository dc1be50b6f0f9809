import type { Database } from "../data/database.ts";
import { isWholeTrial, lockRun, type Run } from "../data/runs.ts";
import { sql, uuid } from "../data/sql.ts";
import { appendAudit } from "../evidence/audit-log.ts";
import { digestOfParts } from "../evidence/review-digest.ts";
import { partsNow } from "../review/digest/digest.ts";
import { rowsOfDryRun } from "../review/digest/unchanged.ts";
import { exportReview } from "../review/exports/export-review.ts";
import { refuseTrial } from "../review/refuse-trial.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { openAfter, requireReached } from "./run/opened-run.ts";
import { progressNotes, wholeStage } from "./run/ranges.ts";

/** Where a review export lies, and what it is about. */
interface ReviewExported {
  readonly run: string;
  readonly digest: string;
  readonly prefix: string;
  readonly manifestDigest: string;
}

/** Exports exactly what the newest dry run showed; anything that changed since needs a new dry run (R10). */
export async function reviewExport(services: Services, id: string): Promise<ReviewExported> {
  const { run, migration } = await openAfter(services, id, "dry-run");
  if (!isWholeTrial(run)) refuseTrial(run, "nothing of it is kept as evidence");
  const note = progressNotes(services.stage, run.id, "export-review");
  await note(0);
  const rows = await rowsOfDryRun(services.stage, run.id, migration);
  const digest = digestOfParts(await partsNow(services.stage, migration, run, { rows }));
  const [shown] = await services.stage.rows(
    sql`select 1 as yes from wavegate.dry_runs where run_id = ${uuid(run.id)} and digest = ${digest}`,
  );
  if (!shown) throw stale(run);
  const { prefix, manifestDigest } = await exportReview(services, run.id, digest, (share) =>
    note(Math.round(500 + 8_000 * share)),
  );
  await services.stage.transaction(async (transaction) => {
    await lockRun(transaction, run.id);
    // What was decided or judged anew meanwhile puts the run back, and there it stays.
    await requireReached(transaction, run.id, "dry-run");
    if ((await newestDryRun(transaction, run.id)) !== digest) throw stale(run);
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
    await transaction.execute(sql`
      update wavegate.legacy_import_runs set stage = 'export-review', updated_at = now() where id = ${uuid(run.id)}`);
  });
  await note(wholeStage);
  return { run: run.id, digest, prefix, manifestDigest };
}

/** The digest of what the run's newest dry run showed. */
async function newestDryRun(db: Database, run: string): Promise<string | undefined> {
  const [newest] = await db.rows<{ digest: string }>(sql`
    select digest from wavegate.dry_runs where run_id = ${uuid(run)} order by created_at desc limit 1`);
  return newest?.digest;
}

const stale = ({ reference }: Run): Refusal =>
  new Refusal(
    "DryRunStale",
    `Something of ${reference} changed since its dry run. Nothing was written. Run \`wavegate dry-run --run ${reference}\` again.`,
  );
