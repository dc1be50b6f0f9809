import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { json, sql, uuid } from "../../lib/data/sql.ts";
import { auditLog } from "../../lib/evidence/records.ts";
import { resume } from "../../lib/review/steer/control.ts";
import { isRestoring } from "../../lib/review/steer/restore.ts";
import { anotherRun } from "../support/another-run.ts";
import { reviewed as run, type TestServices, waveOneServices } from "../support/services.ts";

let test: TestServices;
const other = "7f3a0000-0000-4000-8000-0000000000f1";

beforeAll(async () => {
  test = await waveOneServices();
  await test.query(anotherRun(other, run));
});
afterAll(() => test.close());

const begin = async (of = run, about: object = { backup_sha256: "b" }) =>
  (
    await test.services.sign.one<{ refused: string | null }>(
      sql`select wavegate.begin_restore(${uuid(of)}, 'approver', ${json(about)}) as refused`,
    )
  ).refused;
const end = async (outcome: string, about: object = { backup_sha256: "b" }) =>
  (
    await test.services.sign.one<{ refused: string | null }>(
      sql`select wavegate.end_restore(${uuid(run)}, 'approver', ${outcome}, ${json(about)}) as refused`,
    )
  ).refused;
const told = async () => (await auditLog(test.services.stage, run)).map(({ action }) => action);
const restoring = () => isRestoring(test.services.stage, run);

beforeEach(() =>
  test.query("update wavegate.commit_locks set run_id = $1 where migration = 'ecoin'", [run]),
);

it("V10 what another run begins to restore is not this one's to end", async () => {
  await test.query("update wavegate.commit_locks set run_id = null");
  expect(await begin(other)).toBe(null);
  const before = await told();
  expect(await end("restored")).toBe("NotBegun");
  expect(await told()).toEqual(before);
  expect(await restoring()).toBe(false);
});

it("V10 W8 a run whose people are erased is not restored, and nothing is told", async () => {
  const before = await told();
  const erased = (at: string) =>
    test.query(`update wavegate.legacy_import_runs set erased_at = ${at} where id = '${run}'`);
  await erased("now()");
  expect(await begin()).toBe("RunErased");
  await erased("null");
  expect(await told()).toEqual(before);
  expect(await findRun(test.services.stage, run)).toMatchObject({ control: "run" });
});

it("V10 W10 R17 it begins with the run stopped, its lock given back, its approvals void, and nobody shown what goes", async () => {
  await test.query(
    `update wavegate.legacy_import_runs set status = 'halted', halted_because = '{"error": "Any"}' where id = '${run}'`,
  );
  await test.query(
    `insert into wavegate.features (name, migration, percentage, run_id, changed_by) values ('halls', 'ecoin', 20, '${run}', 'approver')`,
  );
  const before = await told();
  expect(await begin()).toBe(null);
  expect(await findRun(test.services.stage, run)).toMatchObject({
    ...{ control: "stop", status: "stopped", halted_because: null },
  });
  expect(
    await test.query("select run_id from wavegate.commit_locks where run_id is not null"),
  ).toEqual([]);
  expect(
    await test.query(`select distinct status from wavegate.sign_offs where run_id = '${run}'`),
  ).toEqual([{ status: "voided" }]);
  expect(await test.query("select percentage from wavegate.features where name = 'halls'")).toEqual(
    [{ percentage: 0 }],
  );
  expect((await told()).slice(before.length)).toEqual(
    expect.arrayContaining(["sign-offs-voided", "restore-begun"]),
  );
  expect(await restoring()).toBe(true);
});

it("V10 it ends once, as it was begun, and asked again it says nothing more", async () => {
  const before = await told();
  expect(await end("restored", { backup_sha256: "c" })).toBe("NotBegun");
  expect(await end("undone")).toBe("UnknownCommand");
  expect(await told()).toEqual(before);
  expect(await end("restored")).toBe(null);
  expect(await end("restored")).toBe(null);
  expect(await end("restored", { backup_sha256: "b", rows_lost: 1 })).toBe("NotBegun");
  expect(await end("restore-failed")).toBe("NotBegun");
  expect(await told()).toEqual([...before, "restored"]);
  // The ledger is still to be closed.
  expect(await restoring()).toBe(true);
  await test.query(
    `select wavegate.append_audit('${run}', 'wavegate', 'rolled-back', null, '{}', wavegate.moment())`,
  );
  expect(await restoring()).toBe(false);
});

it("V10 one that failed, or of which the run goes on, is open no more; what was taken back stays so", async () => {
  expect(await begin()).toBe(null);
  expect(await end("restore-failed")).toBe(null);
  expect(await restoring()).toBe(false);
  expect(await end("restored")).toBe("NotBegun");
  await test.query("update wavegate.legacy_import_runs set status = 'rolled_back' where id = $1", [
    run,
  ]);
  expect(await begin()).toBe(null);
  expect(await findRun(test.services.stage, run)).toMatchObject({ status: "rolled_back" });
  expect(await restoring()).toBe(true);
  await resume(test.services.sign, run, "approver");
  expect(await restoring()).toBe(false);
});
