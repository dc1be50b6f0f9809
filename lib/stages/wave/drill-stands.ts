import { type Sql, sql, uuid } from "../../data/sql.ts";

/**
 * Whether a drill of a run passed with its first wave as it stands, as an expression: a certificate is about the rows that it
 * saw twice. Where a rollback that was cut off took the wave back, and it was written again, nothing was drilled with that
 * one (R14): it is of a later round than a drill wrote, whatever the clocks say.
 */
export const drillStands = (run: string): Sql => sql`exists (
  select from wavegate.drills d
    join wavegate.waves w on w.run_id = d.run_id and w.wave = 1
    join wavegate.drill_rounds r on r.run_id = d.run_id and r.round + 1 = w.round
   where d.run_id = ${uuid(run)} and d.passed and r.done and w.status <> 'rolled_back')`;
