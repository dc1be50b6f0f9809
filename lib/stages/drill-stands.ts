import { type Sql, sql, uuid } from "../data/sql.ts";

/**
 * Whether a drill of a run passed with its first wave as it stands, as an expression: a certificate is about the rows that it
 * saw twice. Where a rollback that was cut off took the wave back, and it was written again, nothing was drilled with that one (R14).
 */
export const drillStands = (run: string): Sql => sql`exists (
  select from wavegate.drills d join wavegate.waves w on w.run_id = d.run_id and w.wave = 1
   where d.run_id = ${uuid(run)} and d.passed and w.status <> 'rolled_back' and w.committed_at <= d.at)`;
