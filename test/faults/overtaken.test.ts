import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { resume, stop } from "../../lib/review/steer/control.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { beginStage } from "../../lib/stages/run/claim.ts";
import { verify } from "../../lib/stages/verify.ts";
import { everyNth, everyStep } from "../support/every-step.ts";
import { overtakenAt } from "../support/overtaken.ts";
import { platformDigest, type TestServices } from "../support/services.ts";
import { approve, refusal, runWave } from "../support/steps.ts";
import { whatDoesNotHold } from "./holds.ts";
import { run, smallWorlds } from "./worlds.ts";

const lent = smallWorlds([2, 2, 2]);
let test: TestServices;

beforeEach(async () => {
  test = await lent.lend("reviewed");
});
afterEach(() => test.close());

/** Answers whatever is asked before the next wave. */
async function passGates(): Promise<void> {
  const step = await nextWave(test.services, run);
  if (step.next !== "ask") return;
  await approve(test, run, step.gate);
  await passGates();
}

/** Of each wave that stands: its rows as it was noted, and as ledger and platform have them. */
const waves = () =>
  test.query<{ wave: number; picked: number; ledger: number; there: number }>(`
    select w.wave, (w.counts ->> 'picked')::int as picked, count(l.id)::int as ledger, count(t.id)::int as there
      from wavegate.waves w
      left join wavegate.legacy_import_commit_logs l on l.run_id = w.run_id and l.wave = w.wave and l.rolled_back_at is null
      left join legacy_completed_trainings t on t.id = l.target_id and l.target_table = 'legacy_completed_trainings'
     where w.run_id = '${run}' and w.status <> 'rolled_back' group by 1, 2 order by 1`);

describe("W3 W6 a wave that is delivered again while its first delivery", () => {
  it("is done from beginning to end, before any step of the second, is one wave", async () => {
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    await drill(test.services, run);
    let wave = 2;
    for (; ; wave++) {
      await passGates();
      let first: unknown;
      const late = overtakenAt(test.services, wave - 1, async () => {
        first = await commit(test.services, { run, wave });
      });
      const second = await commit(late, { run, wave });
      if (!late.overtaken()) break;
      expect(second).toEqual(first);
      await verify(test.services, run, wave);
    }
    await verify(test.services, run, wave);
    // At least: the run, its definition, its waves, whether it is ready, and the transaction.
    expect(wave).toBeGreaterThan(6);
    const numbers = Array.from({ length: wave }, (_, index) => index + 1);
    expect(await waves()).toEqual(
      numbers.map((each) => ({ wave: each, picked: 2, ledger: 2, there: 2 })),
    );
  });

  it("and the wave behind it are done, is neither", async () => {
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    await drill(test.services, run);
    for (let step = 1, wave = 2; ; step += everyNth(9), wave += 2) {
      await passGates();
      const late = overtakenAt(test.services, step, async () => {
        await runWave(test, run, wave);
        await passGates();
        await runWave(test, run, wave + 1);
      });
      const answer = await commit(late, { run, wave });
      expect(answer.wave).toBe(wave);
      if (!late.overtaken()) {
        expect(await waves()).toHaveLength(wave);
        break;
      }
      expect(await waves()).toHaveLength(wave + 1);
    }
    for (const { picked, ledger, there } of await waves())
      expect([picked, ledger, there]).toEqual([2, 2, 2]);
  });
});

describe("W3 R17 a wave that is delivered again while the run is taken back", () => {
  it("writes nothing on the sign-off of before", async () => {
    const before = await platformDigest(test);
    for (let step = 1; ; step++) {
      await resume(test.services.sign, run, "operator");
      await approve(test, run, "first_wave");
      const late = overtakenAt(test.services, step, async () => {
        await commit(test.services, { run, wave: 1 });
        await rollback(test.services, run);
      });
      const ended = await commit(late, { run, wave: 1 }).then(
        () => "written",
        (error: Error) => error.name,
      );
      if (!late.overtaken()) {
        expect(ended).toBe("written");
        break;
      }
      expect(["RunStopped", "NotSignedOff"]).toContain(ended);
      expect(await platformDigest(test)).toEqual(before);
    }
  });
});

describe("W3 R17 a rollback in whose middle somebody lets the run go on, signs, and has a wave written", () => {
  it("leaves nothing of it, nor who signed, nor a run that goes on by itself", async () => {
    for (let step = 1, more = true; more; step += everyNth(7)) {
      const own = await lent.lend("verified");
      const next: string[] = [];
      const late = overtakenAt(own.services, step, async () => {
        const signed = await own.query(
          `select from wavegate.sign_offs where run_id = '${run}' and status = 'approved'`,
        );
        if (signed.length === 0) next.push((await nextWave(own.services, run)).next);
        await resume(own.services.sign, run, "operator");
        await approve(own, run, "first_wave").catch(() => {});
        await runWave(own, run, 1).catch(() => {});
      });
      await rollback(late, run);
      more = late.overtaken();
      expect(next.filter((step) => step !== "stop")).toEqual([]);
      expect(await whatDoesNotHold(own, run)).toEqual([]);
      expect(
        await own.query(
          `select from wavegate.legacy_import_runs where id = '${run}' and status = 'rolled_back' and control <> 'stop'`,
        ),
      ).toEqual([]);
      await own.close();
    }
  });
});

describe("W3 R13 a verification of a wave that was taken back and written again meanwhile", () => {
  it("says nothing of the wave that stands now", async () => {
    await approve(test, run, "first_wave");
    await commit(test.services, { run, wave: 1 });
    let verified = 0;
    for (let step = 1; ; step++) {
      const late = overtakenAt(test.services, step, async () => {
        await rollback(test.services, run);
        await resume(test.services.sign, run, "operator");
        await approve(test, run, "first_wave");
        await commit(test.services, { run, wave: 1 });
      });
      const ended = await verify(late, run, 1).then(
        () => "verified",
        (error: Error) => error.name,
      );
      if (!late.overtaken()) break;
      const [wave] = await test.query<{ status: string; verification: { round: number }[] | null }>(
        `select status, round, verification from wavegate.waves where run_id = '${run}'`,
      );
      // Overtaken before it looked at the wave it verifies the one that stands; later it refuses.
      if (ended === "verified") {
        verified++;
        expect(wave).toMatchObject({ status: "verified", round: step + 1 });
        expect(wave?.verification?.map(({ round }) => round)).toEqual(
          wave?.verification?.map(() => step + 1),
        );
      } else {
        expect(ended).toBe("WaveTakenBack");
        expect(wave).toMatchObject({ status: "committed" });
      }
    }
    expect(verified).toBeLessThan(4);
    expect(await refusal(verify(test.services, run, 2))).toBe("UnknownWave");
  });
});

describe("W3 R14 a drill that is delivered again while its first delivery is done", () => {
  it("before any step of the second, has the same certificate, and the wave stands", async () => {
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    const rounds = async () =>
      (
        await test.query<{ round: number }>(
          `select round from wavegate.waves where run_id = '${run}'`,
        )
      )[0]?.round ?? 0;
    // Among them before the wave is looked at, before the round is noted, and before the wave is taken back.
    for (let step = 1; ; step += everyNth({ 1: 2, 3: 3, 6: 1 }[step] ?? 13)) {
      await test.query(`delete from wavegate.drills where run_id = '${run}'`);
      await test.query(`delete from wavegate.drill_rounds where run_id = '${run}'`);
      const before = await rounds();
      let first: unknown;
      const late = overtakenAt(test.services, step, async () => {
        first = await drill(test.services, run);
      });
      const second = await drill(late, run);
      if (!late.overtaken()) break;
      expect(second).toEqual(first);
      expect(await rounds()).toBe(before + 1);
      expect(await waves()).toEqual([{ wave: 1, picked: 2, ledger: 2, there: 2 }]);
    }
  });

  it("R17 and what a rollback takes back at its very end is certified by none", async () => {
    /** How many steps the drill made. */
    const rolledBackBefore = async (step: number): Promise<number> => {
      const own = await lent.lend("verified");
      const late = overtakenAt(own.services, step, () => rollback(own.services, run));
      const passed = await drill(late, run).then(
        () => true,
        () => false,
      );
      expect(passed).toBe(!late.overtaken());
      expect(await whatDoesNotHold(own, run)).toEqual([]);
      await own.close();
      return late.steps();
    };
    const last = await rolledBackBefore(Number.POSITIVE_INFINITY);
    for (let step = last; step > (everyStep ? 0 : last - 2); step--) await rolledBackBefore(step);
  });

  it("R14 and of a wave that somebody took back and wrote again meanwhile nothing is certified that the drill did not do", async () => {
    // Before its round is noted, and before the wave is taken back.
    for (const step of [6, 7]) {
      const own = await lent.lend("verified");
      const late = overtakenAt(own.services, step, async () => {
        await rollback(own.services, run);
        await resume(own.services.sign, run, "operator");
        await approve(own, run, "first_wave");
        await runWave(own, run, 1);
      });
      expect(await refusal(drill(late, run))).toBe("WaveTakenBack");
      expect(
        await own.query(
          `select round, status, (select count(*)::int from wavegate.drills where run_id = w.run_id) as drills from wavegate.waves w
            where run_id = '${run}'`,
        ),
      ).toEqual([{ round: 2, status: "verified", drills: 0 }]);
      expect(await nextWave(own.services, run)).toEqual({ next: "drill", run });
      expect(await whatDoesNotHold(own, run)).toEqual([]);
      await own.close();
    }
  });
});

describe("W3 R17 a final verification that something else overtakes", () => {
  it.each([
    ["a rollback", "rolled_back", (small: TestServices) => rollback(small.services, run)],
    [
      "a stop",
      "stopped",
      (small: TestServices) =>
        stop(small.services.sign, run, "operator").catch((error: Error) => {
          // Too late for it.
          if (error.name !== "RunCompleted") throw error;
        }),
    ],
  ])("%s, never calls the run complete", async (_, status, other) => {
    const worlds = smallWorlds();
    const ends: string[] = [];
    for (let step = 2, met = true; met; step += everyNth(83)) {
      const small = await worlds.lend("last");
      const late = overtakenAt(small.services, step, () => other(small));
      const ended = await finalVerify(late, run).then(
        () => "passed",
        (error: Error) => error.name,
      );
      met = late.overtaken();
      ends.push(ended);
      // Overtaken before its end it calls nothing complete; behind it, it was.
      const [found] = await small.query(
        `select status from wavegate.legacy_import_runs where id = '${run}'`,
      );
      if (ended !== "passed") expect({ ended, ...found }).toEqual({ ended, status });
      await small.close();
    }
    expect(ends).toContain("VerificationOvertaken");
    expect(ends.lastIndexOf("VerificationOvertaken")).toBeLessThan(ends.indexOf("passed"));
  });

  it("W5 by a validation that begins, of which no log tells before its end", async () => {
    const small = await smallWorlds().lend("last");
    const { stage } = small.services;
    const late = overtakenAt(small.services, 12, async () =>
      beginStage(stage, await findRun(stage, run), "import"),
    );
    expect(await refusal(finalVerify(late, run))).toBe("VerificationOvertaken");
    expect(late.overtaken()).toBe(true);
    await small.close();
  });
});
