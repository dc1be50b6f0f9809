import { afterAll, beforeAll, expect, it } from "vitest";
import { compilePin } from "../../lib/compile/pin/pin.ts";
import { balance, balances } from "../../lib/evidence/balance.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { runId, stageRun } from "./fixture.ts";
import { type Evidence, startEvidence } from "./support.ts";

let evidence: Evidence;
beforeAll(async () => {
  evidence = await startEvidence();
  const states = [
    "pending",
    "committed",
    "linked",
    "linked",
    "skipped",
    "held",
    "failed",
    "rolled_back",
  ];
  const rows = states.map((state, n) => ({ legacyId: n + 1, state }));
  await stageRun(evidence.admin, evidence.services, rows);
});
afterAll(() => evidence.close());

it("W6 counts every state, and says that the balance holds", async () => {
  const expected = {
    staged: 8,
    imported: 8,
    pending: 1,
    committed: 1,
    linked: 2,
    skipped: 1,
    held: 1,
    failed: 1,
    rolled_back: 1,
    holds: true,
  };
  expect(await balance(evidence.services.stage, compilePin(ecoin), runId)).toEqual(expected);
});

it("W6 does not hold when a row that was imported is gone", async () => {
  await evidence.admin.query("update wavegate.import_ranges set rows_read = 9 where run_id = $1", [
    runId,
  ]);
  const found = await balance(evidence.services.stage, compilePin(ecoin), runId);
  expect(found).toMatchObject({ staged: 8, imported: 9, holds: false });
});

it("W6 does not hold when a row stands in a state nobody counts", () => {
  const counted = {
    staged: 3,
    imported: 3,
    pending: 1,
    committed: 1,
    linked: 0,
    skipped: 0,
    held: 0,
    failed: 0,
    rolled_back: 0,
  };
  expect(balances(counted)).toBe(false);
  expect(balances({ ...counted, held: 1 })).toBe(true);
});

it("W6 an unknown run has nothing staged, and that holds", async () => {
  const found = await balance(
    evidence.services.stage,
    compilePin(ecoin),
    "7f3a0000-0000-4000-8000-00000000ffff",
  );
  expect(found).toMatchObject({ staged: 0, holds: true });
});
