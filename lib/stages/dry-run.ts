import { countUnplanned, noteMovedBefore, planRows } from "../compile/plan.ts";
import { countDecisions, unlistedStatuses } from "../compile/report.ts";
import { countSharedEmails } from "../compile/validate.ts";
import { finishedStage } from "../data/runs.ts";
import { json, sql, uuid } from "../data/sql.ts";
import { appendAudit } from "../evidence/audit-log.ts";
import { reviewDigest } from "../review/digest.ts";
import type { DryRunReport } from "../review/report.ts";
import { drawSamples } from "../review/samples.ts";
import { countPlaceholdersTakenForReal } from "../review/stop-conditions.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { type DecisionCount, dryRunReport } from "./dry-run-report.ts";
import { openAfter } from "./opened-run.ts";
import { overRanges } from "./ranges.ts";

/** What a dry run found, and the digest of what it found it about. */
export interface DryRun {
  readonly run: string;
  readonly digest: string;
  readonly report: DryRunReport;
}

/**
 * Says what every row's wave would do, and writes nothing outside staging (R6, M13). The digest it
 * returns is the one a sign-off binds to (W7).
 */
export async function dryRun(services: Services, id: string): Promise<DryRun> {
  const { run, migration } = await openAfter(services, id, "match");
  const db = services.stage;
  await overRanges(db, migration, run.id, "dry-run", [
    (range) => noteMovedBefore(migration, range),
    (range) => planRows(migration, range),
  ]);
  const { rows: unplanned } = await db.one<{ rows: number }>(countUnplanned(migration, run.id));
  if (unplanned > 0) {
    throw new Refusal(
      "RowsUnplanned",
      `${unplanned} rows of ${run.reference} fit no line of the plan. Nothing was committed.`,
    );
  }
  const counts = await db.rows<DecisionCount>(countDecisions(migration, run.id));
  const { shared } = await db.one<{ shared: number }>(countSharedEmails(migration, run.id));
  const { capped } = await db.one<{ capped: number }>(sql`
    select coalesce(sum(groups), 0)::bigint as capped from wavegate.capped_groups where run_id = ${uuid(run.id)}`);
  const report = dryRunReport(migration, counts, {
    statuses: await db.rows(unlistedStatuses(migration, run.id)),
    sharedEmails: shared,
    cappedGroups: capped,
    placeholdersTakenForReal: await countPlaceholdersTakenForReal(db, migration, run.id),
  });
  const { digest, parts } = await reviewDigest(db, migration, run);
  await drawSamples(db, migration, run, digest);
  await db.transaction(async (transaction) => {
    const written = await transaction.execute(sql`
      insert into wavegate.dry_runs (run_id, digest, parts, report)
      values (${uuid(run.id)}, ${digest}, ${json(parts)}, ${json(report)})
      on conflict (run_id, digest) do update set report = excluded.report, created_at = now()
        where dry_runs.report <> excluded.report`);
    await finishedStage(transaction, run.id, "dry-run");
    if (written > 0) {
      const entry = {
        actor: "wavegate",
        action: "dry-run",
        digest,
        details: { counts: report.counts, plan: report.plan },
      };
      await appendAudit(transaction, run.id, entry, services.clock());
    }
  });
  return { run: run.id, digest, report };
}
