import { afterEach, beforeEach, expect, it } from "vitest";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { halt } from "../../lib/stages/halted.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { noteWaiting } from "../../lib/stages/run/note-waiting.ts";
import type { TestServices } from "../support/services.ts";
import { refusal } from "../support/steps.ts";
import { run, smallWorlds } from "./worlds.ts";

const lent = smallWorlds();
let test: TestServices;

beforeEach(async () => {
  test = await lent.lend("completed");
});
afterEach(() => test.close());

const standing = async () =>
  (
    await test.query(
      "select status, control, halted_because ->> 'error' as because from wavegate.legacy_import_runs where id = $1",
      [run],
    )
  )[0];
const because = {
  error: "States.Timeout",
  message: "It took too long for +213 559 44 61 68 and sara@example.com.",
};
const withheld = /559 44|sara@/u;
const told = () => test.mails.filter(({ subject }) => subject.includes("halted: States.Timeout"));

it("R17 R14 a rollback of a complete run that ends before anything is taken back halts it, and people are told", async () => {
  // Nobody takes it back: what is told late changes nothing.
  await halt(test.services, { run, because });
  expect(await standing()).toEqual({ status: "completed", control: "run", because: null });
  expect(told()).toEqual([]);
  const cut = {
    ...test.services,
    commitOf: () => {
      throw new Error("Cut off.");
    },
  };
  await expect(rollback(cut, run)).rejects.toThrow("Cut off.");
  await noteWaiting(test.services, { run, status: "paused" });
  expect(await standing()).toEqual({ status: "completed", control: "stop", because: null });
  await halt(test.services, { run, because });
  expect(await standing()).toEqual({
    status: "halted",
    control: "stop",
    because: "States.Timeout",
  });
  expect(told()).toHaveLength(3);
});

it("W14 D20 R17 what a halt is told of is neither kept, exported, mailed nor logged where it holds a contact, nor what an older one kept", async () => {
  await test.query(
    `update wavegate.legacy_import_runs set status = 'waiting', control = 'stop' where id = '${run}'`,
  );
  await halt(test.services, { run, because });
  const kept = () =>
    test.query(
      "select halted_because::text as because from wavegate.legacy_import_runs where id = $1",
      [run],
    );
  expect(JSON.stringify(await kept())).toContain("What it said is neither shown nor kept");
  expect(JSON.stringify(await kept())).not.toMatch(withheld);
  expect(told()).toHaveLength(3);
  expect(JSON.stringify(told())).not.toMatch(withheld);
  expect(
    JSON.stringify(await test.query(`select * from wavegate.audit_log where run_id = '${run}'`)),
  ).not.toMatch(withheld);

  // Whoever else notes that a run waits: a rollback does by itself.
  await test.query(`update wavegate.legacy_import_runs set status = 'waiting' where id = '${run}'`);
  await noteWaiting(test.services, { run, status: "halted", because });
  expect(await standing()).toMatchObject({ status: "halted", because: "States.Timeout" });
  expect(JSON.stringify(await kept())).not.toMatch(withheld);

  // As an older wavegate kept it.
  await test.query(
    `update wavegate.legacy_import_runs set halted_because = $1 where id = '${run}'`,
    [JSON.stringify(because)],
  );
  const { prefix } = await auditExport(test.services, run);
  const summary = (await test.services.evidence.get(`${prefix}/summary.json`)).toString();
  expect(JSON.parse(summary).halted_because.error).toBe("States.Timeout");
  expect(summary).not.toMatch(withheld);
});

it("R17 R14 a rollback of a complete run that is refused at its first wave halts it, and is sent again", async () => {
  await test.query(
    "create table certificates (training_id bigint references legacy_completed_trainings)",
  );
  expect(await refusal(rollback(test.services, run))).toBe("PrivilegesMissing");
  expect(await standing()).toEqual({
    status: "halted",
    control: "stop",
    because: "PrivilegesMissing",
  });
  await test.query("drop table certificates");
  expect(await rollback(test.services, run)).toMatchObject({ outcome: "rolled_back" });
  expect(await standing()).toEqual({ status: "rolled_back", control: "stop", because: null });
});
