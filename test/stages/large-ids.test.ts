import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rollback } from "../../lib/stages/rollback.ts";
import { platformDigest, type TestServices, testServices } from "../support/services.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";

let test: TestServices;
const run = "7f3a0000-0000-4000-8000-0000000000b1";
/** What a platform has that makes ids of moments and machines: far above 2^53, and odd. */
const first = "9007199254740993";

beforeAll(async () => {
  test = await testServices();
  for (const table of [
    "crm_leads",
    "legacy_completed_trainings",
    "legacy_imported_enrollments",
    "users",
  ]) {
    await test.query(`select setval(pg_get_serial_sequence('${table}', 'id'), ${first}, false)`);
  }
});
afterAll(() => test.close());

describe("W13 a platform whose ids are above 2^53", () => {
  let before: Record<string, string>;

  it("gets its first wave, and the ledger says each id to the last digit", async () => {
    before = await platformDigest(test);
    await reviewedRun(test, run);
    await approve(test, run, "first_wave");
    const { verified } = await runWave(test, run, 1);
    expect(verified.passed).toBe(true);
    const ids = await test.query<{ id: string }>(
      "select target_id::text as id from wavegate.legacy_import_commit_logs where target_id is not null order by target_id",
    );
    expect(ids.map(({ id }) => id)).toEqual(
      Array.from({ length: 25 }, (_, n) => (BigInt(first) + BigInt(n)).toString()),
    );
  });

  it("D16 a rollback spares the very row that somebody edited, and names it exactly", async () => {
    const edited = "9007199254740995";
    await test.query(
      `update legacy_completed_trainings set full_name = 'Somebody Else' where id = ${edited}`,
    );
    const [wave] = (await rollback(test.services, run)).waves;
    expect(wave).toMatchObject({
      undone: 24,
      spared: 1,
      conflicts: [{ table: "legacy_completed_trainings", id: edited }],
    });
    const left = await test.query(
      "select id::text from legacy_completed_trainings where id >= $1",
      [first],
    );
    expect(left).toEqual([{ id: edited }]);
    await test.query(`delete from legacy_completed_trainings where id = ${edited}`);
    expect(await platformDigest(test)).toEqual(before);
  });
});
