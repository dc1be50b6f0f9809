import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import type { Run } from "../../data/runs.ts";
import { json, sql, uuid } from "../../data/sql.ts";
import { appendAudit } from "../../evidence/audit-log.ts";
import { type RowDigest, rowDigests } from "../digest/row-digest.ts";

/**
 * Carries verdicts into a reviewed state whose samples are drawn: of each row without one the newest that was given
 * in another state of the run on the very same content (B10). Every other row is to be judged, anew where it changed.
 * The log tells of it; who judged, and when, stays. Call it in the transaction that asks.
 */
export async function carryVerdicts(
  db: Database,
  run: Run,
  digest: string,
  now: Date,
): Promise<void> {
  const known = await rowsWhole<RowDigest>(
    db,
    sql`
    select distinct p.staged_id as id, p.row_salt as salt, p.row_digest as digest
      from wavegate.samples t
      join wavegate.samples p on p.run_id = t.run_id and p.staged_id = t.staged_id and p.digest <> t.digest
     where t.run_id = ${uuid(run.id)} and t.digest = ${digest} and t.verdict is null
       and p.verdict is not null and p.row_digest is not null and p.row_salt is not null
     order by 1, 2`,
  );
  if (known.length === 0) return;
  const standing = await rowDigests(db, run, known);
  const same = standing.filter((each) => known.some((was) => equal(was, each)));
  const carried = await db.rows<{ id: number; shown: string }>(sql`
    with given as (
      select distinct on (p.staged_id) p.*
        from jsonb_to_recordset(${json(same)}) as same (id bigint, salt text, digest text)
        join wavegate.samples p on p.run_id = ${uuid(run.id)} and p.staged_id = same.id and p.row_salt = same.salt
                               and p.row_digest = same.digest and p.digest <> ${digest} and p.verdict is not null
       order by p.staged_id, p.judged_order desc)
    update wavegate.samples t
       set verdict = given.verdict, wrong = given.wrong, judged_by = given.judged_by,
           judged_at = given.judged_at, row_salt = given.row_salt, row_digest = given.row_digest
      from given
     where t.run_id = ${uuid(run.id)} and t.digest = ${digest} and t.staged_id = given.staged_id
       and t.verdict is null
    returning t.staged_id as id, t.row_digest as shown`);
  const rows = [...new Map(carried.map(({ id, shown }) => [id, shown]))].sort(
    ([one], [other]) => one - other,
  );
  if (rows.length === 0) return;
  const entry = { actor: "wavegate", action: "verdicts-carried", digest, details: { rows } };
  await appendAudit(db, run.id, entry, now);
}

const equal = (one: RowDigest, other: RowDigest): boolean =>
  one.id === other.id && one.salt === other.salt && one.digest === other.digest;
