import pg from "pg";
import { afterEach, describe, expect, it } from "vitest";
import { openEntries } from "../../lib/compile/wave/written-rows.ts";
import { raw, sql } from "../../lib/data/sql.ts";
import { wavesOf as shownWavesOf } from "../../lib/review/steer/standing.ts";
import { drill } from "../../lib/stages/drill.ts";
import { keptPreviews, previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { wavesOf } from "../../lib/stages/wave/plan.ts";
import { anotherRun, anothersEntry } from "../support/another-run.ts";
import { untilSomebodyWaits } from "../support/overtaken.ts";
import {
  platformDigest,
  reviewed,
  reviewedServices,
  roles,
  type TestServices,
  waveOneServices,
} from "../support/services.ts";
import { approve, runWave } from "../support/steps.ts";

let test: TestServices;
const run = reviewed;
/** What the run wrote to the platform, whatever others did before. */
const own = `legacy_completed_trainings where legacy_import_run_id = '${run}'`;

afterEach(() => test.close());

describe("D16 a rollback spares what changed since", () => {
  it("edited and referenced rows stay and are listed, the rest goes, and the exit is a conflict", async () => {
    test = await reviewedServices();
    const before = await platformDigest(test);
    await test.query(
      "create table certificates (id bigint generated always as identity primary key, training_id bigint not null references legacy_completed_trainings on delete cascade)",
    );
    await test.admin.execute({
      kind: "sql",
      parts: [`grant select on certificates to ${roles.commit("ecoin")}`],
      values: [],
    });
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    const [edited, referred] = (await test.query(
      `select id::int from ${own} order by id limit 2`,
    )) as [{ id: number }, { id: number }];
    await test.query(
      "update legacy_completed_trainings set full_name = 'Corrected By Hand' where id = $1",
      [edited.id],
    );
    await test.query("insert into certificates (training_id) values ($1)", [referred.id]);

    const { outcome, waves } = await rollback(test.services, run);
    expect(outcome).toBe("conflicts");
    expect(waves).toMatchObject([{ wave: 1, entries: 25, undone: 23, spared: 2 }]);
    expect(waves[0]?.conflicts).toEqual([
      {
        table: "legacy_completed_trainings",
        id: edited.id,
        conflict: { edited: true, referenced: false, changed: ["full_name"] },
      },
      {
        table: "legacy_completed_trainings",
        id: referred.id,
        conflict: { edited: false, referenced: true, changed: [] },
      },
    ]);
    const left = await test.query(`select id::int from ${own} order by id`);
    expect(left).toEqual([{ id: edited.id }, { id: referred.id }]);
    expect((await platformDigest(test)).users).toBe(before.users);
    expect(await test.query("select count(*)::int as n from certificates")).toEqual([{ n: 1 }]);
  });

  it("D16 W10 a row whose JSON no jsonb takes is spared as edited, in preview and act, and the rest goes", async () => {
    test = await reviewedServices();
    await test.query(
      "alter table legacy_completed_trainings add column note json default '{}', add column notes json[]",
    );
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    const edits = [
      ["note", `'{"a":"\\u0000"}'`],
      ["note", "'[1e999999]'"],
      ["notes", "array['[1e999999]']::json[]"],
    ] as const;
    const ids = await test.query<{ id: number }>(
      `select id::int from ${own} order by id limit ${edits.length}`,
    );
    for (const [at, [column, value]] of edits.entries())
      await test.query(
        `update legacy_completed_trainings set ${column} = ${value} where id = ${ids[at]?.id}`,
      );
    // What came since belongs to nobody: a row that was not edited is no other for it.
    await test.query(
      `alter table legacy_completed_trainings add column later json default '"\\u0000"'`,
    );
    const conflicts = edits.map(([column], at) => ({
      table: "legacy_completed_trainings",
      id: ids[at]?.id,
      conflict: { edited: true, referenced: false, changed: [column] },
    }));
    const { waves: seen } = await previewRollback(test.services, run);
    expect(seen).toMatchObject([{ undone: 22, spared: 3, conflicts }]);
    const { outcome, waves } = await rollback(test.services, run);
    expect(outcome).toBe("conflicts");
    expect(waves).toMatchObject([{ wave: 1, entries: 25, undone: 22, spared: 3, conflicts }]);
  });

  it("D16 M13 of so many columns that no row of an answer holds their names, preview, act and what was kept say all rows", async () => {
    test = await reviewedServices();
    const names = Array.from({ length: 60 }, (_, at) => `${"a".repeat(60)}${at}`);
    const table = "legacy_completed_trainings";
    await test.query(`alter table ${table} ${names.map((name) => `add ${name} text`).join(", ")}`);
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    // As of a table of which a wave wrote into two thousand partitions.
    await test.query(
      `update wavegate.waves set counts = counts || jsonb_build_object('parts', jsonb_build_object('${table}', (
         select jsonb_agg(jsonb_build_object('of', n, 'name', 'part_of_a_table_of_before_' || n, 'rows', 1)) from generate_series(1, 2000) n))) where run_id = '${run}'`,
    );
    const [kept] = await wavesOf(test.services.stage, run);
    expect(kept?.counts).toMatchObject({ picked: 25 });
    expect(await shownWavesOf(test.services.stage, { id: run })).toMatchObject([
      { counts: { picked: 25 } },
    ]);
    await test.query(
      `update ${table} set ${names.map((name) => `${name} = 'x'`).join(", ")} where legacy_import_run_id = '${run}'`,
    );
    const previewed = await previewRollback(test.services, run);
    // When somebody looked stands beside what was seen.
    expect(await keptPreviews(test.services.stage, run, 1)).toMatchObject(previewed.waves);
    const { waves } = await rollback(test.services, run);
    expect(waves).toMatchObject([
      { entries: 25, undone: 0, spared: 25, conflicts: previewed.waves[0]?.conflicts },
    ]);
    const said = waves[0]?.conflicts.map(({ conflict }) => conflict.changed?.length);
    expect(said).toEqual([...Array(10).fill(60), ...Array(15).fill(0)]);
  });

  it("D17 M12 a row that a later run linked, or wrote anew, stays as long as that run does, in preview and act", async () => {
    test = await reviewedServices();
    const [other, early] = [
      "7f3a0000-0000-4000-8000-0000000000e1",
      "7f3a0000-0000-4000-8000-0000000000e0",
    ];
    await approve(test, run, "first_wave");
    await test.query(`${anotherRun(early, run)}; ${anothersEntry(early, "commit", 1)}`);
    await runWave(test, run, 1);
    // An id of before, of what is gone since, says nothing, whatever the clock was then.
    await test.query(
      `update wavegate.waves set committed_at = now() + interval '1 day' where run_id = '${early}';
       update wavegate.legacy_import_commit_logs set target_id = (select max(id) from ${own}) where run_id = '${early}'`,
    );
    const [first, second] = (await test.query(
      `select id::int from ${own} order by id limit 2`,
    )) as [{ id: number }, { id: number }];
    await test.query(
      `${anotherRun(other, run)}; ${anothersEntry(other, "link", first.id)}; ${anothersEntry(other, "commit", second.id)}`,
    );
    const conflict = { edited: false, referenced: true, changed: [] };
    const spared = [first, second].map(({ id }) => ({
      table: "legacy_completed_trainings",
      id,
      conflict,
    }));
    expect(await previewRollback(test.services, run)).toMatchObject({
      waves: [{ undone: 23, spared: 2, referenced: 2, conflicts: spared }],
    });
    // Nor does it matter that the other one was taken back but for these, under a clock that went back.
    await test.query(
      `update wavegate.waves set status = 'rolled_back', committed_at = committed_at - interval '1 day',
              counts = '{"rolledBack": {"spared": 2}, "transaction": 4000000000000000}' where run_id = '${other}'`,
    );
    expect(await rollback(test.services, run)).toMatchObject({
      outcome: "conflicts",
      waves: [{ undone: 23, spared: 2, conflicts: spared, previewed: null }],
    });
    await test.query(
      `update wavegate.legacy_import_commit_logs set rolled_back_at = now() where run_id = '${other}'`,
    );
    expect(await rollback(test.services, run)).toMatchObject({ outcome: "rolled_back" });
    expect(await test.query(`select 1 from ${own}`)).toEqual([]);
  });

  it.each([
    [
      "calls itself without end",
      "delete from legacy_completed_trainings where id = old.id",
      "54001",
    ],
    ["ends the transaction", "commit", "2D000"],
  ])(
    "W13 R17 what a trigger cannot do, as it %s, is told with what to do",
    async (_, does, code) => {
      test = await waveOneServices();
      await test.query(
        `create function goes() returns trigger language plpgsql security definer as $$ begin ${does}; return old; end $$;
       create trigger goes before delete on legacy_completed_trainings for each row execute function goes()`,
      );
      const says = await rollback(test.services, run).catch(
        ({ name, message }) => `${name}: ${message}`,
      );
      expect(says).toMatch(
        new RegExp(
          `^PlatformRefused: The platform refused to let wave 1 of ecoin-\\S+ be taken back: ERROR: .+; SQLState: ${code}\\. Nothing of it was\\. \`wavegate doctor\` lists triggers`,
          "u",
        ),
      );
      expect(await test.query(`select count(*)::int as n from ${own}`)).toEqual([{ n: 25 }]);
    },
  );

  it("a row that is edited at this very moment stays, and the next rollback says what changed", async () => {
    test = await waveOneServices();
    const [first] = (await test.query(`select min(id)::int as id from ${own}`)) as [{ id: number }];
    const editor = new pg.Client({ connectionString: test.url });
    await editor.connect();
    await editor.query("begin");
    await editor.query(
      "update legacy_completed_trainings set full_name = 'Corrected By Hand' where id = $1",
      [first.id],
    );
    const rolling = rollback(test.services, run);
    await untilSomebodyWaits(test);
    await editor.query("commit");
    await editor.end();
    const conflict = { edited: true, referenced: false };
    expect(await rolling).toMatchObject({
      outcome: "conflicts",
      waves: [{ undone: 24, spared: 1, conflicts: [{ id: first.id, conflict }] }],
    });
    expect(await rollback(test.services, run)).toMatchObject({
      waves: [
        { entries: 1, undone: 0, spared: 1, conflicts: [{ conflict: { changed: ["full_name"] } }] },
      ],
    });
    expect(await test.query(`select full_name from ${own}`)).toEqual([
      { full_name: "Corrected By Hand" },
    ]);
  });

  it("D16 a row that is written at this very moment as it is goes with the others: it is compared as it then is", async () => {
    test = await waveOneServices();
    const editor = new pg.Client({ connectionString: test.url });
    await editor.connect();
    await editor.query("begin");
    await editor.query(`update legacy_completed_trainings set full_name = full_name
                         where id = (select min(id) from ${own})`);
    const rolling = rollback(test.services, run);
    await untilSomebodyWaits(test);
    await editor.query("commit");
    await editor.end();
    expect(await rolling).toMatchObject({
      outcome: "rolled_back",
      waves: [{ entries: 25, undone: 25, spared: 0, gone: 0 }],
    });
    expect(await test.query(`select id from ${own}`)).toEqual([]);
  });

  it("a row that somebody refers to at this very moment stays, though the key would delete what refers with it", async () => {
    test = await waveOneServices();
    await test.query(
      "create table certificates (training_id bigint references legacy_completed_trainings on delete cascade)",
    );
    await test.query(`grant select on certificates to ${roles.commit("ecoin")}`);
    const [first] = (await test.query(`select min(id)::int as id from ${own}`)) as [{ id: number }];
    const writer = new pg.Client({ connectionString: test.url });
    await writer.connect();
    await writer.query("begin");
    await writer.query("insert into certificates values ($1)", [first.id]);
    const rolling = rollback(test.services, run);
    await untilSomebodyWaits(test);
    await writer.query("commit");
    await writer.end();
    expect(await rolling).toMatchObject({
      outcome: "conflicts",
      waves: [{ undone: 24, spared: 1, conflicts: [{ conflict: { referenced: true } }] }],
    });
    expect(await test.query("select training_id::int as id from certificates")).toEqual([first]);
  });

  it("D16 an entry is known to be its wave's only while no number of a transaction comes again; else rows are compared in full", async () => {
    test = await waveOneServices();
    const known = async () =>
      test.services.stage.rows(sql`
        select e.by_wave, t.xmin = e.entry_xmin and t.cmin = e.entry_cmin as untouched, count(*)::int as rows
          from ${openEntries(run, 1)} e join legacy_completed_trainings t on t.id = e.target_id group by 1, 2`);
    const moved = (by: string) =>
      test.query(
        `update wavegate.waves set counts = jsonb_set(counts, '{transaction}', to_jsonb(((counts ->> 'transaction')::bigint + ${by})::text)) where run_id = '${run}'`,
      );
    expect(await known()).toEqual([{ by_wave: true, untouched: true, rows: 25 }]);
    for (const by of ["4294967296", "-2 * 4294967296", "4294967296 + 1"]) {
      await moved(by);
      expect(await known()).toEqual([{ by_wave: false, untouched: true, rows: 25 }]);
    }
    expect(await rollback(test.services, run)).toMatchObject({
      outcome: "rolled_back",
      waves: [{ undone: 25, spared: 0 }],
    });
  });

  it("D16 a row that something wrote again in its wave's own transaction stays", async () => {
    test = await waveOneServices();
    // As a trigger would that the definition allows: by another command of the same transaction.
    await test.query(`
      do $$ begin
        set local session_replication_role = replica;
        update wavegate.waves set counts = jsonb_set(counts, '{transaction}', to_jsonb(pg_current_xact_id()::text)) where run_id = '${run}';
        update wavegate.legacy_import_commit_logs set wave = wave where run_id = '${run}';
        update legacy_completed_trainings set full_name = 'Written Again' where id = (select min(id) from ${own});
      end $$`);
    expect(await rollback(test.services, run)).toMatchObject({
      outcome: "conflicts",
      waves: [{ undone: 24, spared: 1, conflicts: [{ conflict: { changed: ["full_name"] } }] }],
    });
    expect(await test.query(`select full_name from ${own}`)).toEqual([
      { full_name: "Written Again" },
    ]);
  });

  it("D16 a row that bears its entry's mark, of another command than the wave's, is compared, and stays", async () => {
    test = await waveOneServices();
    await test.query(`
      do $$ begin
        set local session_replication_role = replica;
        with entries as (update wavegate.legacy_import_commit_logs set wave = wave where run_id = '${run}')
        update legacy_completed_trainings set full_name = 'Written Again' where id = (select min(id) from ${own});
      end $$`);
    expect(await rollback(test.services, run)).toMatchObject({
      outcome: "conflicts",
      waves: [{ undone: 24, spared: 1, conflicts: [{ conflict: { changed: ["full_name"] } }] }],
    });
    expect(await test.query(`select full_name from ${own}`)).toEqual([
      { full_name: "Written Again" },
    ]);
  });

  it("R13 another row that came to have the id of one of an earlier round is none of it, and no obstacle", async () => {
    test = await waveOneServices();
    const [{ image }] = (await test.query(
      `select to_jsonb(t) as image from legacy_completed_trainings t where legacy_import_run_id = '${run}' order by id limit 1`,
    )) as [{ image: unknown }];
    await drill(test.services, run);
    // As after a sequence that begins anew.
    await test.query(
      `insert into legacy_completed_trainings overriding system value
       select (jsonb_populate_record(null::legacy_completed_trainings, $1::jsonb || '{"legacy_id": 999999, "full_name": "Somebody Else"}')).*`,
      [JSON.stringify(image)],
    );
    expect(await rollback(test.services, run)).toMatchObject({
      outcome: "rolled_back",
      waves: [{ entries: 25, undone: 25, gone: 0, spared: 0 }],
    });
    expect(await test.query(`select full_name from ${own}`)).toEqual([
      { full_name: "Somebody Else" },
    ]);
  });

  it("R13 W3 of two that wait for each other the rollback gives way, halts nothing, and is sent again", async () => {
    test = await waveOneServices();
    await test.query(`
      create table closing (n int); grant insert, update on closing to public;
      create function waits() returns trigger language plpgsql as $$
      begin lock table closing in row exclusive mode nowait; return old; end $$;
      create trigger waits before delete on legacy_completed_trainings for each row execute function waits()`);
    await test.admin.transaction(async (other) => {
      await other.execute(raw("lock table closing in exclusive mode"));
      // W13 The platform's own trigger is told of, by its name: it may be what waits.
      await expect(rollback(test.services, run)).rejects.toMatchObject({
        name: "WaveContended",
        message: expect.stringMatching(
          /it may be sent again\..*It may also be the platform itself, with wave 1 of .*\(waits on legacy_completed_trainings\)\. .*`wavegate rollback --run .*` goes on\.$/,
        ),
      });
    });
    expect(
      await test.query("select status from wavegate.legacy_import_runs where id = $1", [run]),
    ).toEqual([{ status: "running" }]);
    await test.query("drop function waits() cascade");
    // A wave that wrote no row is taken back like any other, or a rollback would never come to its end.
    await test.query(
      `insert into wavegate.waves (run_id, wave, size, status, digest) values ('${run}', 2, 10, 'verified', '')`,
    );
    expect(await rollback(test.services, run)).toMatchObject({
      outcome: "rolled_back",
      waves: [
        { wave: 2, entries: 0, undone: 0 },
        { wave: 1, entries: 25, undone: 25 },
      ],
    });
  });

  it("W13 D16 a row whose deletion a trigger refuses as if others wrote is spared by its name, and the others go", async () => {
    test = await waveOneServices();
    const [{ id }] = (await test.query(`select min(id)::int as id from ${own}`)) as [
      { id: number },
    ];
    for (const code of ["40001", "40P01", "55P03", "57014"]) {
      await test.query(`
        create or replace function keeps() returns trigger language plpgsql as $$
        begin if old.id = ${id} then raise exception '%', old.full_name using errcode = '${code}'; end if; return old; end $$;
        create or replace trigger keeps before delete on legacy_completed_trainings for each row execute function keeps()`);
      const { waves } = await rollback(test.services, run);
      expect(waves[0]).toMatchObject({ spared: 1, refused: { [`keeps (${code})`]: 1 } });
    }
    await test.query("drop function keeps() cascade");
    expect((await rollback(test.services, run)).outcome).toBe("rolled_back");
    expect(await test.query(`select 1 from ${own}`)).toEqual([]);
  });

  it("a row that somebody deleted meanwhile is noted as gone, and its staged row is free again", async () => {
    test = await waveOneServices();
    await test.query(
      `delete from legacy_completed_trainings where id = (select min(id) from ${own})`,
    );
    expect(await rollback(test.services, run)).toMatchObject({
      outcome: "rolled_back",
      waves: [{ entries: 25, undone: 25, gone: 1, spared: 0 }],
    });
    const logged = await test.query(
      "select conflict, count(*)::int as n from wavegate.legacy_import_commit_logs where run_id = $1 and rolled_back_at is not null group by 1 order by 2",
      [run],
    );
    expect(logged).toEqual([
      { conflict: { gone: true }, n: 1 },
      { conflict: null, n: 24 },
    ]);
  });

  it("D16 B1 a row to which somebody gave another key, as who joins platforms does, is spared and told, and goes once it is called as it was", async () => {
    test = await waveOneServices();
    const mine = await test.query<{ id: number }>(`select id::int from ${own} order by id limit 3`);
    const [first = 0, second = 0, third = 0] = mine.map(({ id }) => id);
    await test.query(`delete from legacy_completed_trainings where id = ${first}`);
    const renumber = (by: number) =>
      test.query(
        `update legacy_completed_trainings set id = id + ${by} where id in (${second} + ${by < 0 ? -by : 0}, ${third} + ${by < 0 ? -by : 0})`,
      );
    await renumber(100_000);
    const spared = { entries: 25, undone: 23, spared: 2, gone: 1 };
    const { waves: seen } = await previewRollback(test.services, run);
    expect(seen).toMatchObject([{ ...spared, edited: 2 }]);
    expect(await rollback(test.services, run)).toMatchObject({
      outcome: "conflicts",
      waves: [{ ...spared, conflicts: [{ id: second }, { id: third }] }],
    });
    expect(await test.query(`select id::int - 100000 as id from ${own} order by id`)).toEqual([
      { id: second },
      { id: third },
    ]);
    await renumber(-100_000);
    expect((await rollback(test.services, run)).outcome).toBe("rolled_back");
    expect(await test.query(`select 1 from ${own}`)).toEqual([]);
  });
});
