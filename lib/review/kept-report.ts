import type { Database } from "../data/database.ts";
import { allRecords } from "../data/records.ts";
import { sql, uuid } from "../data/sql.ts";
import { type DryRunReport, readReport } from "./report.ts";

/** The report of the newest dry run of a run. */
export async function newestReport(db: Database, run: string): Promise<DryRunReport | undefined> {
  const [found] = await allRecords<DryRunReport>(
    db,
    sql`select 1 as n, report as record from wavegate.dry_runs where run_id = ${uuid(run)} order by created_at desc limit 1`,
  );
  return found && readReport(found);
}

/** The report of the dry run that showed a state, if it is kept. */
export async function reportOf(
  db: Database,
  run: string,
  digest: string,
): Promise<DryRunReport | undefined> {
  const [found] = await allRecords<DryRunReport>(
    db,
    sql`select 1 as n, report as record from wavegate.dry_runs where run_id = ${uuid(run)} and digest = ${digest}`,
  );
  return found && readReport(found);
}
