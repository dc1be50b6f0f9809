import { planOf } from "../compile/keys.ts";
import { decisionsTable, stagedTable } from "../compile/rows.ts";
import type { Database } from "../data/database.ts";
import type { Run } from "../data/runs.ts";
import { identifier, raw, sql, uuid } from "../data/sql.ts";
import type { Condition, Migration } from "../define/definition.ts";
import { lookedAt } from "../define/looked-at.ts";
import { partsOf } from "../define/several.ts";

/** Held rows of one reason. */
export interface HeldGroup {
  /** The kind of things, in a run of several. */
  readonly part: string | null;
  readonly reason: string;
  /** In the definition's words. */
  readonly says: string;
  readonly rows: number;
  /** Ids of the first of them. */
  readonly samples: readonly number[];
  /** What most of them have in common of what the plan's line looked at. */
  readonly common: Common | null;
}

/** A value that many held rows share: a mapping to decide, or a spelling to list in the definition. */
export interface Common {
  readonly kind: "mapping" | "spelling";
  /** By the name in the definition. */
  readonly name: string;
  readonly value: string | null;
  readonly rows: number;
}

/** Rows that nobody wrote and a person has to look at, grouped by why, the most first. */
export async function heldGroups(db: Database, run: Run): Promise<HeldGroup[]> {
  const groups: HeldGroup[] = [];
  for (const part of partsOf(run.definition)) {
    const found = await db.rows<{ reason: string | null; rows: number; samples: number[] }>(sql`
      select coalesce(d.state_reason, d.planned_reason) as reason, count(*) as rows,
             to_jsonb(trim_array(array_agg(d.staged_id order by d.staged_id), greatest(count(*)::int - 3, 0))) as samples
        from ${raw(decisionsTable(part))} d
       where d.run_id = ${uuid(run.id)} and d.import_state = 'held' group by 1`);
    for (const { reason, rows, samples } of found) {
      const line = planOf(part).find((each) => "hold" in each && each.hold === reason);
      groups.push({
        part: part.part ?? null,
        reason: reason ?? "",
        says: line?.says ?? reason ?? "",
        rows,
        samples,
        common: line === undefined ? null : await commonOf(db, part, run, reason ?? "", line.when),
      });
    }
  }
  return groups.toSorted(
    (one, other) => other.rows - one.rows || one.reason.localeCompare(other.reason),
  );
}

/**
 * What most rows held for a reason share of what its line looks at, directly or by a decision: the reference, or
 * the spelling of a status, that the most of them name.
 */
async function commonOf(
  db: Database,
  part: Migration,
  run: Run,
  reason: string,
  when: Condition,
): Promise<Common | null> {
  const { fields, decide } = part.entity;
  const names = new Set(lookedAt(when));
  for (const name of names) {
    for (const line of decide[name] ?? []) for (const each of lookedAt(line.when)) names.add(each);
  }
  const candidates = [...names].flatMap(
    (name): { kind: Common["kind"]; name: string; column: string }[] => {
      const [column, field] =
        Object.entries(fields).find(
          ([own, { kind, ...rest }]) =>
            own === name || (kind === "reference" && "to" in rest && rest.to === name),
        ) ?? [];
      if (column === undefined || field === undefined) return [];
      if (field.kind === "reference") return [{ kind: "mapping", name: field.to, column }];
      return field.kind === "status" ? [{ kind: "spelling", name: column, column }] : [];
    },
  );
  const found = await Promise.all(
    candidates.map(async ({ kind, name, column }) => {
      const [top] = await db.rows<{ value: string | null; rows: number }>(sql`
        select s.${raw(identifier(column))}::text as value, count(*) as rows
          from ${raw(stagedTable(part))} s
         where s.run_id = ${uuid(run.id)} and s.import_state = 'held'
           and coalesce(s.state_reason, s.planned_reason) = ${reason}
         group by 1 order by 2 desc, 1 limit 1`);
      return top === undefined ? null : { kind, name, ...top };
    }),
  );
  return (
    found
      .filter((each): each is Common => each !== null)
      .toSorted((one, other) => other.rows - one.rows)[0] ?? null
  );
}
