import { afterEach, expect, it } from "vitest";
import { entriesOf, pause, resume, stop } from "../../lib/review/steer/control.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { faultsOfBundle } from "../lifecycle/whole-life.ts";
import { everyNth, someOf } from "../support/every-step.ts";
import { killedAt } from "../support/killed.ts";
import { meetingAt } from "../support/overtaken.ts";
import type { TestServices } from "../support/services.ts";
import { refusal, toTheEnd } from "../support/steps.ts";
import { whatDoesNotHold } from "./holds.ts";
import { run, smallWorlds } from "./worlds.ts";

const lent = smallWorlds();
let test: TestServices;
afterEach(() => test.close());

const standing = async () =>
  (
    await test.query<Record<"status" | "control", string> & Record<"standing" | "signed", number>>(
      `select status, control, (select count(*)::int from wavegate.waves where run_id = r.id and status <> 'rolled_back') as standing,
              (select count(*)::int from wavegate.sign_offs where run_id = r.id and status = 'approved') as signed
         from wavegate.legacy_import_runs r where r.id = '${run}'`,
    )
  )[0];

it.each(someOf(2, ["completed", "scaled up", "verified"] as const))(
  "R17 W3 W9 a run that was %s, whose rollback was cut off anywhere, goes on to a whole end where a person wants it: after a new sign-off of what stands",
  { timeout: 30 * 60_000 },
  async (world) => {
    const seen = new Set<number>();
    let asked = 0;
    // Among the first cuts is one behind what withdraws the approvals.
    for (let death = 3, alive = false; !alive; ) {
      test = await lent.lend(world);
      const mortal = killedAt(test.services, death);
      await rollback(mortal, run).catch(() => {});
      alive = mortal.alive();
      const cut = await standing();
      seen.add(cut?.standing ?? 0);
      if (cut?.status === "completed" && cut.control === "stop" && cut.standing === 3)
        for (const act of [pause, stop])
          expect(await refusal(act(test.services.sign, run, "operator"))).toBe("RunCompleted");
      // Of one that was cut off before it began nothing is to be gone on with.
      if (cut?.control === "stop") await resume(test.services.sign, run, "operator");
      if (cut?.signed === 0 && cut.standing > 0) asked++;
      if (cut?.signed === 0)
        expect(await nextWave(test.services, run)).toMatchObject({
          next: "ask",
          gate: "first_wave",
        });
      await toTheEnd(test, run);
      expect((await finalVerify(test.services, run)).passed).toBe(true);
      expect(await standing()).toMatchObject({ status: "completed", control: "run" });
      expect(await whatDoesNotHold(test, run)).toEqual([]);
      expect(await faultsOfBundle(test, run)).toEqual([]);
      await test.close();
      death += everyNth(death < 20 ? 19 : world === "completed" ? 101 : 71);
    }
    test = await lent.lend(world);
    expect(seen.size).toBeGreaterThan(1);
    expect(asked).toBeGreaterThan(0);
  },
);

it("R17 W9 a run that was taken back does not go on because somebody let it go on before or meanwhile, be it the same person", {
  timeout: 30 * 60_000,
}, async () => {
  const refused: unknown[] = [];
  for (let nth = 1, met = true; met; ) {
    test = await lent.lend("verified");
    const seen = await entriesOf(test.services.sign, run);
    const letGo = () => resume(test.services.sign, run, "operator", seen);
    const ends = await meetingAt(test, nth, ({ services }) => rollback(services, run), letGo);
    met = ends.met;
    expect(ends.act).toBeUndefined();
    if (!met) await letGo().catch((error) => refused.push(error.name));
    else if (ends.other instanceof Error) refused.push(ends.other.name);
    expect(await standing()).toMatchObject({ status: "rolled_back", control: "stop" });
    await test.close();
    nth += everyNth(7);
  }
  test = await lent.lend("verified");
  // At its end it is waited for, and behind it comes too late.
  expect(new Set(refused)).toEqual(new Set(["RunMovedOn"]));
  expect(refused.length).toBeGreaterThan(1);
});
