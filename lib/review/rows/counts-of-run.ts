import { writes } from "../../compile/above-columns.ts";
import { compileCondition, referenceJoins } from "../../compile/condition.ts";
import { stagedTable } from "../../compile/rows.ts";
import type { Database } from "../../data/database.ts";
import type { Run } from "../../data/runs.ts";
import { raw, sql, uuid } from "../../data/sql.ts";
import { partsOf } from "../../define/several.ts";

/** How many rows a count of the definition is about: as the dry run plans them, and as they stand now. */
export interface CountOfRun {
  readonly id: string;
  readonly planned: number;
  readonly done: number;
}

/**
 * Every count of a run's definition. What is to be written is done where a wave wrote it and nothing took it back;
 * what is not is so from the dry run on.
 */
export async function countsOfRun(db: Database, run: Run): Promise<readonly CountOfRun[]> {
  const all: CountOfRun[] = [];
  for (const part of partsOf(run.definition)) {
    const { counts } = part.report;
    if (counts.length === 0) continue;
    const done = `(coalesce(s.planned, '') not in ${writes(part)} or s.import_state in ('committed', 'linked'))`;
    const each = counts.map(({ when }, at) => {
      const holds = compileCondition(when, part);
      return `count(*) filter (where ${holds}) as planned_${at}, count(*) filter (where ${holds} and ${done}) as done_${at}`;
    });
    const found = await db.one<Record<string, number>>(sql`
      select ${raw(each.join(",\n             "))} from ${raw(stagedTable(part))} s ${raw(referenceJoins(part))}
       where s.run_id = ${uuid(run.id)}`);
    all.push(
      ...counts.map(({ id }, at) => ({
        id,
        planned: found[`planned_${at}`] ?? 0,
        done: found[`done_${at}`] ?? 0,
      })),
    );
  }
  return all;
}
