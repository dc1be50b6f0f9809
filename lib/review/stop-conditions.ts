import { codedReference, referenceColumn } from "../compile/condition.ts";
import { decisionsTable, sourceTable } from "../compile/rows.ts";
import type { Database } from "../data/database.ts";
import { identifier, literal, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Migration, StopThresholds } from "../define/definition.ts";
import type { StopCondition } from "./report.ts";

/** What the five stop conditions are measured from. */
export interface StopCounts {
  readonly rows: number;
  /** Rows that are not leads: what the unmapped courses are a share of (D15). */
  readonly nonLeadRows: number;
  /** Rows that are not leads and whose course is unmapped. */
  readonly unmappedCourses: number;
  readonly unknownRows: number;
  /** Rows with a high-confidence hint against the platform. */
  readonly highDuplicates: number;
  readonly placeholdersTakenForReal: number;
  readonly samplesJudgedWrong: number;
}

/** The five stop conditions (R7) with the definition's thresholds (D15), in the order in which they are shown. */
export function stopConditions(
  thresholds: StopThresholds,
  counts: StopCounts,
): readonly StopCondition[] {
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  const condition = (
    id: StopCondition["id"],
    says: string,
    measured: number,
    threshold: number,
  ): StopCondition => ({ id, says, measured, threshold, stops: measured > threshold });
  return [
    condition(
      "unmapped_courses",
      "Too many rows that are not leads have an unmapped course.",
      share(counts.unmappedCourses, counts.nonLeadRows),
      thresholds.unmapped_courses,
    ),
    condition(
      "unknown_rows",
      "Too many rows have a status that nobody listed.",
      share(counts.unknownRows, counts.rows),
      thresholds.unknown_rows,
    ),
    condition(
      "duplicates",
      "Suspiciously many rows are people whom the platform knows already.",
      share(counts.highDuplicates, counts.rows),
      thresholds.duplicates,
    ),
    condition(
      "placeholder_taken_for_real",
      "A waiting list was taken for a real session.",
      counts.placeholdersTakenForReal,
      0,
    ),
    sampleCondition(counts.samplesJudgedWrong),
  ];
}

/** The stop condition that changes while people judge samples, after the dry run. */
export const sampleCondition = (wrong: number): StopCondition => ({
  id: "sample_judged_wrong",
  says: "A sampled row was judged wrong.",
  measured: wrong,
  threshold: 0,
  stops: wrong > 0,
});

/** The stop conditions of a dry run with the samples as they are judged now. */
export const withSamplesNow = (
  stops: readonly StopCondition[],
  wrong: number,
): readonly StopCondition[] => [
  ...stops.filter(({ id }) => id !== "sample_judged_wrong"),
  sampleCondition(wrong),
];

/**
 * Rows whose session was staged as real although the definition's rule says that it is a waiting
 * list (M5). Looks at the legacy ids and codes themselves, so that it also catches a mistake in
 * the classification.
 */
export function placeholdersTakenForReal(migration: Migration, run: string): Sql {
  const [name, { staging, placeholder }] = codedReference(migration);
  const session = raw(identifier(referenceColumn(migration, name)));
  const id = raw(identifier(staging.id));
  const marks = [
    ...placeholder.codeContains.map(
      (part) => `position(lower(${literal(part)}) in lower(m.${identifier(staging.code)})) > 0`,
    ),
    "m.parent_id is null",
  ];
  const listed = placeholder.ids.map((each) => ` union select ${Math.trunc(each)}::bigint`);
  // The few waiting lists first, then the rows that name one.
  return sql`
    with waiting as materialized (
      select m.${id} as id from wavegate.${raw(identifier(staging.table))} m
       where m.run_id = ${uuid(run)} and (${raw(marks.join(" or "))})${raw(listed.join(""))}),
    named as materialized (
      select s.id from ${raw(sourceTable(migration))} s join waiting on waiting.id = s.${session}
       where s.run_id = ${uuid(run)})
    select count(*) as rows from named
      join ${raw(decisionsTable(migration))} d on d.run_id = ${uuid(run)} and d.staged_id = named.id
     where d.session_type = 'real_session'`;
}

/** How many rows' sessions were wrongly taken for real. */
export const countPlaceholdersTakenForReal = async (
  db: Database,
  migration: Migration,
  run: string,
): Promise<number> =>
  (await db.one<{ rows: number }>(placeholdersTakenForReal(migration, run))).rows;

/** How many sampled rows of this state were judged wrong. */
export const countSamplesJudgedWrong = async (
  db: Database,
  run: string,
  digest: string,
): Promise<number> =>
  (
    await db.one<{ rows: number }>(sql`
      select count(distinct staged_id) as rows from wavegate.samples
       where run_id = ${uuid(run)} and digest = ${digest} and verdict = 'wrong'`)
  ).rows;
