import { identifier, literals, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Condition, Migration } from "../define/definition.ts";
import { type AliasOf, compileCondition } from "./condition.ts";
import { sourceTable } from "./rows.ts";

/** Spellings that the definition does not list, the commonest first (D2). */
export function unlistedStatuses(migration: Migration, run: string): Sql {
  const listed = migration.entity.classify.as.flatMap(({ statuses }) => statuses);
  return sql`
  select ${raw(identifier("status_key"))} as status, count(*) as rows from ${raw(sourceTable(migration))}
   where run_id = ${uuid(run)}
     and (status_key is null or status_key not in (${raw(literals(listed))}))
   group by 1 order by 2 desc, 1 limit 50`;
}

/** Every condition that a report or a stop counts by, each once. */
export function countedConditions({ report, stops }: Migration): readonly Condition[] {
  const lines = [...report.counts, ...report.sections.flatMap((section) => section.lines)];
  const measured = stops.flatMap(({ measure }) => {
    if ("share" in measure) return [measure.share, ...(measure.of ? [measure.of] : [])];
    return "rows" in measure ? [measure.rows] : [];
  });
  const all = [...lines.map(({ when }) => when), ...measured];
  return [...new Map(all.map((condition) => [JSON.stringify(condition), condition])).values()];
}

/** Which of {@link countedConditions} hold for a row: a text of zeros and ones, in their order. */
export const countedMarks = (migration: Migration, at?: AliasOf): string =>
  `concat(${[
    "''",
    ...countedConditions(migration).map(
      (condition) => `(${compileCondition(condition, migration, at)})::int`,
    ),
  ].join(", ")})`;
