import type { Database } from "../../data/database.ts";
import { findRun, type Run } from "../../data/runs.ts";
import { sql, uuid } from "../../data/sql.ts";
import { pinOf } from "../../evidence/pinned.ts";
import { Refusal } from "../../services/errors.ts";
import { drillStands } from "./drill-stands.ts";

/** One of the items (R18), computed from evidence. */
interface GoNoGoItem {
  readonly id: string;
  readonly says: string;
  readonly holds: boolean;
  /** Whether there is evidence to judge it by; without any it is neither met nor failed yet. */
  readonly judged: boolean;
}

/** The items; one that does not hold makes the run “not ready”. */
export interface GoNoGo {
  readonly ready: boolean;
  readonly items: readonly GoNoGoItem[];
}

/** Computes the go/no-go list of a run (R18) from what is stored, never from what somebody says. */
export async function goNoGo(db: Database, opened: string | Run): Promise<GoNoGo> {
  const run = await runOf(db, opened);
  const [list, evidence] = await Promise.all([listOf(db, run), evidenceOf(db, run.id)]);
  const items = list.map((item) => ({ ...item, judged: item.holds || evidence[item.id] === true }));
  return { ready: items.every(({ holds }) => holds), items };
}

const runOf = async (db: Database, opened: string | Run): Promise<Run> =>
  typeof opened === "string" ? await findRun(db, opened) : opened;

/** The items, and whether each holds. */
async function listOf(db: Database, run: Run): Promise<readonly Omit<GoNoGoItem, "judged">[]> {
  const listed = pinOf(run).items;
  const { of } = listed.find((item) => item.id === "sample_approved") ?? {};
  const asked = of === undefined ? sql`true` : sql`bucket = ${of}`;
  const facts = await db.one<Record<string, boolean>>(sql`
    with signed as (
      select from wavegate.sign_offs
       where run_id = ${uuid(run.id)} and gate = 'first_wave' and status = 'approved'),
    sampled as (
      select count(*) filter (where verdict is null) as open,
             count(*) filter (where verdict = 'wrong') as wrong,
             count(*) filter (where ${asked} and verdict = 'right') as right_asked,
             count(*) filter (where ${asked}) as drawn_asked,
             exists (select from wavegate.dry_runs d where d.run_id = ${uuid(run.id)}) as drawn
        from wavegate.samples m
       where m.run_id = ${uuid(run.id)}
         and m.digest = (select digest from wavegate.dry_runs d where d.run_id = ${uuid(run.id)}
                          order by created_at desc limit 1)),
    newest as (
      select parts from wavegate.sign_offs where run_id = ${uuid(run.id)} and status = 'approved'
       order by decided_order desc limit 1),
    overridden as (
      select from wavegate.sign_offs
       where run_id = ${uuid(run.id)} and override_stops @> '["sample_judged_wrong"]'
         and status <> 'rejected' and exists (select from signed)),
    first as (select * from wavegate.waves where run_id = ${uuid(run.id)} and wave = 1),
    checks as (
      select c ->> 'id' as id, bool_and((c ->> 'passed')::boolean) as passed
        from wavegate.waves w cross join lateral jsonb_array_elements(w.verification) c
       where w.run_id = ${uuid(run.id)} and w.status <> 'rolled_back' group by 1)
    select coalesce((select (preflight ->> 'passed')::boolean from wavegate.legacy_import_runs
                      where id = ${uuid(run.id)}), false) as connection_verified,
           exists (select from signed) as dry_run_reviewed,
           coalesce((select open = 0 and (wrong = 0 or exists (select from overridden))
                            -- Where the source has no such row the sample is recorded as empty, and nothing is missing (R9).
                            and drawn and (right_asked > 0 or drawn_asked = 0) from sampled), false) as sample_approved,
           coalesce((select drawn and drawn_asked = 0 from sampled), false) as sample_empty,
           coalesce((select mappings_reviewed from (
             select (s.parts ->> 'mappings') = (d.parts ->> 'mappings') as mappings_reviewed
               from newest s, wavegate.dry_runs d where d.run_id = ${uuid(run.id)}
              order by d.created_at desc limit 1) m), false) as mappings_reviewed,
           coalesce((select status = 'verified' from first), false) as first_batch_passed,
           ${drillStands(run.id)} as drill_passed,
           coalesce((select passed from checks where id = 'logs_written'), false) as logs_correct,
           coalesce((select bool_and(passed) from checks
                      where id like '%\\_untouched'), false) as no_mutations`);
  return listed.map(({ id, says, empty }) => ({
    id,
    says: id === "sample_approved" && facts.sample_empty === true ? (empty ?? says) : says,
    holds: facts[id] === true,
  }));
}

/** For which items there is something to judge by. */
const evidenceOf = (db: Database, run: string): Promise<Record<string, boolean>> =>
  db.one<Record<string, boolean>>(sql`
    with decided as (
      select status from wavegate.sign_offs
       where run_id = ${uuid(run)} and gate = 'first_wave' and status in ('approved', 'rejected')),
    sampled as (
      select count(*) as drawn, count(*) filter (where verdict is null) as open,
             count(*) filter (where verdict = 'wrong') as wrong
        from wavegate.samples m
       where m.run_id = ${uuid(run)}
         and m.digest = (select digest from wavegate.dry_runs d where d.run_id = ${uuid(run)}
                          order by created_at desc limit 1)),
    verified as (
      select * from wavegate.waves
       where run_id = ${uuid(run)} and verification is not null and status <> 'rolled_back')
    select exists (select from wavegate.legacy_import_runs
                    where id = ${uuid(run)} and preflight ->> 'passed' is not null) as connection_verified,
           exists (select from decided) as dry_run_reviewed,
           (select wrong > 0 or (drawn > 0 and open = 0) from sampled) as sample_approved,
           exists (select from decided where status = 'approved') as mappings_reviewed,
           exists (select from verified where wave = 1) as first_batch_passed,
           exists (select from wavegate.drills where run_id = ${uuid(run)} and not passed) or ${drillStands(run)} as drill_passed,
           exists (select from verified) as logs_correct,
           exists (select from verified) as no_mutations`);

/** Refuses to scale up a run that is not ready (R14, R18). */
export async function requireReady(db: Database, run: string | Run): Promise<void> {
  const open = (await listOf(db, await runOf(db, run))).filter(({ holds }) => !holds);
  if (open.length > 0) throw notReady(open.map(({ says }) => says));
}

/**
 * The certificate once more, by {@link drillStands} in the wave's own transaction: the list was computed before it, and what else is
 * on it is bound by the approval and the waves that are looked at there (R14).
 */
export function requireDrilled({ drilled }: { readonly drilled: boolean }): void {
  if (!drilled) throw notReady(["The rollback drill passed."]);
}

const notReady = (open: readonly string[]): Refusal =>
  new Refusal(
    "NotReady",
    `The run is not ready to scale up; this does not hold: ${open.join(" ")} Nothing was written.`,
  );
