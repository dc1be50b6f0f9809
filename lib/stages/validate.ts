import { stagedTable } from "../compile/rows.ts";
import { countSharedEmails, findSharedEmails, validateRows } from "../compile/validate.ts";
import { finishedStage } from "../data/runs.ts";
import { raw, sql, uuid } from "../data/sql.ts";
import type { Services } from "../services/services.ts";
import { openAfter } from "./opened-run.ts";
import { noteProgress, overRanges, wholeStage } from "./ranges.ts";

/** Rows by validation status, and addresses that too many rows share. */
export interface Validated {
  readonly run: string;
  readonly statuses: Record<string, number>;
  readonly sharedEmails: number;
}

/** Judges whether each row can be trusted (M10, D9). May run again at any time before a commit. */
export async function validate(services: Services, id: string): Promise<Validated> {
  const { run, migration } = await openAfter(services, id, "import");
  const db = services.stage;
  await noteProgress(db, run.id, "validate", 0);
  await db.transaction(async (transaction) => {
    for (const statement of findSharedEmails(migration, run.id)) {
      await transaction.execute(statement);
    }
  });
  await overRanges(
    db,
    migration,
    run.id,
    "validate",
    (range) => validateRows(migration, range),
    2_000,
    9_000,
  );
  await finishedStage(db, run.id, "validate");
  const { shared } = await db.one<{ shared: number }>(countSharedEmails(run.id));
  const { statuses } = await db.one<{ statuses: Record<string, number> }>(sql`
    select coalesce(jsonb_object_agg(validation_status, n), '{}') as statuses
      from (select validation_status, count(*) as n from ${raw(stagedTable(migration))}
             where run_id = ${uuid(run.id)} group by 1) counted`);
  await noteProgress(db, run.id, "validate", wholeStage);
  return { run: run.id, statuses, sharedEmails: shared };
}
