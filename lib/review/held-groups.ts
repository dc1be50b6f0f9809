import type { PinnedCommon, PinnedRows } from "../compile/pin-look.ts";
import { stagingTable } from "../compile/rows.ts";
import type { Database } from "../data/database.ts";
import type { Run } from "../data/runs.ts";
import { identifier, raw, sql, uuid } from "../data/sql.ts";
import { lookOf, pinOf } from "../evidence/pinned.ts";
import { words } from "../services/words.ts";
import { wordOrShape } from "./shape.ts";

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
  const { parts } = await lookOf(db, run);
  for (const [at, { name, staging }] of pinOf(run).entities.entries()) {
    const found = await db.rows<{ reason: string | null; rows: number; samples: number[] }>(sql`
      select coalesce(d.state_reason, d.planned_reason) as reason, count(*) as rows,
             to_jsonb(trim_array(array_agg(d.staged_id order by d.staged_id), greatest(count(*)::int - 3, 0))) as samples
        from ${raw(stagingTable(staging.decisions))} d
       where d.run_id = ${uuid(run.id)} and d.import_state = 'held' group by 1`);
    for (const { reason, rows, samples } of found) {
      const look = parts[at];
      groups.push({
        part: name,
        reason: reason ?? "",
        says: look?.reasons[reason ?? ""]?.says ?? words(reason ?? ""),
        rows,
        samples,
        common: look === undefined ? null : await commonOf(db, look, run, reason ?? ""),
      });
    }
  }
  return groups.toSorted(
    (one, other) => other.rows - one.rows || one.reason.localeCompare(other.reason),
  );
}

/** The reference, or the spelling of a status, that the most rows held for a reason share. */
async function commonOf(
  db: Database,
  { rows: view, common }: PinnedRows,
  run: Run,
  reason: string,
): Promise<Common | null> {
  const found = await Promise.all(
    (Object.hasOwn(common, reason) ? (common[reason] ?? []) : []).map(
      async ({ kind, name, column }: PinnedCommon): Promise<Common | null> => {
        const [top] = await db.rows<{ value: string | null; rows: number }>(sql`
        select s.${raw(identifier(column))}::text as value, count(*) as rows
          from ${raw(stagingTable(view))} s
         where s.run_id = ${uuid(run.id)} and s.import_state = 'held'
           and coalesce(s.state_reason, s.planned_reason) = ${reason}
         group by 1 order by 2 desc, 1 limit 1`);
        if (top === undefined) return null;
        // A status may be about a person, where columns have moved: then its shape says enough (M14).
        const value =
          kind === "spelling" && top.value !== null ? wordOrShape(top.value, null) : top.value;
        return { kind, name, value, rows: top.rows };
      },
    ),
  );
  return (
    found
      .filter((each): each is Common => each !== null)
      .toSorted((one, other) => other.rows - one.rows)[0] ?? null
  );
}
