import { countStaged } from "../compile/import.ts";
import { gatherStatistics } from "../compile/statistics.ts";
import { finishedStage } from "../data/runs.ts";
import { json, sql, uuid } from "../data/sql.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { count, several } from "../services/words.ts";
import { openAfter, type Stage, stageOrder } from "./opened-run.ts";

/** Rows read from the source and rows staged, by table. */
export interface Imported {
  readonly run: string;
  readonly staged: Record<string, number>;
}

/**
 * Ends an import: every range is done and as many rows are staged as were read, or the import is
 * refused with the range to look at. Nothing is judged yet.
 */
export async function finishImport(services: Services, id: string): Promise<Imported> {
  const { run, migration } = await openAfter(services, id, "preflight");
  const db = services.stage;
  const open = await db.rows<{ n: number; source_table: string }>(sql`
    select n, source_table from wavegate.import_ranges
     where run_id = ${uuid(run.id)} and done_at is null order by n`);
  if (open.length > 0) {
    throw new Refusal(
      "ImportIncomplete",
      `${several(open.length, "import range")} of ${run.reference} ${open.length === 1 ? "is" : "are"} not done; the first is number ` +
        `${open[0]?.n} of ${open[0]?.source_table}. What was staged stays. ` +
        `Run \`wavegate import --run ${run.reference}\` to go on.`,
    );
  }
  const rows = await db.rows<{ source_table: string; rows: number }>(
    countStaged(migration, run.id),
  );
  // A table without rows is told as one.
  const staged: Record<string, number> = Object.fromEntries(
    migration.entity.from.map((table) => [table, 0]),
  );
  for (const { source_table, rows: of } of rows) staged[source_table] = of;
  const { read } = await db.one<{ read: number }>(sql`
    select coalesce(sum(rows_read), 0)::bigint as read
      from wavegate.import_ranges where run_id = ${uuid(run.id)}`);
  const total = Object.values(staged).reduce((sum, count) => sum + count, 0);
  if (total !== read) {
    throw new Refusal(
      "ImportUnbalanced",
      `${several(read, "row was", "rows were")} read and ${count(total)} ${total === 1 ? "is" : "are"} staged in run ${run.reference}. ` +
        "Nothing was committed. Start a new run; if it happens again the source changed while it was read.",
    );
  }
  await db.execute(sql`
    update wavegate.legacy_import_runs
       set counts = counts || ${json({ staged, staged_rows: total })} where id = ${uuid(run.id)}`);
  await db.execute(gatherStatistics(`${migration.entity.staging.table}_source`));
  // A later stage that is done stays done: an import that staged nothing new changes nothing.
  if (stageOrder.indexOf(run.stage as Stage) < stageOrder.indexOf("import")) {
    await finishedStage(db, run.id, "import");
  }
  return { run: run.id, staged };
}
