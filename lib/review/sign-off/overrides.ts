import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import { sql, uuid } from "../../data/sql.ts";
import { digestOfParts, type SignedParts } from "../../evidence/review-digest.ts";
import type { StopCondition } from "../report.ts";
import type { SignOff } from "../sign-off-store.ts";

/** A person took stop conditions upon them, and they are as they were. */
export interface OverrideInForce {
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly reason: string;
  readonly stops: readonly StopCondition["id"][];
}

interface Kept extends OverrideInForce {
  readonly parts: SignedParts;
  /** Sampled rows that were judged wrong after it. */
  readonly wrong_since: number;
}

/**
 * The overrides that hold for a question, the newest first (D15): those of the run, at whichever gate,
 * that were recorded for the very state it is about, by people who may still decide (W8). One that an approver rejected is
 * over, and one of samples judged wrong with the next sample that is.
 */
export async function overridesInForce(
  db: Database,
  signOff: Pick<SignOff, "id" | "run_id" | "parts">,
): Promise<readonly OverrideInForce[]> {
  const digest = digestOfParts(signOff.parts);
  const kept = await rowsWhole<Kept>(
    db,
    sql`
    select s.override_by as by, s.override_reason as reason, s.override_stops as stops, s.parts,
           to_char(s.override_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
           (select count(distinct staged_id) from wavegate.samples m
             where m.run_id = s.run_id and m.digest = ${digest}
               and m.verdict = 'wrong' and exists (
                 select from wavegate.audit_log j
                  where j.run_id = s.run_id and j.action = 'samples-judged'
                    and j.details -> 'wrong' @> jsonb_build_array(jsonb_build_object('stagedId', m.staged_id))
                    -- By the log: clocks may be apart, and go back.
                    and j.seq > coalesce((select max(o.seq) from wavegate.audit_log o
                                           where o.run_id = s.run_id and o.action = 'stops-overridden'
                                             and o.details ->> 'signOff' = s.id::text), 0))) as wrong_since
      from wavegate.sign_offs s
     where s.run_id = ${uuid(signOff.run_id)} and s.override_by is not null
       and (s.status <> 'rejected' or s.id = ${uuid(signOff.id)})
       and exists (select from wavegate.people p
                    where p.name = s.override_by and jsonb_exists(p.permissions, 'legacy_imports.commit'))
     order by s.override_at desc, s.id`,
  );
  return kept
    .filter(({ parts }) => digestOfParts(parts) === digest)
    .map(({ by, at, reason, stops, wrong_since }) => ({
      by,
      at,
      reason,
      stops: stops.filter((id) => id !== "sample_judged_wrong" || wrong_since === 0),
    }))
    .filter(({ stops }) => stops.length > 0);
}
