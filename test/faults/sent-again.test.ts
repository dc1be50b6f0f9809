import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { appendAudit } from "../../lib/evidence/audit-log.ts";
import { pullBundle } from "../../lib/evidence/pull.ts";
import { verifyBundle } from "../../lib/evidence/verify-bundle.ts";
import { ask } from "../../lib/review/sign-off/ask.ts";
import { pause, resume, stop } from "../../lib/review/steer/control.ts";
import type { Services } from "../../lib/services/services.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { halt } from "../../lib/stages/halted.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { takeWaveBack } from "../../lib/stages/undo/undo-wave.ts";
import { faultsOfBundle } from "../lifecycle/whole-life.ts";
import { everyNth } from "../support/every-step.ts";
import { dyingEverywhere, killedAt } from "../support/killed.ts";
import { platformDigest, type TestServices } from "../support/services.ts";
import { approve, refusal, runWave, toTheEnd } from "../support/steps.ts";
import { run, smallWorlds } from "./worlds.ts";

const lent = smallWorlds();
let test: TestServices;

beforeEach(async () => {
  test = await lent.lend("reviewed");
});
afterEach(() => test.close());

const standing = async () => {
  const [row] = await test.query<Record<string, unknown>>(`
    select status, control,
           (select count(*)::int from wavegate.sign_offs where run_id = r.id and status in ('approved', 'pending')) as decisions,
           (select count(*)::int from wavegate.sign_offs where run_id = r.id and token is not null) as waiting,
           (select count(run_id)::int from wavegate.commit_locks where run_id = r.id) as locks,
           (select count(*)::int from wavegate.drills where run_id = r.id) + (select count(*)::int from wavegate.drill_rounds where run_id = r.id) as drills,
           (select count(*)::int from legacy_completed_trainings where legacy_import_run_id = r.id) as trainings
      from wavegate.legacy_import_runs r where r.id = '${run}'`);
  return row;
};

describe("W3 R17 a rollback that dies anywhere and is sent again", () => {
  it("comes to its end: nothing left, approvals void, lock free, status right, no wave without a new sign-off", async () => {
    const before = await platformDigest(test);
    let death = 0;
    const written = async () => {
      await resume(test.services.sign, run, "operator");
      await approve(test, run, "first_wave");
      await runWave(test, run, 1);
      await ask(test.services, { run, gate: "scale_up", token: `task-${death++}` });
    };
    await written();
    const deaths = await dyingEverywhere(
      test.services,
      (mortal) => rollback(mortal, run),
      async () => {
        // Whatever it died of, no approval outlives rows that were taken back.
        const { trainings, decisions } = (await standing()) ?? {};
        if (trainings === 0) expect(decisions).toBe(0);
        await rollback(test.services, run);
        expect(await standing()).toEqual({
          status: "rolled_back",
          control: "stop",
          decisions: 0,
          waiting: 0,
          locks: 0,
          drills: 0,
          trainings: 0,
        });
        expect(await platformDigest(test)).toEqual(before);
        expect(
          test.executions.answers.filter(({ token }) => token === `task-${death - 1}`),
        ).toHaveLength(1);
        expect((await rollback(test.services, run)).outcome).toBe("nothing_to_do");
        await resume(test.services.sign, run, "operator");
        expect(await refusal(commit(test.services, { run, wave: 1 }))).toBe("NotSignedOff");
        await written();
      },
      // Each step of a rollback is met by the test below; here some, from a whole state.
      { every: everyNth(59) },
    );
    expect(deaths).toBeGreaterThan(20);
  });

  it("of its later waves too: the first wave keeps its sign-off and its drill, and the run is stopped", async () => {
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    await drill(test.services, run);
    for (let written = 1; written < 3; ) {
      const step = await nextWave(test.services, run);
      if (step.next === "ask") await approve(test, run, step.gate);
      if (step.next !== "wave") continue;
      await runWave(test, run, step.wave);
      written = step.wave;
    }
    // Killed at ever later steps of what is left of it, and each time sent again.
    await dyingEverywhere(
      test.services,
      (mortal) => rollback(mortal, run, 2),
      async () => {},
    );
    expect(await standing()).toMatchObject({
      status: "stopped",
      decisions: 1,
      locks: 0,
      drills: 2,
      trainings: 5,
    });
    await resume(test.services.sign, run, "operator");
    expect(await refusal(commit(test.services, { run, wave: 2 }))).toBe("NotSignedOff");
  });
});

describe("W3 R14 a drill that dies anywhere and is sent again", () => {
  it("passes once, with the certificate of one that was never cut off", async () => {
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    const deaths = await dyingEverywhere(
      test.services,
      (mortal) => drill(mortal, run),
      async () => {},
    );
    expect(deaths).toBeGreaterThan(20);
    expect((await drill(test.services, run)).certificate).toEqual({
      wave: 1,
      rows_written_first: 5,
      rows_taken_back: 5,
      rows_left_behind: 0,
      conflicts: 0,
      rows_differing: 0,
      verified_again: true,
    });
    expect(
      await test.query(`select wave, round, status from wavegate.waves where run_id = '${run}'`),
    ).toEqual([{ wave: 1, round: 2, status: "verified" }]);
    expect(
      await test.query(
        `select action from wavegate.audit_log where run_id = '${run}' and action = 'drill'`,
      ),
    ).toHaveLength(1);
  });

  it("its certificate is of the wave that it wrote: one that a rollback took back since, and that was written again, is drilled anew, whatever the clocks say", async () => {
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    await drill(test.services, run);
    // As of a rollback that was cut off behind it.
    await takeWaveBack(test.services, await findRun(test.services.stage, run), 1);
    await runWave(test, run, 1);
    for (const at of ["at", "at + interval '1 hour'"]) {
      await test.query(`update wavegate.drills set at = ${at} where run_id = '${run}'`);
      expect(await nextWave(test.services, run)).toEqual({ next: "drill", run });
      expect(await refusal(commit(test.services, { run, wave: 2 }))).toBe("NotReady");
    }
    await drill(test.services, run);
    await test.query(
      `update wavegate.drills set at = at - interval '1 hour' where run_id = '${run}'`,
    );
    expect(await nextWave(test.services, run)).toMatchObject({ next: "ask", gate: "scale_up" });
  });

  it("one that failed fails again when it is sent again, until somebody resumes the run", async () => {
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    const [first] = await test.query<{ id: number; phone: string | null }>(
      `select id::int, phone from legacy_completed_trainings where legacy_import_run_id = '${run}' order by id limit 1`,
    );
    const edit = (phone: string | null | undefined) =>
      test.query("update legacy_completed_trainings set phone = $2 where id = $1", [
        first?.id,
        phone,
      ]);
    await edit("1");
    expect(await refusal(drill(test.services, run))).toBe("DrillFailed");
    const rounds = () => test.query(`select round from wavegate.waves where run_id = '${run}'`);
    const after = await rounds();
    expect(await refusal(drill(test.services, run))).toBe("DrillFailed");
    // Nor does anything else that is noted of the run make the failure old.
    const noted = { actor: "operator", action: "question", details: { row: 1 } };
    await appendAudit(test.services.sign, run, noted, new Date());
    expect(await refusal(drill(test.services, run))).toBe("DrillFailed");
    expect(await rounds()).toEqual(after);
    // What was spared then is none of what is drilled now, be it as it was.
    await edit(first?.phone);
    await resume(test.services.sign, run, "operator");
    expect(await drill(test.services, run)).toMatchObject({ passed: true });
    expect(await rollback(test.services, run)).toMatchObject({ outcome: "rolled_back" });
    expect(
      await test.query(
        `select 1 from legacy_completed_trainings where legacy_import_run_id = '${run}'`,
      ),
    ).toEqual([]);
  });
});

describe("W3 stop, halt and the final verification, sent again", () => {
  it("W9 a stop gives the lock back, and leaves what was taken back as taken back", async () => {
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    await stop(test.services.sign, run, "operator");
    await stop(test.services.sign, run, "operator");
    // Nor is anything drilled of it: the wave would be taken back, and not written again.
    expect(await refusal(drill(test.services, run))).toBe("RunStopped");
    expect(await standing()).toMatchObject({
      ...{ status: "stopped", control: "stop" },
      ...{ locks: 0, drills: 0, trainings: 5 },
    });
    await rollback(test.services, run);
    await stop(test.services.sign, run, "operator");
    expect(await standing()).toMatchObject({ status: "rolled_back", control: "stop" });
  });

  it("R17 a halt tells people at last and is one entry; told late it changes nothing that was taken back", async () => {
    const because = { error: "Test", message: "Something was wrong." };
    await dyingEverywhere(
      test.services,
      (mortal) => halt(mortal, { run, because }),
      async () => {},
      { upTo: 6 },
    );
    await halt(test.services, { run, because });
    expect(await standing()).toMatchObject({ status: "halted" });
    expect(test.mails.some(({ subject }) => subject.includes("halted: Test"))).toBe(true);
    expect(
      await test.query(
        `select 1 from wavegate.audit_log where run_id = '${run}' and action = 'halted'`,
      ),
    ).toHaveLength(1);
    await resume(test.services.sign, run, "operator");
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    await rollback(test.services, run);
    const mails = test.mails.length;
    await halt(test.services, { run, because });
    expect(await standing()).toMatchObject({ status: "rolled_back" });
    expect(test.mails).toHaveLength(mails);
  });

  it("a final verification that is sent again is the one that ended the run, whatever the platform does since", async () => {
    await toTheEnd(test, run);
    await dyingEverywhere(
      test.services,
      (mortal) => finalVerify(mortal, run),
      async () => {},
      { every: everyNth(13) },
    );
    expect(await standing()).toMatchObject({ status: "completed", locks: 0 });
    await test.query(
      `update legacy_completed_trainings set phone = '1'
        where id = (select min(id) from legacy_completed_trainings where legacy_import_run_id = '${run}')`,
    );
    expect(await finalVerify(test.services, run)).toMatchObject({ passed: true });
    expect(await standing()).toMatchObject({ status: "completed" });
  });
});

describe.each([
  ["pause", pause, "pause"],
  ["stop", stop, "stop"],
] as const)("W9 a %s", (_, told, control) => {
  it("stays told, whatever is delivered again or begins anew, until somebody resumes", async () => {
    const [found] = await test.query<{ arn: string }>(
      `select execution_arn as arn from wavegate.legacy_import_runs where id = '${run}'`,
    );
    await approve(test, run, "first_wave");
    await told(test.services.sign, run, "operator");
    for (const executionArn of [found?.arn ?? "", "arn:of:a:stage:alone"]) {
      await preflight(test.services, { migration: "ecoin", run, executionArn });
      expect(await standing()).toMatchObject({ control });
    }
    expect(await refusal(commit(test.services, { run, wave: 1 }))).toMatch(/^Run(Paused|Stopped)$/);
    expect((await nextWave(test.services, run)).next).toBe(control);
    await resume(test.services.sign, run, "operator");
    expect(await standing()).toMatchObject({ control: "run" });
    expect((await nextWave(test.services, run)).next).toBe("wave");
  });
});

describe("W12 an audit export that is cut off behind its manifest", () => {
  const cut = (services: Services, after: string): Services => ({
    ...services,
    evidence: {
      ...services.evidence,
      put: async (key, body, options) => {
        await services.evidence.put(key, body, options);
        if (key.endsWith(after)) throw new Error("cut");
      },
    },
  });
  const bundles = async () =>
    (await test.services.evidence.list("runs/"))
      .filter(({ key }) => /audit\/\d+\/manifest\.json$/.test(key))
      .map(({ key }) => key.replace("/manifest.json", ""))
      .sort();
  const told = async () =>
    (
      await test.query<{ prefix: string }>(
        `select details ->> 'prefix' as prefix from wavegate.audit_log where run_id = '${run}' and action = 'export-audit' order by seq`,
      )
    ).map(({ prefix }) => prefix);
  const cutOff = (after = "/manifest.json") =>
    expect(auditExport(cut(test.services, after), run)).rejects.toThrow("cut");

  it("is that bundle when it is sent again, told of once, and mailed", async () => {
    await cutOff();
    expect(await told()).toEqual([]);
    const [first] = await bundles();
    const made = await auditExport(test.services, run);
    expect(made.prefix).toBe(first);
    expect(await told()).toEqual([first]);
    expect(test.mails.filter(({ text }) => text.includes(made.manifestDigest))).not.toEqual([]);
    // And it is verified as any other, by what the mail told.
    expect(await faultsOfBundle(test, run, made)).toEqual([]);
  });

  it("is told of, and another is made, where something happened since", async () => {
    await cutOff();
    await pause(test.services.sign, run, "operator");
    await cutOff();
    await resume(test.services.sign, run, "operator");
    const made = await auditExport(test.services, run);
    expect(await told()).toEqual(await bundles());
    expect(await told()).toEqual([expect.any(String), expect.any(String), made.prefix]);
  });

  it("is no bundle before its manifest is there", async () => {
    await cutOff("/signature.json");
    const made = await auditExport(test.services, run);
    expect(await told()).toEqual([made.prefix]);
  });

  it("is none either once it is noted, as long as its manifest is not there", async () => {
    const { evidence } = test.services;
    const put: typeof evidence.put = async (key, ...rest) => {
      if (key.endsWith("/manifest.json")) throw new Error("cut");
      await evidence.put(key, ...rest);
    };
    const noted = { ...test.services, evidence: { ...evidence, put } };
    await expect(auditExport(noted, run)).rejects.toThrow("cut");
    const made = await auditExport(test.services, run);
    expect([await told(), await bundles()]).toEqual([[made.prefix], [made.prefix]]);
  });

  it("leaves none that the log does not know, at whatever step behind it the process dies", async () => {
    const counting = killedAt(test.services, 0);
    await auditExport(counting, run);
    await dyingEverywhere(
      test.services,
      (mortal) => auditExport(mortal, run),
      async () => {
        await auditExport(test.services, run);
        expect(await told()).toEqual(await bundles());
      },
      { from: counting.steps() - 9, every: everyNth(3) },
    );
  });

  it("is none that somebody put there, noted or not", async () => {
    await cutOff("/signature.json");
    const [{ prefix = "" } = {}] = await test.query<{ prefix: string }>(
      `select prefix from wavegate.audit_bundles where run_id = '${run}'`,
    );
    expect(prefix).toBe("");
    const forged = `runs/${(await test.query<{ reference: string }>(`select reference from wavegate.legacy_import_runs where id = '${run}'`))[0]?.reference}/audit/0007`;
    await test.services.evidence.put(`${forged}/manifest.json`, Buffer.from("{}"), {
      contentType: "application/json",
    });
    const made = await auditExport(test.services, run);
    expect(await told()).toEqual([made.prefix]);
    expect(made.prefix).not.toBe(forged);
  });
});

describe("W12 an audit export that another one overtakes", () => {
  it("is told of behind it, and a bundle that shows both in that order holds", async () => {
    let other = "";
    const slow: Services = {
      ...test.services,
      evidence: {
        ...test.services.evidence,
        put: async (key, body, options) => {
          if (key.endsWith("/signature.json") && other === "") {
            other = (await auditExport(test.services, run)).prefix;
          }
          await test.services.evidence.put(key, body, options);
        },
      },
    };
    const { prefix } = await auditExport(slow, run);
    expect(other > prefix).toBe(true);
    const both = await auditExport(test.services, run);
    const folder = await mkdtemp(join(tmpdir(), "wavegate-overtaken-"));
    await pullBundle(test.services.evidence, both.prefix, folder);
    const log = (await readFile(join(folder, "audit-log.jsonl"), "utf8")).trim().split("\n");
    const exports = log.map((line) => JSON.parse(line)).filter((e) => e.action === "export-audit");
    expect(exports.map(({ details }) => details.prefix)).toEqual([other, prefix]);
    const { checks } = await verifyBundle(folder, { digest: both.manifestDigest });
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    await rm(folder, { recursive: true });
  });
});
