import { afterEach, beforeEach, expect, it } from "vitest";
import { decide } from "../../lib/review/sign-off/decide.ts";
import { pause, resume, stop } from "../../lib/review/steer/control.ts";
import { noteWaiting } from "../../lib/stages/run/note-waiting.ts";
import { askNextGate } from "../../lib/stages/sign-off.ts";
import { overtakenAt } from "../support/overtaken.ts";
import type { TestServices } from "../support/services.ts";
import { run, smallWorlds } from "./worlds.ts";

const lent = smallWorlds();
let test: TestServices;
let n = 0;

beforeEach(async () => {
  test = await lent.lend("asked");
});
afterEach(() => test.close());

const asks = (services = test.services) => {
  n += 1;
  return askNextGate(services, { run, executionArn: `arn:waits-${n}`, token: `token-${n}` });
};
const standing = async () =>
  (
    await test.query<{ status: string; asked: boolean }>(
      `select status, exists (select from wavegate.sign_offs where run_id = r.id and status = 'pending') as asked
         from wavegate.legacy_import_runs r where id = '${run}'`,
    )
  )[0];

async function decideNewest(decision: "reject"): Promise<void> {
  const [open] = await test.query<{ id: string }>(
    `select id::text as id from wavegate.sign_offs where run_id = '${run}' and status = 'pending'
      order by asked_order desc limit 1`,
  );
  const ref = { id: open?.id ?? "" };
  await decide(test.services, { ref, person: "approver", decision, comment: "Not yet." });
}

it("W9 A2 a run that waits for an answer goes on waiting for it, however often it is let go on, or paused before", async () => {
  await asks();
  for (const told of [resume, pause, resume, resume]) {
    await told(test.services.sign, run, "operator");
    expect(await standing()).toEqual({ status: "waiting", asked: true });
  }
});

/** Asks, and lets something else happen just before the last step, when the question is there already. */
async function overtakenAtLast(other: () => Promise<unknown>): Promise<void> {
  const counted = overtakenAt(test.services, Number.POSITIVE_INFINITY, other);
  await asks(counted);
  const late = overtakenAt(test.services, counted.steps(), other);
  await asks(late);
  expect(late.overtaken()).toBe(true);
}

it("W9 what was stopped while people were asked is stopped", async () => {
  await overtakenAtLast(() => stop(test.services.sign, run, "operator"));
  expect(await standing()).toMatchObject({ status: "stopped" });
});

it("W9 a run waits for nobody who answered while others were still written to", async () => {
  await overtakenAtLast(() => decideNewest("reject"));
  expect(await standing()).toEqual({ status: "running", asked: false });
});

it("W9 what was stopped just before it would have been noted as paused is stopped, and a rollback that halts is noted all the same", async () => {
  await stop(test.services.sign, run, "operator");
  await noteWaiting(test.services, { run, status: "paused" });
  expect(await standing()).toMatchObject({ status: "stopped" });
  const because = { error: "States.Timeout", message: "It took too long." };
  await noteWaiting(test.services, { run, status: "halted", because });
  expect(await standing()).toMatchObject({ status: "halted" });
});
