import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStaging } from "../../lib/compile/staging/staging.ts";
import { findRun } from "../../lib/data/runs.ts";
import { partsOf } from "../../lib/define/several.ts";
import { keepDecision } from "../../lib/review/steer/keep-decision.ts";
import { drill } from "../../lib/stages/drill.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { takeWaveBack } from "../../lib/stages/undo/undo-wave.ts";
import { migrations } from "../../migrations/index.ts";
import { reviewed, type TestServices, waveOneServices } from "../support/services.ts";
import { approve, judgeAll, runWave, toTheEnd } from "../support/steps.ts";

const decisions = "wavegate.legacy_student_imports_decisions";
const isOpen =
  "planned in ('commit', 'link', 'update') and import_state in ('pending', 'rolled_back')";
const most = "9223372036854775807";
const run = reviewed;
let test: TestServices;

beforeAll(async () => {
  test = await waveOneServices();
});
afterAll(() => test.close());

/** By kind where waves begin, and the first row that is open. */
const kinds = () =>
  test.query<{ kind: string; starts: string; first: string }>(
    `select n.kind, n.starts::text,
            coalesce((select min(staged_id) from ${decisions} d
                       where d.run_id = n.run_id and d.classification = n.kind and ${isOpen}), ${most})::text as first
       from wavegate.next_rows n where n.run_id = $1 order by 1`,
    [run],
  );
/** Nothing that is open lies before where waves begin. */
async function agrees(): Promise<void> {
  const all = await kinds();
  expect(all.length).toBeGreaterThan(2);
  for (const { kind, starts, first } of all)
    expect([kind, BigInt(starts) <= BigInt(first)]).toEqual([kind, true]);
}
const startOf = async (kind: string) => (await kinds()).find((each) => each.kind === kind);
const idOf = async (where: string) =>
  (
    await test.query<{ id: number }>(
      `select staged_id::float8 as id from ${decisions} where run_id = $1 and ${where} order by 1 limit 1`,
      [run],
    )
  )[0]?.id ?? 0;
const decide = (decision: Parameters<typeof keepDecision>[2]) =>
  keepDecision(test.services, "approver", decision);

describe("R16 W3 waves begin behind what is written, and pass no row by that is open", () => {
  it("what a wave wrote is behind where the next one begins", async () => {
    const { starts = "", first } = (await startOf("completed")) ?? {};
    expect(starts).toBe(first);
    expect(BigInt(starts)).toBeGreaterThan(BigInt(await idOf("import_state = 'committed'")));
    await agrees();
  });

  it("what is held and let go, taken back or planned anew is open again, and no later wave passes it by", async () => {
    await drill(test.services, run);
    await agrees();
    await approve(test, run, "scale_up");
    await runWave(test, run, 2);
    await agrees();
    const written = await idOf("import_state = 'committed'");
    const held = await idOf(
      "classification = 'completed' and planned = 'commit' and import_state = 'pending'",
    );
    await decide({ decide: "hold", run, row: held, reason: "Who is it?" });
    // As if waves had gone on.
    const pass = () =>
      test.query(
        `update ${decisions} set import_state = 'committed' where run_id = $1 and classification = 'completed' and ${isOpen} and staged_id < $2`,
        [run, held + 400],
      );
    await test.query("begin");
    await pass();
    expect(BigInt((await startOf("completed"))?.starts ?? 0)).toBeGreaterThan(BigInt(held));
    await test.query(
      `update ${decisions} set import_state = 'pending', state_reason = null where run_id = $1 and staged_id = $2`,
      [run, held],
    );
    expect((await startOf("completed"))?.starts).toBe(String(held));
    await test.query("rollback");
    await decide({ decide: "release", run, row: held, reason: "It is known." });
    await agrees();
    for (const wave of [2, 1])
      await takeWaveBack(test.services, await findRun(test.services.stage, run), wave);
    expect(BigInt((await startOf("completed"))?.starts ?? most)).toBeLessThanOrEqual(
      BigInt(written),
    );
    await agrees();
    await judgeAll(test, run);
    await agrees();
  });

  it("of two who write at once neither passes by what the other opens", async () => {
    const two = [1, 2].map(() => new pg.Client({ connectionString: test.url }));
    for (const each of two) await each.connect();
    const [opens, writes] = two as [pg.Client, pg.Client];
    const rows = await test.query<{ id: string }>(
      `select staged_id::text as id from ${decisions} where run_id = $1 and classification = 'completed' and ${isOpen} order by staged_id limit 2`,
      [run],
    );
    const [first, second] = rows.map(({ id }) => id);
    const waits = () =>
      expect
        .poll(() => test.query("select pid from pg_locks where not granted"), { timeout: 10_000 })
        .toHaveLength(1);
    const set = (by: pg.Client, state: string, id: string | undefined) =>
      by.query(
        `update ${decisions} set import_state = '${state}' where run_id = $1 and staged_id = $2`,
        [run, id],
      );
    try {
      for (const order of ["opened first", "written first"]) {
        await set(opens, "held", first);
        await opens.query("begin");
        await writes.query("begin");
        if (order === "opened first") {
          await set(opens, "pending", first);
          const later = set(writes, "committed", second);
          await waits();
          await opens.query("commit");
          await later;
          await writes.query("commit");
        } else {
          await set(writes, "committed", second);
          const later = set(opens, "pending", first);
          await waits();
          await writes.query("commit");
          await later;
          await opens.query("commit");
        }
        expect([order, (await startOf("completed"))?.starts]).toEqual([order, first]);
        await set(writes, "pending", second);
      }
      // In one snapshot, as a wave is: who opened one since has it fail.
      await set(opens, "held", first);
      await writes.query("begin isolation level repeatable read");
      await writes.query("select 1 from wavegate.waves limit 1");
      await set(opens, "pending", first);
      await expect(set(writes, "committed", second)).rejects.toMatchObject({ code: "40001" });
      await writes.query("rollback");
    } finally {
      for (const each of two) await each.end();
    }
    await agrees();
  });

  it("where what is noted is wrong no row is lost: it is looked from the first row on before a run is over", async () => {
    await test.query("update wavegate.next_rows set starts = $1", [most]);
    // What says whether waves are left sees them, and has them begin at the first row.
    await nextWave(test.services, run);
    expect(new Set((await kinds()).map(({ starts }) => starts))).toEqual(new Set(["0"]));
    await toTheEnd(test, run);
    expect(await idOf(isOpen)).toBe(0);
    expect(new Set((await kinds()).map(({ starts }) => starts))).toEqual(new Set([most]));
    // Nor is a run complete whose last wave was taken back, whatever is noted.
    const [{ last }] = (await test.query(
      "select max(wave)::int as last from wavegate.waves where run_id = $1 and status <> 'rolled_back'",
      [run],
    )) as [{ last: number }];
    await takeWaveBack(test.services, await findRun(test.services.stage, run), last);
    expect(await idOf(isOpen)).toBeGreaterThan(0);
    await test.query("update wavegate.next_rows set starts = $1", [most]);
    expect(await finalVerify(test.services, run)).toMatchObject({ passed: true });
    expect((await findRun(test.services.stage, run)).status).not.toBe("completed");
  });
});

describe("what a commit and its undoing change is in no index", () => {
  it.each(Object.keys(migrations))(
    "of the decisions of %s, but that of ranges of pages",
    (name) => {
      const migration = migrations[name];
      if (!migration) throw new Error("It is there.");
      for (const part of partsOf(migration)) {
        const indexes = createStaging(part).filter((each) =>
          /^create (?:unique )?index[^\n]*\n\s*on [^\n]*_decisions/u.test(each),
        );
        expect(indexes.length).toBeGreaterThan(3);
        expect(
          indexes.filter((each) =>
            /import_state|imported_|linked_|\bwave\b|using brin/u.test(each),
          ),
        ).toEqual([]);
      }
    },
  );
});
