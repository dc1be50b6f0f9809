import { broken } from "../../campaign/proofs.ts";
import { findRun } from "../../lib/data/runs.ts";
import { digestOfParts } from "../../lib/evidence/review-digest.ts";
import { partsNow } from "../../lib/review/digest/digest.ts";
import { erasable } from "../../lib/review/steer/erase.ts";
import type { TestServices } from "../support/services.ts";

/** What must hold of a run whenever nothing is under way: each line names what does not. */
export async function whatDoesNotHold(test: TestServices, run: string): Promise<string[]> {
  const found = await findRun(test.services.stage, run);
  const wrong =
    found.erased_at === null
      ? await broken(
          { query: async (text, values) => ({ rows: await test.query(text, values) }) as never },
          run,
        )
      : [];
  for (const [says, text] of Object.entries(never)) {
    const rows = await test.query(text, [run]);
    if (rows.length > 0) wrong.push(`${says}: ${JSON.stringify(rows.slice(0, 3))}`);
  }
  if (found.stage === "export-review" && found.erased_at === null) {
    const parts = await partsNow(test.services.stage, found.definition, found);
    const [shown] = await test.query<{ digest: string }>(
      "select digest from wavegate.dry_runs where run_id = $1 order by created_at desc limit 1",
      [run],
    );
    if (shown?.digest !== digestOfParts(parts))
      wrong.push("it is not what the newest dry run showed");
    if (parts.export === null) wrong.push("it is reviewed, and was not exported");
  }
  if (found.erased_at !== null) {
    const left = await erasable(test.operator, found);
    if (Object.values(left).some((n) => n > 0)) wrong.push(`left behind: ${JSON.stringify(left)}`);
  }
  return wrong;
}

/** Nothing of this is ever found. */
const never: Readonly<Record<string, string>> = {
  "waves that are not what the ledger says": `
    select w.wave, w.status, w.counts ->> 'picked' as picked, l.standing from wavegate.waves w
      cross join lateral (select count(*) filter (where l.rolled_back_at is null) as standing
                            from wavegate.legacy_import_commit_logs l where l.run_id = w.run_id and l.wave = w.wave) l
     where w.run_id = $1
       and l.standing <> case when w.status = 'rolled_back' then 0 else (w.counts ->> 'picked')::int end`,
  "ledger entries without a wave": `
    select l.wave from wavegate.legacy_import_commit_logs l where l.run_id = $1 and not exists (
      select from wavegate.waves w where w.run_id = l.run_id and w.wave = l.wave)`,
  "something standing of a run that was taken back": `
    select r.status from wavegate.legacy_import_runs r where r.id = $1 and r.status = 'rolled_back' and (
      exists (select from wavegate.legacy_import_commit_logs l where l.run_id = r.id and l.rolled_back_at is null)
      or exists (select from wavegate.sign_offs s where s.run_id = r.id and s.status in ('approved', 'pending'))
      or exists (select from wavegate.drills d where d.run_id = r.id)
      or exists (select from wavegate.drill_rounds d where d.run_id = r.id)
      or exists (select from wavegate.commit_locks c where c.run_id = r.id))`,
  "a complete run that still has something to write, or holds the lock": `
    select r.status from wavegate.legacy_import_runs r where r.id = $1 and r.status = 'completed' and (
      exists (select from wavegate.legacy_student_imports s where s.run_id = r.id and s.planned in ('commit', 'link')
                 and s.import_state in ('pending', 'rolled_back'))
      or exists (select from wavegate.waves w where w.run_id = r.id and w.status <> 'verified')
      or exists (select from wavegate.commit_locks c where c.run_id = r.id))`,
  "questions that are open about rows that are judged anew": `
    select s.gate from wavegate.sign_offs s join wavegate.legacy_import_runs r on r.id = s.run_id
     where r.id = $1 and s.status = 'pending' and r.stage <> 'export-review'`,
  "rows that a person holds and a wave wrote, or may write": `
    select s.id, s.import_state from wavegate.legacy_student_imports s
      join wavegate.held_rows h on h.run_id = s.run_id and h.staged_id = s.id
     where s.run_id = $1 and s.planned in ('commit', 'link') and s.import_state <> 'held'`,
  "a certificate without a wave that stands": `
    select d.passed from wavegate.drills d where d.run_id = $1 and d.passed and not exists (
      select from wavegate.waves w where w.run_id = d.run_id and w.wave = 1 and w.status <> 'rolled_back')`,
  "a later wave without a certificate": `
    select w.wave from wavegate.waves w where w.run_id = $1 and w.wave > 1 and w.status <> 'rolled_back'
       and not exists (select from wavegate.drills d where d.run_id = w.run_id and d.passed)`,
  "a question that was decided twice": `
    select details ->> 'signOff' as id from wavegate.audit_log
     where run_id = $1 and action in ('sign-off-approved', 'sign-off-rejected') group by 1 having count(*) > 1`,
  "a wave that stands on no approval": `
    select w.wave from wavegate.waves w join wavegate.sign_offs s on s.id = w.sign_off_id
     where w.run_id = $1 and w.status <> 'rolled_back' and s.status <> 'approved'
       -- Or what stands was signed for anew, as a rollback that never came to it withdrew that.
       and not exists (select from wavegate.sign_offs a where a.run_id = w.run_id and a.gate = 'first_wave'
                        and a.status = 'approved' and a.decided_at > w.committed_at)`,
  "ranges that overlap or leave something out": `
    select a.n from wavegate.import_ranges a join wavegate.import_ranges b
        on b.run_id = a.run_id and b.source_table = a.source_table and b.n = a.n + 1
     where a.run_id = $1 and b.after_key is distinct from a.up_to_key`,
  "staged rows about which nothing was decided": `
    select s.id from wavegate.legacy_student_imports_source s join wavegate.legacy_import_runs r on r.id = s.run_id
     where r.id = $1 and r.stage not in ('preflight', 'import') and not exists (
       select from wavegate.legacy_student_imports_decisions d where d.run_id = s.run_id and d.staged_id = s.id)`,
  "as many rows as were read": `
    select r.counts from wavegate.legacy_import_runs r where r.id = $1 and r.stage <> 'preflight'
       and (r.counts ->> 'staged_rows')::bigint <> (
         select count(*) from wavegate.legacy_student_imports_source s where s.run_id = r.id)`,
};
