import { compileCondition, referenceJoins } from "../../compile/condition.ts";
import { type RowRange, stagedRows } from "../../compile/rows.ts";
import type { Database } from "../../data/database.ts";
import type { Run } from "../../data/runs.ts";
import { join, json, raw, type Sql, sql, timestamp, uuid } from "../../data/sql.ts";
import type { Migration, SampleQuota } from "../../define/definition.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { inOrder } from "../../evidence/pages.ts";
import { Refusal } from "../../services/errors.ts";
import { words } from "../../services/words.ts";
import type { RowDigest } from "../digest/row-digest.ts";
import { rowRanges } from "../row-ranges.ts";

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

/** Rows one statement looks at, and statements under way at once. */
const rowsPerStatement = 50_000;
const rangesAtOnce = 2;

/**
 * Draws the samples of a reviewed state (R9): by the run's seed, so that they can be drawn again,
 * and once for each digest, so that a second call changes nothing. Of each quota the first rows in
 * the order of md5(seed:quota:id), so that each has an order of its own.
 */
export async function drawSamples(
  db: Database,
  migration: WholeMigration,
  run: Pick<Run, "id" | "seed">,
  digest: string,
): Promise<readonly SampleCoverage[]> {
  const known = await db.rows<{ bucket: string }>(sql`
    select distinct bucket from wavegate.samples where run_id = ${uuid(run.id)} and digest = ${digest}`);
  for (const part of partsOf(migration)) {
    const open = part.samples.filter(({ id }) => !known.some(({ bucket }) => bucket === id));
    if (open.length === 0) continue;
    const drawn = await drawQuotas(db, part, run, open);
    await db.execute(sql`
      insert into wavegate.samples (run_id, digest, bucket, position, staged_id)
      select ${uuid(run.id)}, ${digest}, bucket, position, id
        from jsonb_to_recordset(${json(drawn)}) as drawn (bucket text, position int, id bigint)
      on conflict do nothing`);
  }
  return sampleCoverage(db, partsOf(migration), run.id, digest);
}

interface Lot {
  readonly bucket: string;
  readonly id: number;
  readonly lot: string;
}

/** Range by range, as the first of all are among the first of their range. */
async function drawQuotas(
  db: Database,
  migration: Migration,
  run: Pick<Run, "id" | "seed">,
  quotas: readonly SampleQuota[],
): Promise<{ bucket: string; position: number; id: number }[]> {
  const ranges = await rowRanges(db, migration, run.id, rowsPerStatement);
  const lots: Lot[] = [];
  const found = inOrder(ranges, rangesAtOnce, (range) =>
    db.rows<Lot>(lotsOf(migration, range, run.seed, quotas)),
  );
  for await (const some of found) lots.push(...some);
  const order = ({ lot, id }: Lot, other: Lot) =>
    lot === other.lot ? id - other.id : lot < other.lot ? -1 : 1;
  return quotas.flatMap(({ id: bucket, rows }) =>
    lots
      .filter((each) => each.bucket === bucket)
      .sort(order)
      .slice(0, rows)
      .map(({ id }, index) => ({ bucket, position: index + 1, id })),
  );
}

function lotsOf(
  migration: Migration,
  range: RowRange,
  runSeed: string,
  quotas: readonly SampleQuota[],
): Sql {
  const wanted = quotas.map(
    (quota, at) => sql`(${raw(compileCondition(quota.when, migration))}) as ${raw(`quota_${at}`)}`,
  );
  const lots = quotas.map(({ id, rows }, at) => {
    const seed = `${runSeed}:${id}:`;
    return sql`(select ${id}::text as bucket, id, md5(${seed} || id) as lot
                  from looked where ${raw(`quota_${at}`)} order by 3, 2 limit ${rows})`;
  });
  return sql`
    with looked as materialized (
      select s.id, ${join(wanted, ", ")}
        from ${stagedRows(migration, range)} s ${raw(referenceJoins(migration))})
    ${join(lots, " union all ")}`;
}

/** What was asked for, drawn and judged, by quota. */
export async function sampleCoverage(
  db: Database,
  parts: readonly { readonly samples: readonly Omit<SampleQuota, "when">[] }[],
  run: string,
  digest: string,
): Promise<readonly SampleCoverage[]> {
  const found = await db.rows<{ bucket: string; drawn: number; judged: number; wrong: number }>(sql`
    select bucket, count(*) as drawn, count(verdict) as judged,
           count(*) filter (where verdict = 'wrong') as wrong
      from wavegate.samples
     where run_id = ${uuid(run)} and digest = ${digest}
     group by bucket`);
  const asked = parts.flatMap(({ samples }) => samples);
  // A pin that is older than this does not tell what was asked for.
  const untold = found.filter(({ bucket }) => !asked.some(({ id }) => id === bucket));
  const quotas = [
    ...asked,
    ...untold.map(({ bucket, drawn }) => ({ id: bucket, says: words(bucket), rows: drawn })),
  ];
  return quotas.map(({ id, says, rows }) => {
    const bucket = found.find((each) => each.bucket === id);
    const { drawn = 0, judged = 0, wrong = 0 } = bucket ?? {};
    return { id, says, asked: rows, drawn, judged, wrong };
  });
}

/** How many rows were sampled, each once. */
export async function countSampled(db: Database, run: string, digest: string): Promise<number> {
  const { rows } = await db.one<{ rows: number }>(sql`
    select count(distinct staged_id) as rows from wavegate.samples
     where run_id = ${uuid(run)} and digest = ${digest}`);
  return rows;
}

/** How many sampled rows wait for a verdict. */
export async function countUnjudged(db: Database, run: string, digest: string): Promise<number> {
  const { rows } = await db.one<{ rows: number }>(sql`
    select count(distinct staged_id) as rows from wavegate.samples
     where run_id = ${uuid(run)} and digest = ${digest} and verdict is null`);
  return rows;
}

/** Samples that have rows which this person may judge, none of which they did. */
export async function samplesUnseen(
  db: Database,
  run: string,
  digest: string,
  person: string,
): Promise<readonly string[]> {
  const found = await db.rows<{ bucket: string }>(sql`
    select bucket from wavegate.samples
     where run_id = ${uuid(run)} and digest = ${digest}
     group by bucket
    having count(*) filter (where verdict is not null and judged_by = ${person}) = 0
       -- What somebody else judged wrong is theirs; see judge below.
       and count(*) filter (where verdict is distinct from 'wrong') > 0
     order by bucket`);
  return found.map(({ bucket }) => bucket);
}

/**
 * Keeps a person's verdicts, in every quota a row was drawn for. What somebody else judged wrong stays so: with another
 * word on it one person alone would end the stop that takes two and a reason (R7). Errors: `SampleUnknown` for a row that
 * is not in the sample, `VerdictUnclear` for one that stands there twice, `VerdictStands`; then none is kept (call it in
 * a transaction that holds the sign-off, as verdicts come one after the other).
 *
 * @param shown digests of the rows as they are judged
 */
export async function judge(
  db: Database,
  about: { run: string; digest: string; person: string; at: Date },
  verdicts: readonly Verdict[],
  shown: readonly RowDigest[] = [],
): Promise<void> {
  const twice = verdicts.find(
    ({ stagedId }, at) => verdicts.findIndex((each) => each.stagedId === stagedId) < at,
  );
  if (twice !== undefined) {
    throw new Refusal(
      "VerdictUnclear",
      `Row ${twice.stagedId} stands there twice. No verdict was kept; give one verdict on it.`,
    );
  }
  await requireNoneStands(db, about, verdicts);
  const given = verdicts.map(({ stagedId, wrong }) => ({
    id: stagedId,
    verdict: wrong.length === 0 ? "right" : "wrong",
    wrong,
    shown: shown.find(({ id }) => id === stagedId)?.digest ?? null,
    salt: shown.find(({ id }) => id === stagedId)?.salt ?? null,
  }));
  const judged = await db.rows<{ staged_id: number }>(sql`
    update wavegate.samples t
       set verdict = given.verdict, wrong = given.wrong, judged_by = ${about.person},
           judged_at = ${timestamp(about.at.toISOString())}, row_digest = given.shown, row_salt = given.salt
      from jsonb_to_recordset(${json(given)}) as given (id bigint, verdict text, wrong jsonb, shown text, salt text)
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

async function requireNoneStands(
  db: Database,
  about: { readonly run: string; readonly digest: string; readonly person: string },
  verdicts: readonly Verdict[],
): Promise<void> {
  const ids = verdicts.map(({ stagedId }) => stagedId);
  const [stands] = await db.rows<{ row: number; by: string }>(sql`
    select t.staged_id as row, t.judged_by as by from wavegate.samples t
      join jsonb_array_elements_text(${json(ids)}) as given (id) on given.id::bigint = t.staged_id
     where t.run_id = ${uuid(about.run)} and t.digest = ${about.digest}
       and t.verdict = 'wrong' and t.judged_by <> ${about.person} order by 1 limit 1`);
  if (stands !== undefined)
    throw new Refusal("VerdictStands", verdictStands(stands), { who: stands.by });
}

/** Why nobody else has a say about a row that somebody judged wrong. */
export const verdictStands = ({ row, by }: { readonly row: number; readonly by: string }): string =>
  `${by} judged row ${row} wrong, and nobody takes that back for them. No verdict was kept; ask them, reject, or let an approver override it with a reason.`;
