import { identifier, literals, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { codedReference, referenceAlias, stagedFrom } from "./condition.ts";
import { stagedTable } from "./rows.ts";

/** The reference by name that training belongs to: what “unmapped course” is about (D11). */
function namedReference(migration: Migration): string {
  const [, { parent }] = codedReference(migration);
  return parent.reference;
}

/**
 * All counts of a dry run in one pass (R6, M13): one row per combination of the columns that are
 * counted, which is a few hundred at any number of rows.
 */
export function countDecisions(migration: Migration, run: string): Sql {
  const course = referenceAlias(namedReference(migration));
  return sql`
  select s.source_table, s.classification, s.validation_status, s.duplicate_confidence,
         s.source_duplicate_confidence, d.import_action, d.session_type, s.planned, s.planned_action,
         s.planned_reason, coalesce(${raw(course)}.status not in ('mapped', 'confirmed'), true) as unmapped,
         count(*) as rows
    from ${raw(stagedFrom(migration))}
   where s.run_id = ${uuid(run)}
   group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11`;
}

/** Spellings that the definition does not list, the commonest first (D2). */
export function unlistedStatuses(migration: Migration, run: string): Sql {
  const listed = migration.entity.classify.as.flatMap(({ statuses }) => statuses);
  return sql`
  select ${raw(identifier("status_key"))} as status, count(*) as rows from ${raw(stagedTable(migration))}
   where run_id = ${uuid(run)}
     and (status_key is null or status_key not in (${raw(literals(listed))}))
   group by 1 order by 2 desc, 1 limit 50`;
}
