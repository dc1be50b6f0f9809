import { afterEach, expect, it } from "vitest";
import { kept } from "../../lib/define/builders.ts";
import { resume } from "../../lib/review/steer/control.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { reviewExport } from "../../lib/stages/export-review.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { verify } from "../../lib/stages/verify.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { csvServices } from "../support/csv-services.ts";
import {
  reviewedServices,
  reviewed as run,
  setUpAgain,
  type TestServices,
  waveOneServices,
} from "../support/services.ts";
import { small } from "../support/small.ts";
import { approve, judgeAll, refusal, reviewedRun, runWave, toTheEnd } from "../support/steps.ts";

let test: TestServices;
afterEach(() => test.close());

const table = "legacy_completed_trainings";
const own = "trainings_own";

/** The platform keeps its trainings in partitions, and a wave wrote into them. */
async function parted(): Promise<void> {
  test = await reviewedServices();
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
  // That it is another table was looked at.
  await dryRun(test.services, run);
  await reviewExport(test.services, run);
  await judgeAll(test, run);
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

/** Rows of a part that is attached with keys of the wave's are not told from them: neither are taken away, until they have others. */
async function strangersWithKeys(): Promise<void> {
  const { hostname, port, pathname, username, password } = new URL(test.url);
  await test.query(`create table lent (like ${table});
    insert into lent select * from ${table} order by id limit 2;
    update lent set source_table = 'lent';
    create extension postgres_fdw;
    create server elsewhere foreign data wrapper postgres_fdw options (host '${hostname}', port '${port}', dbname '${pathname.slice(1)}');
    create user mapping for public server elsewhere options (user '${username}', password '${password}', password_required 'false')`);
  const parts = [
    `alter table ${table} attach partition lent for values in ('lent')`,
    `create foreign table far partition of ${table} for values in ('lent') server elsewhere options (table_name 'lent')`,
  ];
  for (const attach of parts) {
    await test.query(attach);
    expect(await verify(test.services, run, 1)).toMatchObject({ passed: true });
    expect(await refusal(previewRollback(test.services, run))).toBe("KeyNamesSeveral");
    await expect(rollback(test.services, run)).rejects.toMatchObject({
      name: "KeyNamesSeveral",
      message: expect.stringMatching(
        /^Other rows of legacy_completed_trainings .* wrote, .*: 2 in all, and \d+ is the first\. Nothing was changed/,
      ),
    });
    expect(await rows(table)).toBe(27);
    const [, part] = /(lent|far) (?:for|partition)/.exec(attach) ?? [];
    await test.query(`alter table ${table} detach partition ${part}`);
  }
  // Under keys of their own they are none of it.
  await test.query("update lent set id = id + 1000000");
  await test.query(`alter table ${table} attach partition far for values in ('lent')`);
  expect(await previewRollback(test.services, run)).toMatchObject({
    waves: [{ undone: 25, spared: 0 }],
  });
}

const rows = async (of: string) =>
  (await test.query<{ n: number }>(`select count(*)::int as n from ${of}`))[0]?.n ?? 0;

it("D16 B1 R13 R14 rows in a partition that is detached are there, and nothing says that they are gone; those of one that is attached with keys of theirs are not taken for them: a rollback goes on when it is attached, or detached, again", async () => {
  await parted();
  const before = await rows(own);
  expect(before).toBeGreaterThan(0);
  await keepsManyParts(before);
  await strangersWithKeys();
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
  // Those of the part that lies elsewhere stay.
  expect(await rows(table)).toBe(2);
  // Written again under the same keys, each row is counted once.
  await test.query(`alter table ${table} detach partition far`);
  await test.query(`alter table ${table} alter column id restart with 1`);
  await resume(test.services.sign, run, "operator");
  await approve(test, run, "first_wave");
  await runWave(test, run, 1);
  expect(
    await test.query(
      `select w.round, sum((e ->> 'rows')::int)::int as rows
         from wavegate.waves w, jsonb_path_query(w.parts, '$.*[*]') e where w.run_id = $1 group by 1`,
      [run],
    ),
  ).toEqual([{ round: 2, rows: 25 }]);
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

it("D16 R13 a table that inherits a target has keys of its own: where they are the wave's too, nothing is taken back until it is apart", async () => {
  test = await waveOneServices();
  await test.query(`create table older () inherits (${table});
    insert into older select * from ${table} where legacy_import_run_id = '${run}' order by id limit 1`);
  for (const act of [previewRollback, rollback])
    expect(await refusal(act(test.services, run, 1))).toBe("KeyNamesSeveral");
  await test.query(`alter table older no inherit ${table}`);
  expect(await rollback(test.services, run)).toMatchObject({
    outcome: "rolled_back",
    waves: [{ undone: 25, spared: 0 }],
  });
  expect(await rows("older")).toBe(1);
});

it("D20 W14 a key with an address in it that such a table has too is told by its digest", async () => {
  const migration = small("addressed_keys", "no", { id: kept({ id: "word" }) });
  test = await csvServices(migration, "create table things (id text primary key, word text)", {
    things: ["no,word", "1,zoe@quartermain.example"],
  });
  await reviewedRun(test, run);
  await toTheEnd(test, run);
  await test.query(
    "create table older () inherits (things); insert into older select * from things",
  );
  for (const act of [previewRollback, rollback])
    await expect(act(test.services, run, 1)).rejects.toMatchObject({
      name: "KeyNamesSeveral",
      message: expect.stringMatching(/: 1 in all, and key:[0-9a-f]{64} is the first\./u),
    });
});
