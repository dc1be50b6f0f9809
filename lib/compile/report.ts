import { identifier, literals, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
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
