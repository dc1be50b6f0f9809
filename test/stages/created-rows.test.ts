import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { raw } from "../../lib/data/sql.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";

let test: TestServices;
const run = "7f3a0000-0000-4000-8000-0000000000c4";

beforeAll(async () => {
  test = await testServices();
  await reviewedRun(test, run);
  await approve(test, run, "first_wave");
  await runWave(test, run, 1);
});
afterAll(() => test.close());

const commit = () => test.services.commitOf("ecoin");

/** An entry of the ledger that names a row as if the run had created it. */
const forged = (table: string, id: string, staged = 1) =>
  raw(`
  insert into wavegate.legacy_import_commit_logs
    (run_id, wave, round, staged_id, action, target_table, target_id, after_image)
  select '${run}', 1, 77, ${staged}, 'commit', '${table}', t.id, to_jsonb(t) from ${table} t where ${id}`);

const platforms = async () =>
  test.query<{ n: number }>("select count(*)::int as n from crm_leads where source <> 'legacy'");

describe("D19 M12 an entry of the ledger names only a row that this very transaction created", () => {
  it.each([
    ["leads of the platform's, one", forged("crm_leads", "t.id = (select min(id) from crm_leads)")],
    [
      "of a row that its own earlier transaction wrote",
      forged("legacy_completed_trainings", "true limit 1"),
    ],
    ["of a table that it writes nothing of", forged("users", "t.id = 1")],
  ])("an entry that names %s is refused", async (_what, statement) => {
    const before = await platforms();
    await expect(commit().execute(statement)).rejects.toThrow(/SQLState: 23000/);
    expect(await platforms()).toEqual(before);
  });

  it("an entry beside one that is true is refused with it", async () => {
    const attempt = commit().transaction(async (db) => {
      await db.execute(
        raw("insert into crm_leads (full_name, source) values ('Made here', 'legacy')"),
      );
      await db.execute(forged("crm_leads", "t.full_name = 'Made here'", 1));
      await db.execute(forged("crm_leads", "t.source <> 'legacy' limit 1", 2));
    });
    await expect(attempt).rejects.toThrow(/SQLState: 23000/);
    expect(await test.query("select from crm_leads where full_name = 'Made here'")).toEqual([]);
  });

  it("and the run's own rollback takes back what it wrote", async () => {
    const before = await platforms();
    expect((await rollback(test.services, run)).outcome).toBe("rolled_back");
    expect(await test.query("select from legacy_completed_trainings")).toEqual([]);
    expect(await platforms()).toEqual(before);
  });
});
