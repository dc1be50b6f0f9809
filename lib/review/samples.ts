import { compileCondition, stagedFrom } from "../compile/condition.ts";
import type { Database } from "../data/database.ts";
import type { Run } from "../data/runs.ts";
import { join, json, raw, type Sql, sql, timestamp, uuid } from "../data/sql.ts";
import type { Migration, SampleQuota } from "../define/definition.ts";
import { Refusal } from "../services/errors.ts";

/** How many rows of a quota were asked for, exist, and are judged: too few is shown, not hidden (R9). */
export interface SampleCoverage {
  readonly id: string;
  readonly says: string;
  readonly asked: number;
  readonly drawn: number;
  readonly judged: number;
  readonly wrong: number;
}

/** What can be wrong with a sampled row (R9). */
export const aspects = ["name", "phone", "email", "classification", "action"] as const;
export type Aspect = (typeof aspects)[number];

/** A person's verdict on one row; without anything wrong it is right. */
export interface Verdict {
  readonly stagedId: number;
  readonly wrong: readonly Aspect[];
}

/**
 * Draws the samples of a reviewed state (R9): by the run's seed, so that they can be drawn again,
 * and once for each digest, so that a second call changes nothing.
 */
export async function drawSamples(
  db: Database,
  migration: Migration,
  run: Pick<Run, "id" | "seed">,
  digest: string,
): Promise<readonly SampleCoverage[]> {
  await db.execute(drawQuotas(migration, run, digest));
  return sampleCoverage(db, migration, run.id, digest);
}

/**
 * Of each quota the first rows in the order of md5(seed:quota:id), so that each has an order of its
 * own. All rows are looked at once for all quotas.
 */
function drawQuotas(migration: Migration, run: Pick<Run, "id" | "seed">, digest: string): Sql {
  const wanted = migration.samples.map(
    (quota, at) => sql`(${raw(quotaCondition(migration, quota))}) as ${raw(`quota_${at}`)}`,
  );
  const drawn = migration.samples.map(({ id, rows }, at) => {
    const seed = `${run.seed}:${id}:`;
    return sql`
      select ${id}::text as bucket, row_number() over (order by lot, id) as position, id
        from (select id, md5(${seed} || id) as lot from looked where ${raw(`quota_${at}`)}
                 and not exists (select 1 from wavegate.samples
                       where run_id = ${uuid(run.id)} and digest = ${digest} and bucket = ${id})
               order by 2, 1 limit ${rows}) drawn`;
  });
  return sql`
    with looked as materialized (
      select s.id, ${join(wanted, ", ")} from ${raw(stagedFrom(migration))}
       where s.run_id = ${uuid(run.id)}
         and not exists (select 1 from wavegate.samples where run_id = ${uuid(run.id)} and digest = ${digest}
                          having count(distinct bucket) = ${migration.samples.length}))
    insert into wavegate.samples (run_id, digest, bucket, position, staged_id)
    select ${uuid(run.id)}, ${digest}, bucket, position, id from (${join(drawn, " union all ")}) drawn
    on conflict do nothing`;
}

function quotaCondition(migration: Migration, { when }: SampleQuota): string {
  if ("duplicates" in when) {
    return "(s.duplicate_confidence <> 'none' or s.source_duplicate_confidence <> 'none')";
  }
  if (!("unusualReferences" in when)) return compileCondition(when, migration);
  const usual = Object.entries(migration.references).map(([name, { kind }]) =>
    compileCondition(
      { reference: name, is: kind === "by_name" ? ["mapped", "confirmed"] : ["real_session"] },
      migration,
    ),
  );
  return `not (${usual.join(" and ") || "true"})`;
}

/** What was asked for, drawn and judged, by quota. */
export async function sampleCoverage(
  db: Database,
  migration: Migration,
  run: string,
  digest: string,
): Promise<readonly SampleCoverage[]> {
  const found = await db.rows<{ bucket: string; drawn: number; judged: number; wrong: number }>(sql`
    select bucket, count(*) as drawn, count(verdict) as judged,
           count(*) filter (where verdict = 'wrong') as wrong
      from wavegate.samples
     where run_id = ${uuid(run)} and digest = ${digest}
     group by bucket`);
  return migration.samples.map(({ id, says, rows }) => {
    const bucket = found.find((each) => each.bucket === id);
    const { drawn = 0, judged = 0, wrong = 0 } = bucket ?? {};
    return { id, says, asked: rows, drawn, judged, wrong };
  });
}

/** How many sampled rows wait for a verdict. */
export async function countUnjudged(db: Database, run: string, digest: string): Promise<number> {
  const { rows } = await db.one<{ rows: number }>(sql`
    select count(distinct staged_id) as rows from wavegate.samples
     where run_id = ${uuid(run)} and digest = ${digest} and verdict is null`);
  return rows;
}

/**
 * Keeps a person's verdicts, in every quota a row was drawn for. Errors: `SampleUnknown` for a row
 * that is not in the sample; then none is kept (call it in a transaction).
 */
export async function judge(
  db: Database,
  about: { run: string; digest: string; person: string; at: Date },
  verdicts: readonly Verdict[],
): Promise<void> {
  const given = verdicts.map(({ stagedId, wrong }) => ({
    id: stagedId,
    verdict: wrong.length === 0 ? "right" : "wrong",
    wrong,
  }));
  const judged = await db.rows<{ staged_id: number }>(sql`
    update wavegate.samples t
       set verdict = given.verdict, wrong = given.wrong, judged_by = ${about.person},
           judged_at = ${timestamp(about.at.toISOString())}
      from jsonb_to_recordset(${json(given)}) as given (id bigint, verdict text, wrong jsonb)
     where t.run_id = ${uuid(about.run)} and t.digest = ${about.digest} and t.staged_id = given.id
    returning t.staged_id`);
  const known = new Set(judged.map(({ staged_id }) => staged_id));
  const strange = verdicts.find(({ stagedId }) => !known.has(stagedId));
  if (strange) {
    throw new Refusal(
      "SampleUnknown",
      `Row ${strange.stagedId} is not in the sample. No verdict was kept; load the page again.`,
    );
  }
}
