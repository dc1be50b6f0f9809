import { findMovedBefore, holdAgain, planRows } from "../compile/plan.ts";
import { nearPlaceholders, unlistedStatuses } from "../compile/report.ts";
import type { RowRange } from "../compile/rows.ts";
import { countSharedEmails, countSharedPhones } from "../compile/validate.ts";
import { json, type Sql, sql, uuid } from "../data/sql.ts";
import { appendAudit } from "../evidence/audit-log.ts";
import { recordDigest } from "../evidence/record-digest.ts";
import { reviewDigest } from "../review/digest.ts";
import { byId, type DryRunReport, type NearPlaceholder } from "../review/report.ts";
import { drawSamples } from "../review/samples.ts";
import { countTakenForReal } from "../review/stop-conditions.ts";
import { changesSoFar } from "../review/unchanged.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { several } from "../services/words.ts";
import { beginStage, endStage, whileClaimed } from "./claim.ts";
import { type DecisionCount, dryRunReport, type UnlistedStatus } from "./dry-run-report.ts";
import { openAfter } from "./opened-run.ts";
import { noteProgress, overRanges, wholeStage } from "./ranges.ts";
import { comparedKeys, readTargetRules, unlessItFails } from "./target-rules.ts";

/** What a dry run found, and the digest of what it found it about. */
export interface DryRun {
  readonly run: string;
  readonly digest: string;
  readonly report: DryRunReport;
}

/** How much of the stage is done, of {@link wholeStage}, when rows are planned, and when they are read. */
const allPlanned = 3_000;
const read = 8_000;

/**
 * Says what every row's wave would do, and writes nothing outside staging (R6, M13). The digest it
 * returns is the one a sign-off binds to (W7).
 */
export async function dryRun(services: Services, id: string): Promise<DryRun> {
  const { run, migration } = await openAfter(services, id, "match");
  const db = services.stage;
  const claim = await beginStage(db, run, "match");
  await noteProgress(db, run.id, "dry-run", 0);
  await whileClaimed(db, claim, async (transaction) => {
    for (const statement of findMovedBefore(migration, run.id)) {
      await transaction.execute(statement);
    }
  });
  const targets = await readTargetRules(db, migration);
  const counts: DecisionCount[] = [];
  const planned = (statement: Sql) =>
    whileClaimed(db, claim, (transaction) => transaction.rows<DecisionCount>(statement));
  const plan = async (range: RowRange) => {
    const found = await unlessItFails(
      () => planned(planRows(migration, range, targets.rules)),
      () => planned(planRows(migration, range, targets.sureRules)),
    );
    counts.push(...found);
  };
  await overRanges(db, migration, run.id, "dry-run", plan, 300, allPlanned);
  for (const repeated of comparedKeys(migration, run.id, targets)) {
    counts.push(
      ...(await unlessItFails(
        () => planned(repeated),
        async () => [],
      )),
    );
  }
  // Before the rows are read: what changes meanwhile is noted after it.
  const changes = await changesSoFar(db);
  // Each reads every row and waits for none of the others.
  const [statuses, takenForReal, { digest, parts }] = await Promise.all([
    Promise.all(
      unlistedStatuses(migration, run.id).map((statement) => db.rows<UnlistedStatus>(statement)),
    ),
    countTakenForReal(db, migration, run.id),
    reviewDigest(db, migration, run),
  ]);
  const unplanned = counts.reduce(
    (sum, { planned, rows }) => (planned === null ? sum + rows : sum),
    0,
  );
  if (unplanned > 0) {
    throw new Refusal(
      "RowsUnplanned",
      `${several(unplanned, "row")} of ${run.reference} ${unplanned === 1 ? "fits" : "fit"} no line of the plan. Nothing was committed.`,
    );
  }
  const { shared } = await db.one<{ shared: number }>(countSharedEmails(run.id));
  const phones = await db.one<{ shared: number }>(countSharedPhones(run.id));
  const near = await Promise.all(
    nearPlaceholders(migration, run.id).map((statement) => db.rows<NearPlaceholder>(statement)),
  );
  const { capped } = await db.one<{ capped: number }>(sql`
    select coalesce(sum(groups), 0)::bigint as capped from wavegate.capped_groups where run_id = ${uuid(run.id)}`);
  const report = dryRunReport(migration, counts, {
    statuses: statuses.flat(),
    sharedEmails: shared,
    sharedPhones: phones.shared,
    cappedGroups: capped,
    nearPlaceholders: near.flat(),
    takenForReal,
  });
  await noteProgress(db, run.id, "dry-run", read);
  await drawSamples(db, migration, run, digest);
  await endStage(db, claim, "dry-run", async (transaction) => {
    await transaction.execute(holdAgain(migration, run.id));
    const written = await transaction.execute(sql`
      insert into wavegate.dry_runs (run_id, digest, parts, report, changes)
      values (${uuid(run.id)}, ${digest}, ${json(parts)}, ${json(report)}, ${changes})
      on conflict (run_id, digest) do update set report = excluded.report, created_at = now()
        -- A state that comes back is the newest again.
        where dry_runs.report <> excluded.report or exists (
          select from wavegate.dry_runs d where d.run_id = excluded.run_id and d.created_at > dry_runs.created_at)`);
    await transaction.execute(sql`
      update wavegate.dry_runs set changes = ${changes} where run_id = ${uuid(run.id)} and digest = ${digest}`);
    if (written > 0) {
      const entry = {
        actor: "wavegate",
        action: "dry-run",
        digest,
        details: { counts: byId(report.counts), plan: report.plan, report: recordDigest(report) },
      };
      await appendAudit(transaction, run.id, entry, services.clock());
    }
  });
  await noteProgress(db, run.id, "dry-run", wholeStage);
  return { run: run.id, digest, report };
}
