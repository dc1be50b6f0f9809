import type { Database } from "../../data/database.ts";
import { sql, uuid } from "../../data/sql.ts";
import type { SignedParts } from "../../evidence/review-digest.ts";
import { wasEver } from "../../evidence/same-person.ts";
import { explainChange } from "../digest/digest.ts";
import { listPeople } from "../people/people.ts";
import type { Gate, SignOff } from "../sign-off-store.ts";

/** What somebody decided about a run before, and what is other since. */
export interface EarlierDecision {
  readonly id: string;
  readonly gate: Gate;
  readonly decision: "approved" | "rejected";
  /** Whether it was rejected so that something is changed. */
  readonly changes: boolean;
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly comment: string | null;
  /** Why it no longer counts; null while it does. */
  readonly voidBecause: string | null;
  /** In words, what is not what was decided about; an empty text when nothing. */
  readonly since: string;
}

const most = 5;

/** The latest decisions about a run before a question was asked. */
export async function earlierDecisions(
  db: Database,
  references: readonly string[],
  { id, run_id, parts }: SignOff,
): Promise<readonly EarlierDecision[]> {
  type Row = Omit<EarlierDecision, "since"> & { readonly parts: SignedParts };
  const found = await db.rows<Row>(sql`
    select s.id::text as id, s.gate, s.parts, s.decided_by as by, s.comment, s.void_because as "voidBecause",
           to_char(s.decided_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
           s.changes_asked as changes,
           case when coalesce(l.action, 'sign-off-approved') = 'sign-off-approved' then 'approved' else 'rejected' end as decision
      from wavegate.sign_offs s
      left join wavegate.audit_log l
        on l.run_id = s.run_id and l.action in ('sign-off-approved', 'sign-off-rejected')
       and l.details ->> 'signOff' = s.id::text
     where s.run_id = ${uuid(run_id)} and s.id <> ${uuid(id)} and s.decided_by is not null
       and s.asked_order <= (select asked_order from wavegate.sign_offs where id = ${uuid(id)})
     order by s.decided_order desc limit ${most}`);
  return found.map(
    ({ parts: signed, id, gate, decision, changes, by, at, comment, voidBecause }) => ({
      id,
      gate,
      decision,
      changes,
      by,
      at,
      comment,
      voidBecause,
      since: explainChange(signed, parts, references),
    }),
  );
}

/** Whoever may decide about commits of a run that somebody else started: they were asked, each by a mail. */
export const whoIsAsked = async (db: Database, starter: string): Promise<readonly string[]> =>
  (await listPeople(db))
    .filter(
      (person) => person.permissions.includes("legacy_imports.commit") && !wasEver(starter, person),
    )
    .map(({ name }) => name)
    .sort();
