import { compileCondition, referenceByCode, referenceColumn } from "../../compile/condition.ts";
import { idType } from "../../compile/keys.ts";
import { isPlaceholder } from "../../compile/placeholder.ts";
import { decisionsTable, sourceTable } from "../../compile/rows.ts";
import type { Database } from "../../data/database.ts";
import { identifier, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Condition, Measure, Migration, Stop } from "../../define/definition.ts";
import type { StopCondition } from "../report.ts";

/** What stop conditions are measured from. */
export interface Measured {
  readonly rows: number;
  /** Rows for which all of these hold. */
  where(...conditions: Condition[]): number;
  /** Rows whose reference was staged as real although the definition's rule says placeholder. */
  takenForReal(reference: string): number;
}

/** A definition's stop conditions (R7, D15) as measured, in its order, and the one about samples. */
export const stopConditions = (
  stops: readonly Stop[],
  measured: Measured,
  judgedWrong: number,
): readonly StopCondition[] => [
  ...stops.map(({ id, says, measure, above }) => {
    const value = measuredBy(measure, measured);
    const kind = "share" in measure ? ("share" as const) : ("rows" as const);
    return { id, says, kind, measured: value, threshold: above, stops: value > above };
  }),
  sampleCondition(judgedWrong),
];

function measuredBy(measure: Measure, { rows, where, takenForReal }: Measured): number {
  if ("takenForReal" in measure) return takenForReal(measure.takenForReal);
  if ("rows" in measure) return where(measure.rows);
  const whole = measure.of === undefined ? rows : where(measure.of);
  const part = measure.of === undefined ? where(measure.share) : where(measure.share, measure.of);
  return whole === 0 ? 0 : part / whole;
}

/** The stop condition that changes while people judge samples, after the dry run. */
export const sampleCondition = (wrong: number): StopCondition => ({
  id: "sample_judged_wrong",
  says: "A sampled row was judged wrong.",
  kind: "rows",
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
 * Rows whose reference by code was staged as real although the definition's rule says that it is a
 * placeholder (M5). Looks at the legacy ids and codes themselves, so that it also catches a mistake in
 * the classification.
 */
function placeholdersTakenForReal(
  migration: Migration,
  run: string,
  name: string,
  where: Condition,
): Sql {
  const reference = referenceByCode(migration, name);
  const { staging, placeholder } = reference;
  const column = raw(identifier(referenceColumn(migration, name)));
  const id = raw(identifier(staging.id));
  const listed = (placeholder?.ids ?? []).map(
    (each) => ` union select ${literal(String(each))}::${idType(migration, reference)}`,
  );
  // The few placeholders first, then the rows that name one.
  return sql`
    with waiting as materialized (
      select m.${id} as id from wavegate.${raw(identifier(staging.table))} m
       where m.run_id = ${uuid(run)} and (${raw(isPlaceholder(reference, "m"))})${raw(listed.join(""))}),
    named as materialized (
      select s.id from ${raw(sourceTable(migration))} s
       where s.run_id = ${uuid(run)} and s.${column} in (select id from waiting))
    select count(*) as rows from named
      join ${raw(decisionsTable(migration))} d on d.run_id = ${uuid(run)} and d.staged_id = named.id
     where ${raw(compileCondition(where, migration, () => "d"))}`;
}

/** How many rows were wrongly taken for real, by the references that the definition's stops look at. */
export async function countTakenForReal(
  db: Database,
  migration: Migration,
  run: string,
): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { measure } of migration.stops) {
    if (!("takenForReal" in measure)) continue;
    const name = measure.takenForReal;
    const { rows } = await db.one<{ rows: number }>(
      placeholdersTakenForReal(migration, run, name, measure.where),
    );
    found[name] = rows;
  }
  return found;
}

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
