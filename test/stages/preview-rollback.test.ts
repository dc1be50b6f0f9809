import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Pin, PinnedEntity } from "../../lib/compile/pin/pin.ts";
import { type KindOfWave, kindsOfWaves } from "../../lib/compile/undo/kinds-of-wave.ts";
import { previewKind } from "../../lib/compile/undo/preview.ts";
import type { Referring } from "../../lib/compile/undo/referrers.ts";
import { undoWave } from "../../lib/compile/undo/rollback.ts";
import { triedUndos } from "../../lib/compile/undo/tried-undo.ts";
import { saysWave } from "../../lib/compile/wave/created-rows.ts";
import type { Reshaping } from "../../lib/compile/wave/written-rows.ts";
import type { Database } from "../../lib/data/database.ts";
import { findRun } from "../../lib/data/runs.ts";
import { render, sql } from "../../lib/data/sql.ts";
import { keptPreviews, previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { findRefusedEntries } from "../../lib/stages/undo/refused-entries.ts";
import { beforeRun } from "../../lib/stages/wave/commit-lock.ts";
import { reshapedSince } from "../../lib/stages/wave/reshaped-since.ts";
import { requireSight } from "../../lib/stages/wave/sight.ts";
import {
  platformDigest,
  reviewed,
  roles,
  type TestServices,
  waveOneServices,
} from "../support/services.ts";

let test: TestServices;
const run = reviewed;
const table = "legacy_completed_trainings";
let ids: number[];

beforeEach(async () => {
  test = await waveOneServices();
  await test.query(`create table certificates (training_id bigint references ${table})`);
  await test.query(`grant select on certificates to ${roles.commit("ecoin")}`);
  await test.query(`alter table ${table} add column tier text`);
  ids = (
    await test.query<{ id: number }>(
      `select id::int as id from ${table} where legacy_import_run_id = '${run}' order by id`,
    )
  ).map(({ id }) => id);
  await test.query(`update ${table} set phone = '1', full_name = 'Edited' where id = $1`, [ids[0]]);
  await test.query("insert into certificates values ($1), ($2)", [ids[0], ids[1]]);
  await test.query(`delete from ${table} where id = $1`, [ids[2]]);
});
afterEach(() => test.close());

/** What an undo of the first wave rests on, for a look that leaves nothing. */
const looking = <Result>(
  look: (
    db: Database,
    wave: { pin: Pin; referring: readonly Referring[]; reshaped: readonly Reshaping[]; wave: 1 },
  ) => Promise<Result>,
): Promise<Result> =>
  test.services.commitOf("ecoin").transaction(async (db) => {
    await beforeRun(db);
    const { pin, reshaped } = await reshapedSince(db, await findRun(test.services.stage, run), 1);
    const referring = await requireSight(db, pin, "ecoin");
    return look(db, { pin, referring, reshaped, wave: 1 });
  });

/** Everything a rollback would change, on the platform and in staging. */
const everything = async () => ({
  platform: await platformDigest(test),
  ledger: await test.query("select * from wavegate.legacy_import_commit_logs order by id"),
  runs: await test.query("select * from wavegate.legacy_import_runs order by id"),
  waves: await test.query("select * from wavegate.waves order by run_id, wave"),
  signOffs: await test.query("select * from wavegate.sign_offs order by id"),
  states: await test.query(
    "select import_state, count(*)::int as n from wavegate.legacy_student_imports group by 1 order by 1",
  ),
});

describe("B1 the preview of a rollback", () => {
  it("says what goes and what is spared, with the columns and without a value, and writes nothing", async () => {
    const before = await everything();
    const { waves } = await previewRollback(test.services, run);
    expect(await everything()).toEqual(before);
    expect(waves).toEqual([
      {
        wave: 1,
        entries: 25,
        undone: 23,
        unlinked: 0,
        gone: 1,
        spared: 2,
        edited: 1,
        referenced: 2,
        refused: {},
        changed: { full_name: 1, phone: 1 },
        conflicts: [
          {
            table,
            id: ids[0],
            conflict: { edited: true, referenced: true, changed: ["full_name", "phone"] },
          },
          { table, id: ids[1], conflict: { edited: false, referenced: true, changed: [] } },
        ],
        reshaped: [{ table, added: ["tier"], dropped: [], renamed: [], retyped: [] }],
      },
    ]);
    expect(JSON.stringify(waves)).not.toContain("Edited");
    // As `wavegate rollback --preview` reads it afterwards.
    const at = expect.stringMatching(/^20.*Z$/u);
    expect(await keptPreviews(test.services.stage, run, 1)).toEqual(
      waves.map((each) => ({ ...each, at })),
    );
    expect(await keptPreviews(test.services.stage, run, 2)).toEqual([]);
  });

  it("calls no row gone of a table that the platform wrote anew while it looked", async () => {
    const platform = new pg.Client({ connectionString: test.url });
    await platform.connect();
    try {
      await platform.query(
        `begin; alter table ${table} add column public_id uuid default gen_random_uuid()`,
      );
      const looked = previewRollback(test.services, run).catch((error: Error) => error);
      await expect
        .poll(
          () =>
            test.query(
              "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
            ),
          { timeout: 20_000 },
        )
        .toHaveLength(1);
      await platform.query("commit");
      expect(await looked).toMatchObject({ name: "WaveContended" });
    } finally {
      await platform.end();
    }
    expect(await keptPreviews(test.services.stage, run, 1)).toEqual([]);
    const { waves } = await previewRollback(test.services, run);
    expect(waves).toMatchObject([{ undone: 23, gone: 1, spared: 2 }]);
  });

  it("has the act's numbers, and the act says nothing more", async () => {
    const previewed = await previewRollback(test.services, run);
    const { waves } = await rollback(test.services, run);
    const [said] = previewed.waves;
    expect(waves[0]).toMatchObject({
      entries: 25,
      undone: 23,
      gone: 1,
      spared: 2,
      conflicts: said?.conflicts,
      previewed: null,
    });
  });

  it("unless the platform changed in between: then the act says what had been said", async () => {
    await previewRollback(test.services, run);
    await test.query(`update ${table} set email = 'x@example.com' where id = $1`, [ids[5]]);
    const { waves } = await rollback(test.services, run);
    expect(waves[0]).toMatchObject({
      undone: 22,
      spared: 3,
      previewed: { entries: 25, undone: 23, unlinked: 0, gone: 1, spared: 2 },
    });
    // What was done is no more what would be done.
    expect(await keptPreviews(test.services.stage, run, 1)).toEqual([]);
    // The next one is about what is left, and is not held against a preview of before.
    expect((await rollback(test.services, run)).waves[0]).toMatchObject({
      entries: 3,
      spared: 3,
      previewed: null,
    });
    const log = await test.query<{ previewed: unknown }>(
      "select details -> 'previewed' as previewed from wavegate.audit_log where run_id = $1 and action = 'rollback' order by seq",
      [run],
    );
    expect(log.map(({ previewed }) => previewed)).toEqual([
      { entries: 25, undone: 23, unlinked: 0, gone: 1, spared: 2 },
      null,
    ]);
  });

  it("compares no entry with each: what is found of entries is looked up", async () => {
    const plan = await looking(async (db, { pin, referring, reshaped, wave }) => {
      const [kind] = await db.rows<KindOfWave>(kindsOfWaves(pin, run, [wave]));
      const asked = previewKind(
        pin,
        { run, wave, later: {} },
        { ...(kind as KindOfWave), behind: [] },
        referring,
        reshaped,
      );
      return db.rows(sql`explain (analyze, timing off, costs off) ${asked}`);
    });
    const said = JSON.stringify(plan);
    expect(said).toContain("actual rows=25");
    expect(said.match(/Rows Removed by Join Filter: \d\d+/g)).toBe(null);
  });

  it("B1 D16 asks within a statement's length however many rows would stay, each apart from the next", async () => {
    // Every other entry of a hundred thousand: as text some six hundred thousand characters.
    const apart = Array.from({ length: 50_000 }, (_, at) => 10_000_000 + 2 * at);
    const found = await looking(async (db, { pin, referring, reshaped, wave }) => {
      const [kind] = await db.rows<KindOfWave>(kindsOfWaves(pin, run, [wave]));
      const later = { "": apart, notes: apart };
      const asks = (stays: typeof later | Record<string, never>) =>
        previewKind(
          pin,
          { run, wave, later: stays },
          { ...(kind as KindOfWave), behind: [] },
          referring,
          reshaped,
        );
      expect(render(asks(later)).sql.length).toBe(render(asks({})).sql.length);
      return [await db.one(asks(later)), await db.one(asks({}))];
    });
    expect(found[0]).toEqual(found[1]);
    expect(found[0]).toMatchObject({ entries: 25 });
  });

  it("nor does the rollback itself, of a ledger of which nothing was counted", async () => {
    let looks: string[] = [];
    const undone = looking(async (db, { pin, referring, reshaped, wave }) => {
      await db.rows(saysWave(run, wave));
      // Of a page nothing is cheaper than to read it whole: as of a ledger that is large.
      await db.rows(sql`select set_config('seq_page_cost', '1000', true)`);
      const [entity] = pin.entities;
      const does = undoWave(pin, entity as PinnedEntity, run, wave, referring, reshaped);
      const plan = await db.rows<{ "QUERY PLAN": string }>(
        sql`explain (analyze, timing off, costs off) ${does}`,
      );
      // How often each common table was gone through, wherever it is read.
      const loops = (line: string) => /CTE Scan on .*\((.*)\)$/.exec(line)?.[1]?.split(" ").at(-1);
      looks = plan.flatMap((line) => loops(line["QUERY PLAN"]) ?? []);
      throw new Error("nothing stays");
    });
    await expect(undone).rejects.toThrow("nothing stays");
    expect(looks.length).toBeGreaterThan(10);
    expect(looks.filter((each) => each !== "executed" && each !== "loops=1")).toEqual([]);
  });

  it("W13 takes back by places and keys: of a join the planner may read the ledger, and all decisions, for each wave", async () => {
    let plan = "";
    const undone = looking(async (db, { pin, referring, reshaped, wave }) => {
      await db.rows(saysWave(run, wave));
      // As of so many rows that the planner would rather read along than look up, of a ledger of many pages.
      await db.rows(
        sql`select set_config('enable_nestloop', 'off', true), set_config('seq_page_cost', '1000', true)`,
      );
      const [entity] = pin.entities;
      const does = undoWave(pin, entity as PinnedEntity, run, wave, referring, reshaped);
      const lines = await db.rows<{ "QUERY PLAN": string }>(sql`explain (costs off) ${does}`);
      plan = lines.map((line) => line["QUERY PLAN"]).join("\n");
      throw new Error("nothing stays");
    });
    await expect(undone).rejects.toThrow("nothing stays");
    expect(plan).toMatch(
      /CTE closed\n[^\n]*Update on legacy_import_commit_logs l_?\d*\n[^\n]*InitPlan[^\n]*\n[^\n]*CTE Scan on outcome[^\n]*\n[^\n]*\n[^\n]*Tid Scan/u,
    );
    expect(plan).toMatch(
      /CTE reset\n[^\n]*Update on \S+_decisions s\n[^\n]*InitPlan[^\n]*\n[^\n]*CTE Scan on outcome[^\n]*\n[^\n]*\n[^\n]*Index Scan[^\n]*\n[^\n]*staged_id = ANY/u,
    );
  });

  it("W13 finds a wave's rows by their keys alone: by what wrote them, too, the platform's table would be hashed whole", async () => {
    let plan = "";
    const undone = looking(async (db, { pin, referring, reshaped, wave }) => {
      await db.rows(
        sql`select set_config('enable_nestloop', 'off', true), set_config('enable_mergejoin', 'off', true)`,
      );
      const [entity] = pin.entities;
      const does = undoWave(pin, entity as PinnedEntity, run, wave, referring, reshaped);
      const lines = await db.rows<{ "QUERY PLAN": string }>(sql`explain (costs off) ${does}`);
      plan = lines.map((line) => line["QUERY PLAN"]).join("\n");
      throw new Error("nothing stays");
    });
    await expect(undone).rejects.toThrow("nothing stays");
    expect(plan).toMatch(/Join Filter: [^\n]*entry_xmin/u);
    expect(plan).not.toMatch(/Hash Cond: [^\n]*entry_xmin/u);
  });

  it.each([250, 10])(
    "R13 D16 of rows that the platform gives up, but not together, the last ones are refused, %i at once",
    async (atMost) => {
      await test.query(`create function keeps() returns trigger language plpgsql as $$ begin
        if (select count(*) from ${table} where legacy_import_run_id = old.legacy_import_run_id) <= 20 then raise exception 'twenty stay'; end if; return old; end $$`);
      await test.query(
        `create trigger keeps before delete on ${table} for each row execute function keeps()`,
      );
      const refused = await looking(async (db, { pin, referring, reshaped, wave }) => {
        const tried = triedUndos(pin, run, wave, referring, reshaped, {});
        // What other runs claim is found once, and not with each try.
        for (const each of tried) expect(each.statement("")).not.toContain("committed_at");
        const [entity] = pin.entities;
        return findRefusedEntries(db, tried, entity as PinnedEntity, run, wave, atMost);
      });
      expect(new Set(refused.map(({ by }) => by))).toEqual(new Set(["keeps (P0001)"]));
      const entries = await test.query<{ id: number }>(
        "select target_id::int as id from wavegate.legacy_import_commit_logs where id = any ($1) order by id",
        [refused.map(({ id }) => id)],
      );
      expect(entries.map(({ id }) => id)).toEqual(ids.slice(-18));
    },
  );

  it("of a run that wrote nothing, or of which all is taken back, is empty", async () => {
    await rollback(test.services, run);
    await test.query("truncate certificates");
    await test.query(`delete from ${table} where legacy_import_run_id = '${run}'`);
    await rollback(test.services, run);
    expect((await previewRollback(test.services, run)).waves).toEqual([]);
  });
});
