import type { PinnedRows } from "../../compile/pin/look.ts";
import type { PinnedEntity } from "../../compile/pin/pin.ts";
import { stagingTable } from "../../compile/rows.ts";
import { reasonOf, standsAside } from "../../compile/staging/decision-indexes.ts";
import type { Database } from "../../data/database.ts";
import type { Run } from "../../data/runs.ts";
import { raw, type Sql, sql, uuid } from "../../data/sql.ts";
import { type PinnedLook, pinOf } from "../../evidence/pinned.ts";
import { reasonIn } from "../reasons.ts";
import { type Common, commonIn, heldByMost, sharedOf, withName } from "./held-common.ts";
import { sharedKept } from "./kept-counts.ts";

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
  /** What most of them have in common of what the plan's line looked at, or what of the platform refuses most of them. */
  readonly common: Common | null;
}

/** So many reasons of a kind of things are told of, those with the most rows; a definition has some ten. */
export const mostGroups = 100;

/** Rows that nobody wrote and a person has to look at, grouped by why, the most first. */
export async function heldGroups(
  db: Database,
  run: Run,
  { parts }: PinnedLook,
): Promise<HeldGroup[]> {
  const groups = await Promise.all(
    pinOf(run).entities.map(async ({ name, staging }, at): Promise<HeldGroup[]> => {
      const look = parts[at];
      const [found, common] = await Promise.all([
        reasonsOf(db, run, staging.decisions),
        look === undefined ? new Map<string, Common>() : commonOf(db, run, look, staging),
      ]);
      const by = await heldByMost(
        db,
        run,
        staging.decisions,
        found.map(({ reason }) => reason),
      );
      return found.map(({ reason, rows, samples }) => ({
        part: name,
        reason: reason ?? "",
        says: reasonIn(look === undefined ? [] : [look], reason ?? "").says,
        rows,
        samples,
        common: by.get(reason ?? "") ?? common.get(reason ?? "") ?? null,
      }));
    }),
  );
  return groups
    .flat()
    .toSorted((one, other) => other.rows - one.rows || one.reason.localeCompare(other.reason));
}

/** What rows that are held share: as the dry run kept it, where no stage began since. */
async function commonOf(
  db: Database,
  run: Run,
  look: PinnedRows,
  staging: PinnedEntity["staging"],
): Promise<ReadonlyMap<string, Common>> {
  const found = commonIn(
    look,
    (await sharedKept(db, run, look)) ?? (await sharedOf(db, run, look, staging)),
  );
  const named = [...found].map(
    async ([reason, common]) => [reason, await withName(db, run, look, common)] as const,
  );
  return new Map(await Promise.all(named));
}

/**
 * Why rows are held, with how many they are, which is kept as it changes (`schema/020-kept-counts.sql`), and the
 * first three of each, found along the index of reasons.
 */
function reasonsOf(db: Database, run: Run, decisions: string) {
  const reason = raw(reasonOf("d."));
  const first = (which: Sql) => sql`
    (select jsonb_agg(staged_id order by staged_id) from (
       select d.staged_id from ${raw(stagingTable(decisions))} d
        where d.run_id = ${uuid(run.id)} and ${raw(standsAside("d.", "held"))} and ${reason} ${which}
        order by d.staged_id limit 3) few)`;
  return db.rows<{ reason: string | null; rows: number; samples: number[] }>(sql`
    select counted.reason, counted.rows,
           case when counted.reason is null then ${first(sql`is null`)} else ${first(sql`= counted.reason`)} end as samples
      from (select reason, sum(rows)::bigint as rows from wavegate.row_tallies
             where run_id = ${uuid(run.id)} and staging = ${decisions} and import_state = 'held'
             group by 1 having sum(rows) <> 0 order by 2 desc, 1 limit ${mostGroups}) counted`);
}
