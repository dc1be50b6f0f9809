import { copiesLeft } from "../../compile/wave/file-copies.ts";
import type { Database } from "../../data/database.ts";
import type { Run } from "../../data/runs.ts";
import { raw, type Sql, sql, text, timestamp } from "../../data/sql.ts";

/** A run as a list shows it. */
export interface ListedRun {
  readonly id: string;
  readonly reference: string;
  readonly migration: string;
  readonly status: string;
  readonly control: string;
  readonly stage: string;
  readonly preflight: Run["preflight"];
  readonly started_by: string | null;
  /** ISO 8601. */
  readonly created_at: string;
  readonly pending_gate: string | null;
  /** As of a standing: nobody answered the newest question in time. */
  readonly unanswered: boolean;
  /** As of a standing: why the newest question was withdrawn. */
  readonly withdrawn: string | null;
  readonly written: boolean;
  /** Copies of files that a rollback has begun to take away. */
  readonly copies_left: number;
  readonly erased_at: string | null;
  readonly erased_rows: number | null;
  /** Rows by what is planned for them or was done with them; null before they were read. */
  readonly rows: {
    readonly staged: number;
    readonly committed: number;
    readonly linked: number;
    readonly held: number;
    readonly skipped: number;
    readonly failed: number;
    /** Of waves that were taken back, without what was spared of them. */
    readonly rolled_back: number;
    /** What was spared of those: it stands still. */
    readonly spared: number;
  } | null;
}

/** Which runs are listed. */
export interface RunFilter {
  readonly status?: string | undefined;
  readonly migration?: string | undefined;
  /** Only those begun before this one (a reference): how pages follow each other. */
  readonly before?: string | undefined;
}

/**
 * Before which run the page begins that is shown before the one behind `before`; undefined where that is the first.
 *
 * @param size runs of a page
 */
export async function laterRuns(
  db: Database,
  filter: RunFilter,
  size: number,
): Promise<string | undefined> {
  const [found] = await db.rows<{ reference: string }>(sql`
    select r.reference from wavegate.legacy_import_runs r
     where ${narrowed(filter)}
       and (r.created_at, r.id) >= (select b.created_at, b.id from wavegate.legacy_import_runs b
                                     where b.reference = ${text(filter.before ?? null)})
     order by r.created_at, r.id offset ${size} limit 1`);
  return found?.reference;
}

/** Runs of a status and a migration, where they are asked for. */
const narrowed = ({ status, migration }: RunFilter): Sql => sql`
  (${text(status ?? null)} is null or r.status = ${text(status ?? null)})
  and (${text(migration ?? null)} is null or r.migration = ${text(migration ?? null)})`;

/**
 * A number that a role noted of one run, or null: a list of all runs is to be seen by everybody, whatever one migration's
 * role writes of its own.
 */
const figure = (noted: string): Sql =>
  raw(`case when ${noted} ~ '^[0-9]{1,15}$' then (${noted})::bigint end`);

/**
 * Runs, the latest first. How their rows stand is told by the waves and the latest dry run, which is a few rows
 * for each run however many it staged; one run's own page counts them.
 *
 * @param now what a sign-off that is out of date is told by
 */
export const listRuns = (
  db: Database,
  filter: RunFilter,
  limit: number,
  now: Date,
): Promise<ListedRun[]> =>
  db.rows<ListedRun>(sql`
    select r.id::text as id, r.reference, r.migration, r.status, r.control, r.stage, jsonb_build_object('passed', r.preflight -> 'passed') as preflight, r.started_by,
           to_char(r.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at,
           (select s.gate from wavegate.sign_offs s
             where s.run_id = r.id and s.status = 'pending' and s.expires_at > ${timestamp(now.toISOString())}
             order by s.asked_order desc limit 1) as pending_gate,
           coalesce((select s.status = 'pending' and s.expires_at <= ${timestamp(now.toISOString())} from wavegate.sign_offs s
             where s.run_id = r.id order by s.asked_order desc limit 1), false) as unanswered,
           (select case when s.status = 'voided' then s.void_because end from wavegate.sign_offs s
             where s.run_id = r.id order by s.asked_order desc limit 1) as withdrawn,
           exists (select from wavegate.waves w where w.run_id = r.id) as written, ${copiesLeft} as copies_left,
           r.erased_at::text as erased_at, r.erased_rows,
           case when r.counts ->> 'staged_rows' is not null then jsonb_build_object(
             'staged', ${figure("r.counts ->> 'staged_rows'")},
             'committed', coalesce(w.committed, 0), 'linked', coalesce(w.linked, 0),
             'held', coalesce(${figure("d.plan ->> 'hold'")}, 0) + coalesce(w.held_back, 0),
             'skipped', coalesce(${figure("d.plan ->> 'skip'")}, 0),
             'failed', coalesce(${figure("d.plan ->> 'fail'")}, 0),
             'rolled_back', greatest(0, coalesce(w.rolled_back, 0)), 'spared', coalesce(w.spared, 0)) end as rows
      from wavegate.legacy_import_runs r
      left join lateral (
             select sum(committed) filter (where stands)::bigint as committed,
                    sum(linked) filter (where stands)::bigint as linked,
                    sum(held_back) filter (where stands)::bigint as held_back,
                    sum(spared) filter (where not stands)::bigint as spared,
                    sum(coalesce(committed, 0) + coalesce(linked, 0) - coalesce(spared, 0)) filter (where not stands)::bigint as rolled_back
               from (select status <> 'rolled_back' as stands, ${figure("counts ->> 'committed'")} as committed,
                            ${figure("counts ->> 'linked'")} as linked, ${figure("counts ->> 'heldBack'")} as held_back,
                            ${figure("counts -> 'rolledBack' ->> 'spared'")} as spared
                       from wavegate.waves where run_id = r.id) each_wave) w on true
      left join lateral (
             select report -> 'plan' as plan from wavegate.dry_runs
              where run_id = r.id order by created_at desc limit 1) d on true
     where ${narrowed(filter)}
       and (${text(filter.before ?? null)} is null
            or (r.created_at, r.id) < (select b.created_at, b.id from wavegate.legacy_import_runs b
                                        where b.reference = ${text(filter.before ?? null)}))
     order by r.created_at desc, r.id desc limit ${limit}`);
