import type { Database } from "../../data/database.ts";
import { sql, uuid } from "../../data/sql.ts";

/** Whether a run's newest audit bundle tells of all waves, rollbacks, proofs and decisions there were. */
export async function bundleStands(db: Database, run: string): Promise<boolean> {
  const { stands } = await db.one<{ stands: boolean }>(sql`
    select coalesce(max(seq) filter (where action = 'export-audit')
                    > coalesce(max(seq) filter (where action not in ('export-audit', 'export-downloaded', 'rows-searched')), 0), false) as stands
      from wavegate.audit_log where run_id = ${uuid(run)}`);
  return stands;
}
