import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { signOffsAtStake } from "../../lib/review/mappings/overview.ts";
import { overridesInForce } from "../../lib/review/sign-off/overrides.ts";
import { read } from "../../lib/review/sign-off/read.ts";
import { tellDecided } from "../../lib/review/sign-off/tell.ts";
import { findSignOff } from "../../lib/review/sign-off-store.ts";
import { runStanding } from "../../lib/review/steer/run-standing.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { gate } from "../../lib/stages/gate.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { verify } from "../../lib/stages/verify.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf, small } from "../support/small.ts";
import { approve, question, reviewedRun, runWave } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000b1201";
const waves = 4_000;
const gates = 1_500;

describe("W13 a run of more waves and sign-offs than one answer of the Data API holds", () => {
  let test: TestServices;
  let folder: Awaited<ReturnType<typeof folderOf>>;

  beforeAll(async () => {
    test = await testServices({
      world: {
        migration: small("many_waves", { integer: "no" }),
        platform: [
          "create table things (id bigint generated always as identity primary key, word text)",
        ],
        legacy: "",
      },
    });
    const rows = Array.from({ length: 20 }, (_, n) => [String(n + 1), `word ${n}`]);
    folder = await folderOf(test, { things: [["no", "word"], ...rows] });
    await reviewedRun(test, run, { wavePlan: [5], gates: "on-anomaly" });
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    await drill(test.services, run);
    await approve(test, run, "scale_up");
    await runWave(test, run, 2);
    // As many more as a million rows make of the default plan, which takes 250 in the end: each is what the second one is.
    await test.query(
      `insert into wavegate.waves
       select (jsonb_populate_record(w, jsonb_build_object('wave', n))).* from wavegate.waves w, generate_series(3, ${waves}) n
        where w.run_id = '${run}' and w.wave = 2`,
    );
  });
  afterAll(async () => {
    await test?.close();
    await folder?.remove();
  });

  /** As many answered questions, each of a gate of its own. */
  const answered = async () => {
    const copied = await test.query<{ columns: string }>(`
      select string_agg(quote_ident(attname), ', ') as columns from pg_attribute
       where attrelid = 'wavegate.sign_offs'::regclass and attnum > 0 and not attisdropped and attgenerated = ''
         and attname not in ('id', 'gate', 'link_hash', 'override_by', 'override_reason', 'override_at')`);
    await test.query(`
      set session_replication_role = replica;
      insert into wavegate.sign_offs (id, gate, override_by, override_reason, override_at, ${copied[0]?.columns})
      select gen_random_uuid(), 'wave:' || n, 'approver', repeat('because ', 60), now(), ${copied[0]?.columns}
        from wavegate.sign_offs, generate_series(1, ${gates}) n where run_id = '${run}' and gate = 'scale_up';
      update wavegate.sign_offs set override_stops = '["share"]' where override_by is not null;
      reset session_replication_role`);
  };

  it("W3 R15 goes on with its next wave, which is written, verified and let past", async () => {
    const { services } = test;
    expect(await nextWave(services, run)).toEqual({
      ...{ next: "wave", run, wave: waves + 1, size: 5 },
    });
    const { counts } = await commit(services, { run, wave: waves + 1 });
    expect(counts).toMatchObject({ picked: 5, before: (waves - 1) * 5 + 5 });
    expect(await verify(services, run, waves + 1)).toMatchObject({ wave: waves + 1 });
    expect(await gate(services, run, 2)).toEqual({ run, wave: 2, clean: true });
  });

  it("W8 R5 is told of, asked about and decided about", async () => {
    const { services } = test;
    const asked = await question(test, run, "wave:4002");
    await answered();
    const found = await findRun(services.sign, run);
    const standing = await runStanding(services.sign, found, new Date());
    expect(standing.waves).toHaveLength(waves + 1);
    expect(standing.signOffs.length).toBeGreaterThan(gates);
    const ref = { id: asked ?? "" };
    expect((await read(services, ref, "approver")).waves).toHaveLength(waves + 1);
    const signOff = await findSignOff(services.sign, ref, new Date());
    expect(await overridesInForce(services.sign, signOff)).toHaveLength(gates);
    expect((await signOffsAtStake(services.sign, found)).length).toBeGreaterThan(gates);
  });

  it("W3 an answer that was not told is told without a look at those that nobody waits for", async () => {
    const { services, executions } = test;
    await test.query(
      `update wavegate.sign_offs set token = $1, notified_at = null where run_id = '${run}' and gate = 'wave:700'`,
      [services.tokens.seal("waits")],
    );
    expect(await tellDecided(services, run)).toEqual([
      { signOff: expect.any(String), told: "told" },
    ]);
    expect(executions.answers.at(-1)).toMatchObject({ token: "waits" });
    expect(await tellDecided(services, run)).toEqual([]);
  });
});
