import { afterEach, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { appendAudit } from "../../lib/evidence/audit-log.ts";
import { verifyBundle } from "../../lib/evidence/verify-bundle.ts";
import { takeFile } from "../../lib/review/exports/exports.ts";
import { decideMappings } from "../../lib/review/mappings/decisions.ts";
import { judgeSamples } from "../../lib/review/samples/judge.ts";
import { ask } from "../../lib/review/sign-off/ask.ts";
import { decide } from "../../lib/review/sign-off/decide.ts";
import { override } from "../../lib/review/sign-off/override.ts";
import { pause, resume, stop } from "../../lib/review/steer/control.ts";
import { look } from "../../lib/review/steer/look.ts";
import { classify } from "../../lib/stages/classify.ts";
import { drill } from "../../lib/stages/drill.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { halt } from "../../lib/stages/halted.ts";
import { match } from "../../lib/stages/match.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { validate } from "../../lib/stages/validate.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { approve, importAll, judgeAll, runWave, toTheEnd } from "../support/steps.ts";
import { reviewedWorld, run, type SmallWorld, smallWorld, suggested } from "./small-run.ts";

let world: SmallWorld;
let n = 0;

afterEach(() => world.close());

/** What the checks find wrong with an honest bundle of this moment: nothing. */
async function wrong(): Promise<readonly unknown[]> {
  n += 1;
  const { folder, manifestDigest } = await world.bundle(`bundle-${n}`);
  const { checks } = await verifyBundle(folder, { digest: manifestDigest });
  return checks.filter(({ passed }) => !passed);
}

const because = { error: "SourceUnreachable", message: "The source does not answer." };

describe("bundles of runs that went other ways hold as well", () => {
  it("W12 halted in preflight", async () => {
    world = await smallWorld();
    const { services } = world.test;
    const input = { migration: "ecoin", run, executionArn: `arn:${run}` };
    await expect(preflight(services, input)).rejects.toMatchObject({ name: "PreflightFailed" });
    // Nobody noted it yet, and nobody will where preflight was run alone.
    expect(await wrong()).toEqual([]);
    await halt(services, { run, because });
    expect(await wrong()).toEqual([]);
  });

  it("W12 W9 halted in the import, resumed, paused before sign-off, stopped", async () => {
    world = await smallWorld();
    const { services } = world.test;
    await importAll(world.test, run);
    await halt(services, { run, because });
    expect(await wrong()).toEqual([]);
    await resume(world.test.services.sign, run, "operator");
    await judgeAll(world.test, run);
    expect(await wrong()).toEqual([]);
    // R8: decided, and judged anew by it, before anybody exports it.
    const { id = 0, courses } = await suggested(world.test);
    const decided = [{ id, confirm: true as const, target: courses }];
    const found = await findRun(services.stage, run);
    await decideMappings(services.sign, found, "course", decided, "approver");
    for (const stage of [validate, classify, match]) await stage(services, run);
    expect(await wrong()).toEqual([]);
    await judgeAll(world.test, run);
    // B5 R10: rules of somebody's own are none of the run's, and what was taken along is an export of it.
    const { reference } = await findRun(services.stage, run);
    const definition = { ...ecoin, title: "Tried" };
    await look(services, "approver", { look: "what-if", run, definition, after: 0, upTo: 1 });
    const exports = await world.test.query<{ digest: string }>(
      "select digest from wavegate.audit_log where run_id = $1 and action in ('export-review', 'export-audit')",
      [run],
    );
    expect(exports.length).toBeGreaterThan(2);
    for (const { digest } of exports) {
      const wanted = { digest, name: "rows.csv.gz", person: "approver" };
      await takeFile(services, await findRun(services.sign, reference), wanted);
    }
    expect(await wrong()).toEqual([]);
    await ask(services, { run, gate: "first_wave" });
    await pause(world.test.services.sign, run, "operator");
    expect(await wrong()).toEqual([]);
    await stop(world.test.services.sign, run, "operator");
    expect(await wrong()).toEqual([]);
  });

  it("W12 M12 asked twice, written, drilled, taken back in part, relaunched, taken back whole", async () => {
    world = await reviewedWorld();
    const { services } = world.test;
    await ask(services, { run, gate: "first_wave" });
    await approve(world.test, run, "first_wave");
    await runWave(world.test, run, 1);
    expect(await wrong()).toEqual([]);
    await drill(services, run);
    await approve(world.test, run, "scale_up");
    await runWave(world.test, run, 2);
    expect(await wrong()).toEqual([]);
    await rollback(services, run, 2);
    expect(await wrong()).toEqual([]);
    await resume(world.test.services.sign, run, "operator");
    await toTheEnd(world.test, run);
    await finalVerify(services, run);
    expect(await wrong()).toEqual([]);
  });

  it("W12 W8 asked, overridden and decided by clocks each of which is behind the one before, by less than a minute in all", async () => {
    let behind = 0;
    world = await reviewedWorld({ now: () => new Date(Date.now() - behind) });
    const { services } = world.test;
    const asked = await ask(services, { run, gate: "first_wave" });
    const ref = { id: asked.signOff };
    const drawn = await world.test.query<{ id: number }>(
      "select distinct staged_id::int as id from wavegate.samples where run_id = $1 order by 1",
      [run],
    );
    const verdicts = drawn.map(({ id }, nth) => ({
      stagedId: id,
      wrong: nth === 0 ? (["phone"] as const) : [],
    }));
    behind = 20_000;
    await judgeSamples(services, { ref, person: "approver", verdicts });
    behind = 35_000;
    await override(services, { ref, person: "second", reason: "One phone of a trial." });
    behind = 50_000;
    await decide(services, { ref, person: "approver", decision: "approve", comment: "Fine." });
    expect(await wrong()).toEqual([]);
  });

  it.each(["execution-started", "started"])(
    "D36 W8 with executions that others asked for, told of as “%s”",
    async (action) => {
      world = await reviewedWorld();
      for (const [actor, what] of [
        ["second", "dry-run"],
        ["approver", "rollback"],
      ] as const) {
        const details = { what, execution: `${run}-${what}-1`, vouchedBy: "stamp" };
        await appendAudit(world.test.services.sign, run, { actor, action, details }, new Date());
      }
      expect(await wrong()).toEqual([]);
    },
  );

  it("D16 taken back while a record was edited, and relaunched", async () => {
    world = await reviewedWorld();
    const { services } = world.test;
    await approve(world.test, run, "first_wave");
    await runWave(world.test, run, 1);
    await world.test.query(
      `update legacy_completed_trainings set phone = '213550000000'
        where id = (select min(id) from legacy_completed_trainings where legacy_import_run_id = $1)`,
      [run],
    );
    await rollback(services, run);
    expect(await wrong()).toEqual([]);
    await rollback(services, run);
    expect(await wrong()).toEqual([]);
    await resume(world.test.services.sign, run, "operator");
    await approve(world.test, run, "first_wave");
    await runWave(world.test, run, 1);
    expect(await wrong()).toEqual([]);
  });
});
