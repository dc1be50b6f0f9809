import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compilePin } from "../../lib/compile/pin/pin.ts";
import { balance } from "../../lib/evidence/balance.ts";
import { drill } from "../../lib/stages/drill.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { platformDigest, type TestServices, testServices } from "../support/services.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";

let test: TestServices;
let before: Record<string, string>;
const run = "7f3a0000-0000-4000-8000-000000000125";
const targets = ["crm_leads", "legacy_completed_trainings", "legacy_imported_enrollments"];

beforeAll(async () => {
  test = await testServices();
  before = await platformDigest(test);
  await reviewedRun(test, run);
});
afterAll(() => test.close());

/** From here on every target table hands out the same ids, from one that none has used. */
async function align(): Promise<void> {
  const [{ next }] = (await test.query(
    `select greatest(${targets.map((table) => `(select last_value from ${table}_id_seq)`).join(", ")}) + 1 as next`,
  )) as [{ next: string }];
  for (const table of targets) {
    await test.query(`select setval('${table}_id_seq', $1, false)`, [next]);
  }
}

const ledger = <Row extends Record<string, unknown>>(select: string) =>
  test.query<Row>(
    `select ${select} from wavegate.legacy_import_commit_logs l
       join wavegate.legacy_student_imports s on s.run_id = l.run_id and s.id = l.staged_id
      where l.run_id = $1 and l.rolled_back_at is null`,
    [run],
  );

describe("target tables that hand out the same ids", () => {
  it("W4 R13 every wave of several actions is written whole, each row in one table", async () => {
    let shared = 0;
    for (;;) {
      const step = await nextWave(test.services, run);
      if (step.next === "done") break;
      if (step.next === "ask") await approve(test, run, step.gate);
      if (step.next === "drill") await drill(test.services, run);
      if (step.next === "wave") {
        await align();
        const { verified } = await runWave(test, run, step.wave);
        expect(verified.checks.filter(({ passed }) => !passed)).toEqual([]);
        const [{ n }] = (await test.query(
          `select count(*)::int as n from (select target_id from wavegate.legacy_import_commit_logs
             where run_id = $1 and wave = $2 and action = 'commit' and rolled_back_at is null
             group by 1 having count(*) > 1) twice`,
          [run, step.wave],
        )) as [{ n: number }];
        shared += n;
      }
    }
    expect(shared).toBeGreaterThan(50);
    expect(
      await ledger("count(*)::int as entries, count(distinct l.staged_id)::int as rows"),
    ).toEqual([{ entries: 2433, rows: 2433 }]);
    expect(
      await test.query(
        `select (select count(*)::int from legacy_completed_trainings where legacy_import_run_id = $1) as trainings,
                (select count(*)::int from legacy_imported_enrollments where legacy_import_run_id = $1) as enrolments,
                (select count(*)::int from crm_leads where legacy_import_run_id = $1) as leads`,
        [run],
      ),
    ).toEqual([{ trainings: 1761, enrolments: 102, leads: 518 }]);
  });

  it("W4 W6 each record is its own row's, and every mark names the record of its own table", async () => {
    const [{ wrong }] = (await ledger<{ wrong: number }>(`
      count(*) filter (where not case
        when l.action = 'link' and l.target_table = 'users' then s.imported_user_id = l.target_id and s.imported_lead_id is null
        when l.action = 'link' then s.imported_lead_id = l.target_id and s.imported_user_id is null
        when l.target_table = 'crm_leads' then s.imported_lead_id = l.target_id and s.imported_completed_training_id is null
          and exists (select from crm_leads t where t.id = l.target_id and t.full_name = s.full_name
                         and t.phone is not distinct from s.phone_normalized)
        when l.target_table = 'legacy_completed_trainings' then s.imported_completed_training_id = l.target_id
          and s.imported_enrollment_id is null
          and s.imported_user_id is not distinct from (case when s.link_table = 'users' then s.link_id end)
          and s.imported_lead_id is not distinct from (case when s.link_table = 'crm_leads' then s.link_id end)
          and exists (select from legacy_completed_trainings t where t.id = l.target_id
                         and (t.source_table, t.legacy_id) = (s.source_table, s.legacy_id))
        else s.imported_enrollment_id = l.target_id and s.imported_completed_training_id is null
          and exists (select from legacy_imported_enrollments t where t.id = l.target_id
                         and (t.source_table, t.legacy_id) = (s.source_table, s.legacy_id))
      end)::int as wrong`)) as [{ wrong: number }];
    expect(wrong).toBe(0);
    const states = await balance(test.services.stage, compilePin(test.definition), run);
    expect(states).toMatchObject({ committed: 2381, linked: 52, holds: true });
    expect((await finalVerify(test.services, run)).passed).toBe(true);
  });

  it("M7 D28 a user and a lead of one id are two people: the hint and the link name the table", async () => {
    const shared = await test.query(
      `select h.target_table, count(*)::int as n from wavegate.duplicate_hints h
        where h.run_id = $1 and h.level = 'high' and exists (select from users u where u.id = h.target_id)
          and exists (select from crm_leads c where c.id = h.target_id) group by 1 order by 1`,
      [run],
    );
    expect(shared.map(({ target_table }) => target_table)).toEqual(["crm_leads", "users"]);
    const [{ wrong }] = (await test.query(
      `select count(*)::int as wrong from wavegate.legacy_student_imports s
        where s.run_id = $1 and s.link_id is not null and not exists (
          select from wavegate.duplicate_hints h where h.run_id = s.run_id and h.staged_id = s.id
             and h.level = 'high' and h.target_table = s.link_table and h.target_id = s.link_id)`,
      [run],
    )) as [{ wrong: number }];
    expect(wrong).toBe(0);
  });

  it("M12 R17 a rollback takes back exactly what the ledger names, table by table", async () => {
    const { outcome, waves } = await rollback(test.services, run);
    expect(outcome).toBe("rolled_back");
    expect(waves.every(({ spared, gone }) => spared === 0 && gone === 0)).toBe(true);
    expect(await platformDigest(test)).toEqual(before);
  });
});
