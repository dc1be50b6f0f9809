import { expect, it } from "vitest";
import { faultSays, runCampaign } from "../../campaign/run.ts";

const minute = 60_000;

it("W3 W6 B6 B8 forty schedules of seeded faults write nothing twice, lose nothing, and are taken back row for row", {
  timeout: 30 * minute,
}, async () => {
  const { schedules, failures, faults } = await runCampaign({ schedules: 40, seed: 7 });
  expect(schedules).toBe(40);
  expect(failures.map(({ faults, says }) => [faults.map(faultSays), says])).toEqual([]);
  const fired = [...faults].filter(([, tally]) => tally.fired > 0);
  // Which calls a cut or a signal meets depends on the machine; most kinds have to have happened.
  expect(fired.length).toBeGreaterThanOrEqual(11);
});
