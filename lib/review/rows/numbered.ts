import type { PinnedLook } from "../../compile/pin/look.ts";
import { stagingTable } from "../../compile/rows.ts";
import type { Database } from "../../data/database.ts";
import type { Run } from "../../data/runs.ts";
import { join, raw, sql, uuid } from "../../data/sql.ts";
import { idsPerEntity } from "../../define/several.ts";

/** The number of a staged row among those of its kind of things, as lists show it. */
export const numberOf = (id: number): number => id % idsPerEntity;

/**
 * Staged ids of a run's rows of this number: of each of its kinds of things that has one, or the row itself whose whole
 * id it is. In the order of the run's kinds.
 */
export async function rowsNumbered(
  db: Database,
  run: Pick<Run, "id">,
  { parts }: Pick<PinnedLook, "parts">,
  number: number,
): Promise<number[]> {
  const each = parts.map(({ rows }, at) => {
    const table = raw(stagingTable(rows));
    const own = number < idsPerEntity;
    // Ids of a kind begin behind a multiple of so many; the smallest one tells behind which.
    const size = raw(String(idsPerEntity));
    const first = sql`(select min(m.id) / ${size} * ${size} from ${table} m where m.run_id = ${uuid(run.id)})`;
    return sql`select ${at}::int as place, s.id from ${table} s
      where s.run_id = ${uuid(run.id)} and s.id = ${number}${own ? sql` + ${first}` : raw("")}`;
  });
  if (each.length === 0) return [];
  const found = await db.rows<{ id: number }>(
    sql`select id from (${join(each, " union all ")}) found order by place`,
  );
  return found.map(({ id }) => id);
}
