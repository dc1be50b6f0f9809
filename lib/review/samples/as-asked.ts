import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import type { Run } from "../../data/runs.ts";
import { json, sql, uuid } from "../../data/sql.ts";
import { type RowDigest, rowDigests } from "../digest/row-digest.ts";

/** A reviewed state of a run. */
interface State {
  readonly run: Run;
  /** Of what is reviewed, as samples are kept by it. */
  readonly digest: string;
}

/**
 * Keeps what each sampled row without a verdict says as somebody is asked about it. Call it in the transaction that
 * asks, once verdicts were carried: also of one that is asked about again, which another version may have read otherwise.
 */
export async function noteAsAsked(
  db: Database,
  { run, digest }: State,
  salt: string,
): Promise<void> {
  const open = await rowsWhole<{ id: number }>(
    db,
    sql`
    select distinct staged_id as id from wavegate.samples
     where run_id = ${uuid(run.id)} and digest = ${digest} and verdict is null
     order by 1`,
  );
  const asked = await rowDigests(
    db,
    run,
    open.map(({ id }) => ({ id, salt })),
  );
  if (asked.length === 0) return;
  await db.execute(sql`
    update wavegate.samples t set row_salt = asked.salt, row_digest = asked.digest
      from jsonb_to_recordset(${json(asked)}) as asked (id bigint, salt text, digest text)
     where t.run_id = ${uuid(run.id)} and t.digest = ${digest} and t.staged_id = asked.id and t.verdict is null`);
}

/**
 * What sampled rows say now, and the first of them that says something else than when somebody was asked about it: no
 * verdict on it would be about what is signed, and what was changed can be put back.
 *
 * @param salt of those that are older than what is kept of them
 */
export async function asAsked(
  db: Database,
  { run, digest }: State,
  rows: readonly number[],
  salt: string,
): Promise<{ readonly now: readonly RowDigest[]; readonly changed: number | undefined }> {
  const asked = await rowsWhole<RowDigest>(
    db,
    sql`
    select distinct staged_id as id, row_salt as salt, row_digest as digest from wavegate.samples
     where run_id = ${uuid(run.id)} and digest = ${digest} and row_salt is not null and row_digest is not null
       and staged_id in (select r.row::bigint from jsonb_array_elements_text(${json(rows)}) r (row))
     order by 1`,
  );
  const now = await rowDigests(
    db,
    run,
    rows.map((id) => ({ id, salt: asked.find((each) => each.id === id)?.salt ?? salt })),
  );
  const other = asked.find(({ id, digest: was }) =>
    now.some((each) => each.id === id && each.digest !== was),
  );
  return { now, changed: other?.id };
}

/** Why nobody judges a row that changed since. */
export const changedSince = (row: number): string =>
  `Since this was asked, row ${row}, or what it refers to, changed. No verdict was kept; run the dry run and the review export again, and ask anew.`;
