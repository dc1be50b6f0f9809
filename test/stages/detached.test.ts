import { afterEach, expect, it } from "vitest";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { verify } from "../../lib/stages/verify.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import {
  agedReviewedServices,
  reviewed as run,
  setUpAgain,
  type TestServices,
} from "../support/services.ts";
import { approve, refusal, runWave } from "../support/steps.ts";

let test: TestServices;
afterEach(() => test.close());

const table = "legacy_completed_trainings";
const own = "trainings_own";

/** The platform keeps its trainings in partitions, and a wave wrote into them. */
async function parted(): Promise<void> {
  test = await agedReviewedServices();
  const [{ source } = { source: "" }] = await test.query<{ source: string }>(
    `select source_table as source from wavegate.legacy_student_imports
      where planned = 'commit' and classification = 'completed' order by id limit 1`,
  );
  await test.query(`alter table ${table} rename to trainings_before`);
  await test.query(
    `create table ${table} (like trainings_before including defaults including identity) partition by list (source_table)`,
  );
  await test.query("drop table trainings_before cascade");
  await test.query(`create table ${own} partition of ${table} for values in ('${source}')`);
  await test.query(`create table "trainings of others" partition of ${table} default`);
  await setUpAgain(test, ecoin);
  await approve(test, run, "first_wave");
  await runWave(test, run, 1);
}

/** Where a wave's rows lie is kept beside what is read of it; and as much as of a table of two thousand partitions is read by nobody. */
async function keepsManyParts(rows: number): Promise<void> {
  const kept = await test.query(
    `select counts ? 'parts' as told, jsonb_object_keys(parts) as of,
            jsonb_path_query_array(parts, '$.*[*].name') as names, jsonb_path_query_array(parts, '$.*[*].rows') as rows from wavegate.waves`,
  );
  expect(kept).toEqual([
    {
      ...{ told: false, of: table },
      names: rows < 25 ? expect.arrayContaining([own, '"trainings of others"']) : [own],
      rows: rows < 25 ? expect.arrayContaining([rows, 25 - rows]) : [25],
    },
  ]);
  await test.query(
    `update wavegate.waves set parts = jsonb_set(parts, '{${table}}', parts -> '${table}' || (
       select jsonb_agg(jsonb_build_object('of', 0, 'name', 'a_partition_that_was_dropped_long_ago_' || n, 'rows', 1)) from generate_series(1, 2000) n))`,
  );
  expect(await verify(test.services, run, 1)).toMatchObject({ passed: true });
}

const rows = async (of: string) =>
  (await test.query<{ n: number }>(`select count(*)::int as n from ${of}`))[0]?.n ?? 0;

it("D16 R13 R14 rows in a partition that is detached are there, and nothing says that they are gone: a rollback goes on when it is attached again", async () => {
  await parted();
  const before = await rows(own);
  expect(before).toBeGreaterThan(0);
  await keepsManyParts(before);
  await test.query(`alter table ${table} detach partition ${own}`);
  // As loaded from a dump, it has another number.
  await test.query(`create table copied (like ${own} including all); insert into copied select * from ${own};
    drop table ${own}; alter table copied rename to ${own}`);
  for (const act of [verify, previewRollback])
    expect(await refusal(act(test.services, run, 1))).toBe("TargetGone");
  await expect(rollback(test.services, run)).rejects.toMatchObject({
    name: "TargetGone",
    message: expect.stringContaining(
      `wrote into ${table} lie in ${own}, which the platform detached since. Nothing was changed; attach it again`,
    ),
  });
  expect(await rows(own)).toBe(before);
  const [source] = await test.query<{ name: string }>(
    `select source_table as name from ${own} limit 1`,
  );
  await test.query(
    `alter table ${table} attach partition ${own} for values in ('${source?.name}')`,
  );
  expect(await rollback(test.services, run)).toMatchObject({
    outcome: "rolled_back",
    waves: [{ entries: 25, undone: 25, gone: 0, spared: 0 }],
  });
  expect(await rows(table)).toBe(0);
});

it("D16 a partition that was renamed and detached is known, one with no row of the wave in it is nothing to it, and dropped its rows are gone", async () => {
  await parted();
  const before = await rows(own);
  await test.query(`create table empty partition of ${table} for values in ('none')`);
  await test.query(`alter table ${table} detach partition empty`);
  expect(await verify(test.services, run, 1)).toMatchObject({ passed: true });
  await test.query(`alter table ${table} detach partition ${own}`);
  await test.query(`alter table ${own} rename to archived`);
  await expect(rollback(test.services, run)).rejects.toMatchObject({
    name: "TargetGone",
    message: expect.stringContaining("lie in archived, which"),
  });
  // Moved back by hand they are found, whatever lies elsewhere.
  await test.query("begin");
  await test.query(`insert into ${table} overriding system value select * from archived`);
  await test.query("commit");
  expect(await verify(test.services, run, 1)).toMatchObject({ passed: true });
  await test.query(
    `delete from ${table} where source_table in (select source_table from archived)`,
  );
  await test.query("drop table archived");
  expect(await rollback(test.services, run)).toMatchObject({
    outcome: "rolled_back",
    waves: [{ entries: 25, undone: 25, gone: before }],
  });
});
