import { afterAll, beforeAll, expect, it } from "vitest";
import { testMachine, until } from "./machine.ts";

let machine: Awaited<ReturnType<typeof testMachine>>;

beforeAll(async () => {
  machine = await testMachine();
});
afterAll(() => machine.close());

const questions = () =>
  machine.query<{ gate: string; status: string }>(
    "select gate, status from wavegate.sign_offs order by asked_at",
  );

it("W7 W9 a stage repeated while a question is open withdraws it, and `resume` asks anew", async () => {
  const { run } = await machine.json<{ run: string }>([
    "start",
    "ecoin",
    "--backup",
    "b1",
    "--queues-detached",
    "--priority-acknowledged",
  ]);
  const asked = (n: number) => async () => {
    const all = await questions();
    return all.length === n && all.at(-1)?.status === "pending";
  };
  await until("the first sign-off is asked for", asked(1), 240);
  const validated = await machine.wavegate(["validate", "--run", run]);
  expect(validated.code).toBe(0);
  expect(validated.stdout).toContain("is withdrawn, and nobody is waited for.");
  expect(await questions()).toEqual([{ gate: "first_wave", status: "voided" }]);
  const { status, alive, next } = await machine.json<{
    status: string;
    alive: boolean;
    next: string;
  }>(["status", "--run", run]);
  expect([status, alive]).toEqual(["paused", false]);
  expect(next).toContain(`wavegate resume --run ${run}`);
  const as = {
    WAVEGATE_PERSON: machine.approver.name,
    WAVEGATE_PASSWORD: machine.approver.password,
  };
  const approved = await machine.wavegate(["sign-off", "approve", "--run", run], as);
  expect(approved.code).toBe(1);
  expect(approved.stderr).toContain("waits for a sign-off");
  await machine.wavegate(["resume", "--run", run]);
  await until("it is asked anew", asked(2), 240);
  await machine.query(
    "update wavegate.samples set verdict = 'right', wrong = '[]', judged_by = 'karima', judged_at = now()",
  );
  const again = await machine.wavegate(["sign-off", "approve", "--run", run], as);
  expect(again.code).toBe(0);
  await until(
    "wave one and the drill are done",
    async () => (await questions()).some(({ gate }) => gate === "scale_up"),
    240,
  );
});
