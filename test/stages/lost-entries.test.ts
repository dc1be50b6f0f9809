import { afterAll, beforeAll, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { stop } from "../../lib/review/steer/control.ts";
import { nextStep } from "../../lib/review/steer/next-step.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { lockOwner } from "../../lib/stages/wave/commit-lock.ts";
import {
  platformDigest,
  reviewed,
  reviewedServices,
  type TestServices,
} from "../support/services.ts";
import { approve, runWave } from "../support/steps.ts";

let test: TestServices;
const run = reviewed;
let before: unknown;

beforeAll(async () => {
  test = await reviewedServices();
  before = await platformDigest(test);
  await approve(test, run, "first_wave");
  await runWave(test, run, 1);
  // Nobody may but who administers the database. An entry of an earlier round, which was taken back, proves nothing.
  await test.query(
    `with first as (select id from wavegate.legacy_import_commit_logs where run_id = $1 order by id limit 3),
          closed as (update wavegate.legacy_import_commit_logs set rolled_back_at = now() where id = (select min(id) from first))
     delete from wavegate.legacy_import_commit_logs
      where id in (select id from first) and id <> (select min(id) from first)`,
    [run],
  );
});
afterAll(() => test.close());

const written = () =>
  test.query(
    "select count(*)::int as rows from legacy_completed_trainings where legacy_import_run_id = $1",
    [run],
  );
const states = () =>
  test.query(
    `select import_state as state, count(*)::int as rows from wavegate.legacy_student_imports
      where run_id = $1 and import_state in ('committed', 'rolled_back') group by 1 order by 1`,
    [run],
  );
const standing = async () =>
  (
    await test.query(
      "select status, halted_because ->> 'error' as because from wavegate.legacy_import_runs where id = $1",
      [run],
    )
  )[0];

it("B1 a preview of a rollback refuses what the ledger lacks, as the rollback will", async () => {
  await expect(previewRollback(test.services, run)).rejects.toMatchObject({
    name: "LedgerIncomplete",
  });
  expect(await written()).toEqual([{ rows: 25 }]);
});

it("R17 M12 a rollback of later waves asks nothing of those that it leaves", async () => {
  expect(await previewRollback(test.services, run, 2)).toEqual({ run, waves: [] });
  expect((await rollback(test.services, run, 2)).waves).toEqual([]);
  expect(await written()).toEqual([{ rows: 25 }]);
});

it("M12 a rollback takes back what the ledger has, and says of what it lacks that it stays", async () => {
  await expect(rollback(test.services, run)).rejects.toMatchObject({
    name: "LedgerIncomplete",
    message: expect.stringMatching(
      /^3 rows that ecoin-\S+ wrote have no entry in its ledger any more, .* they stay there: 3 of legacy_completed_trainings \(staged \d+, \d+, \d+\)\. Everything else is taken back\..* no other run of “ecoin” begins: `wavegate stop --run ecoin-\S+` leaves them there, and lets one\.$/u,
    ),
  });
  expect(await written()).toEqual([{ rows: 3 }]);
  expect(await states()).toEqual([
    { state: "committed", rows: 3 },
    { state: "rolled_back", rows: 22 },
  ]);
  expect(await standing()).toEqual({ status: "halted", because: "LedgerIncomplete" });
  const found = await findRun(test.services.stage, run);
  expect(await lockOwner(test.services.stage, "ecoin")).toMatchObject({ id: run });
  const { says, command } = nextStep({ ...found, alive: false, pendingGate: null });
  expect(command).toBe(`wavegate rollback --run ${found.reference}`);
  expect(says).toContain(
    `\`wavegate stop --run ${found.reference}\` leaves them there. Until then no other run of ecoin begins.`,
  );
  // Sent again it says so again.
  await expect(rollback(test.services, run)).rejects.toMatchObject({ name: "LedgerIncomplete" });
});

it("W10 stopped, it leaves them there, lets another run begin, and may still be taken back", async () => {
  await stop(test.services.sign, run, "operator");
  expect(await lockOwner(test.services.stage, "ecoin")).toBeUndefined();
  await expect(rollback(test.services, run)).rejects.toMatchObject({ name: "LedgerIncomplete" });
  expect(await written()).toEqual([{ rows: 3 }]);
});

it("M12 W6 and comes to its end once somebody took that away", async () => {
  await test.query("delete from legacy_completed_trainings where legacy_import_run_id = $1", [run]);
  expect((await rollback(test.services, run)).outcome).toBe("rolled_back");
  expect(await states()).toEqual([{ state: "rolled_back", rows: 25 }]);
  expect(await standing()).toEqual({ status: "rolled_back", because: null });
  expect(await platformDigest(test)).toEqual(before);
});
