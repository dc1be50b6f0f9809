import type { Database } from "../data/database.ts";
import { allRecords } from "../data/records.ts";
import { type Sql, sql, uuid } from "../data/sql.ts";
import { recordDigest } from "../evidence/record-digest.ts";
import { Refusal } from "../services/errors.ts";
import { type DryRunReport, readReport } from "./report.ts";

/** A report as it lies in staging, and the digest that the run's log has of it; null of before the log had one. */
interface Kept {
  readonly report: DryRunReport;
  readonly logged: string | null;
  readonly run: string;
}

/** The report of the newest dry run of a run, for pages that nobody decides by. */
export async function newestReport(db: Database, run: string): Promise<DryRunReport | undefined> {
  const kept = await find(db, run, sql`true`);
  return kept && readReport(kept.report);
}

/** The same for whoever decides by it, held against the log. Errors: `ReportChanged`. */
export async function newestTold(db: Database, run: string): Promise<DryRunReport | undefined> {
  return asLogged(await find(db, run, sql`true`));
}

/**
 * The report of the dry run that showed a state, if it is kept, held against the log: rows and mappings are signed, and what
 * was told of them is not. Errors: `ReportChanged`.
 */
export async function reportOf(
  db: Database,
  run: string,
  digest: string,
): Promise<DryRunReport | undefined> {
  return asLogged(await find(db, run, sql`d.digest = ${digest}`));
}

async function find(db: Database, run: string, which: Sql): Promise<Kept | undefined> {
  const [kept] = await allRecords<Kept>(
    db,
    sql`select 1 as n, jsonb_build_object('report', d.report, 'run', (select reference from wavegate.legacy_import_runs where id = d.run_id), 'logged', (
                 select l.details ->> 'report' from wavegate.audit_log l
                  where l.run_id = d.run_id and l.action = 'dry-run' and l.digest = d.digest order by l.seq desc limit 1)) as record
          from wavegate.dry_runs d where d.run_id = ${uuid(run)} and ${which} order by d.created_at desc limit 1`,
  );
  return kept;
}

function asLogged(kept: Kept | undefined): DryRunReport | undefined {
  if (kept === undefined) return undefined;
  if (kept.logged !== null && kept.logged !== recordDigest(kept.report)) {
    throw new Refusal(
      "ReportChanged",
      `What the dry run of ${kept.run} told was changed since: it is not what the run's log has the digest of. Nobody can decide by it, and nothing was written. ` +
        `Tell the database's owner; \`wavegate dry-run --run ${kept.run}\` tells it anew.`,
    );
  }
  return readReport(kept.report);
}
