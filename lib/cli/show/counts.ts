import type { PinnedEntity } from "../../compile/pin/pin.ts";
import { stagingTable } from "../../compile/rows.ts";
import type { Database } from "../../data/database.ts";
import type { Run } from "../../data/runs.ts";
import { identifier, raw, sql, uuid } from "../../data/sql.ts";
import { pinOf } from "../../evidence/pinned.ts";
import type { Distribution } from "../../review/report.ts";
import { table } from "../table.ts";

/** How many staged rows of a run have each value of a column (a name from the definition or our own). */
export async function distributionOf(
  db: Database,
  run: Run,
  column: string,
): Promise<Record<string, number>> {
  const has = ({ staging }: PinnedEntity) => staging.columns.some(([name]) => name === column);
  const counted = await Promise.all(
    pinOf(run)
      .entities.filter(has)
      .map(({ staging }) =>
        db.rows<{ value: string | null; rows: number }>(sql`
    select ${raw(identifier(column))}::text as value, count(*) as rows
      from ${raw(stagingTable(staging.rows))} where run_id = ${uuid(run.id)}
     group by 1 order by 2 desc, 1`),
      ),
  );
  return summed(counted.flat().map(({ value, rows }) => [value ?? "(none)", rows]));
}

/** How many staged rows each validation rule fired on. */
export async function issuesOf(db: Database, run: Run): Promise<Record<string, number>> {
  const found = await Promise.all(
    pinOf(run).entities.map(({ staging }) =>
      db.rows<{ issue: string; rows: number }>(sql`
    select issue.value as issue, count(*) as rows
      from ${raw(stagingTable(staging.rows))} s cross join lateral jsonb_array_elements_text(s.validation_issues) issue
     where s.run_id = ${uuid(run.id)}
     group by 1 order by 2 desc, 1`),
    ),
  );
  return summed(found.flat().map(({ issue, rows }) => [issue, rows]));
}

/** What several kinds of things have of each. */
function summed(counted: readonly (readonly [string, number])[]): Record<string, number> {
  const all = new Map<string, number>();
  for (const [name, rows] of counted) all.set(name, (all.get(name) ?? 0) + rows);
  return Object.fromEntries(all);
}

/** A distribution as a table, largest first, nothing for an empty one. */
export function showDistribution(title: string, values: Distribution): string[] {
  const rows = Object.entries(values).sort(([, left], [, right]) => right - left);
  return rows.length === 0 ? [] : ["", ...table([title, "rows"], rows)];
}
