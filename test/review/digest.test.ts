import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { type SignedParts, signedDigest } from "../../lib/evidence/review-digest.ts";
import { explainChange, partsNow, reviewDigest } from "../../lib/review/digest/digest.ts";
import { digestsOfRows, hashesOf, reviewedColumns } from "../../lib/review/digest/digest-sql.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { completed, review, runId, stageRun } from "./fixture.ts";
import { startWorld, type World } from "./support.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
  await stageRun(world.admin, completed(3));
});
afterEach(() => world.close());

const digestNow = async (definition = ecoin) =>
  reviewDigest(world.services.stage, definition, await findRun(world.services.stage, runId));

const changed = (before: object, after: object): string[] =>
  Object.keys(after).filter((part) => before[part as keyof object] !== after[part as keyof object]);

describe("the digest of what is reviewed", () => {
  it("W7 is the same when nothing changed, in both roles and within a transaction", async () => {
    const { digest } = await digestNow();
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect((await digestNow()).digest).toBe(digest);
    const run = await findRun(world.services.stage, runId);
    const inCommit = await world.services
      .commitOf("ecoin")
      .transaction((db) => reviewDigest(db, ecoin, run));
    expect(inCommit.digest).toBe(digest);
  });

  it("W7 asks for the hashes of a range at once, and for the same one by one where that would be too long", async () => {
    const db = world.services.stage;
    const range = { run: runId, after: 0, upTo: Number.MAX_SAFE_INTEGER };
    const asked = digestsOfRows(ecoin, await reviewedColumns(db, ecoin), range);
    const together = await hashesOf(db, asked);
    expect(new Set(together).size).toBe(asked.length - 1); // both kinds of hints are none here
    expect(together).toEqual(await hashesOf(db, asked, 1));
  });

  it.each([
    [
      "the raw payload",
      `update wavegate.legacy_student_imports set raw_payload = '{"nom": "x"}' where run_id = '${runId}' and legacy_id = 2`,
      "rows",
    ],
    [
      "a normalised phone",
      `update wavegate.legacy_student_imports set phone_normalized = null where run_id = '${runId}' and legacy_id = 2`,
      "rows",
    ],
    [
      "an empty text for a null",
      `update wavegate.legacy_student_imports set state_reason = null, planned_reason = '' where run_id = '${runId}' and legacy_id = 2`,
      "rows",
    ],
    [
      "a classification",
      `update wavegate.legacy_student_imports set classification = 'unknown' where run_id = '${runId}' and legacy_id = 3`,
      "rows",
    ],
    [
      "the plan",
      `update wavegate.legacy_student_imports set planned = 'hold' where run_id = '${runId}' and legacy_id = 1`,
      "rows",
    ],
    [
      "a link",
      `update wavegate.legacy_student_imports set link_table = 'users', link_id = 4 where run_id = '${runId}' and legacy_id = 1`,
      "rows",
    ],
    [
      "a session type",
      `update wavegate.legacy_training_imports set session_type = 'none' where run_id = '${runId}'`,
      "rows",
    ],
    [
      "an import action",
      `update wavegate.legacy_training_imports set import_action = 'needs_review' where run_id = '${runId}'`,
      "rows",
    ],
    [
      "a row that is gone",
      `with gone as (delete from wavegate.legacy_training_imports where student_import_id = (select max(id) from wavegate.legacy_student_imports where run_id = '${runId}')) select`,
      "rows",
    ],
    [
      "a duplicate hint",
      `insert into wavegate.duplicate_hints select run_id, id, 'low', 'name', 'users', 9 from wavegate.legacy_student_imports where run_id = '${runId}' and legacy_id = 1`,
      "rows",
    ],
    [
      "a course mapping",
      `update wavegate.legacy_course_mappings set course_id = 12 where run_id = '${runId}' and legacy_formation_id = 5`,
      "mappings",
    ],
    [
      "who decided a course mapping",
      `update wavegate.legacy_course_mappings set decided_by = 'amina' where run_id = '${runId}' and legacy_formation_id = 5`,
      "mappings",
    ],
    [
      "a session mapping",
      `update wavegate.legacy_session_mappings set status = 'rejected' where run_id = '${runId}' and legacy_session_id = 7`,
      "mappings",
    ],
    [
      "the wave plan",
      `update wavegate.legacy_import_runs set wave_plan = '[25,5000]' where id = '${runId}'`,
      "run",
    ],
    [
      "the connection",
      `update wavegate.legacy_import_runs set connection_name = 'other' where id = '${runId}'`,
      "run",
    ],
  ])("W7 changes with %s", async (_what, statement, part) => {
    const before = await digestNow();
    await world.admin.query(statement);
    const after = await digestNow();
    expect(after.digest).not.toBe(before.digest);
    expect(changed(before.parts, after.parts)).toEqual([part]);
  });

  it("W7 changes with a rule of the definition", async () => {
    const before = await digestNow();
    const stops = ecoin.stops.map((stop) => ({ ...stop, above: 0.9 }));
    const after = await digestNow({ ...ecoin, stops });
    expect(changed(before.parts, after.parts)).toEqual(["definition"]);
  });

  it("D13 stays what it was through what a wave writes", async () => {
    const before = await digestNow();
    await world.admin.query(
      `update wavegate.legacy_student_imports
          set import_state = 'committed', state_reason = 'x', wave = 1, imported_user_id = 1,
              imported_lead_id = 2, imported_completed_training_id = 3, imported_enrollment_id = 4 where run_id = '${runId}'`,
    );
    expect(await digestNow()).toEqual(before);
  });

  it("W7 does not take a row of another run for one of this run", async () => {
    const before = await digestNow();
    await world.admin.query(
      `insert into wavegate.legacy_import_runs select * from jsonb_populate_record(
         null::wavegate.legacy_import_runs, (select to_jsonb(r) || '{"id": "7f3a0000-0000-4000-8000-000000000002", "reference": "other"}' from wavegate.legacy_import_runs r where r.id = '${runId}'))`,
    );
    await world.admin.query(
      `insert into wavegate.legacy_student_imports (run_id, source_table, legacy_id)
       values ('7f3a0000-0000-4000-8000-000000000002', 'stagiaires', 1)`,
    );
    expect(await digestNow()).toEqual(before);
  });

  it("W7 tells which rows are which: swapped values of two rows are a change", async () => {
    const before = await digestNow();
    await world.admin.query(
      `update wavegate.legacy_student_imports
          set classification = case legacy_id when 1 then 'unknown' else 'completed' end where run_id = '${runId}'`,
    );
    const one = await digestNow();
    await world.admin.query(
      `update wavegate.legacy_student_imports
          set classification = case legacy_id when 2 then 'unknown' else 'completed' end where run_id = '${runId}'`,
    );
    const other = await digestNow();
    expect(new Set([before.digest, one.digest, other.digest]).size).toBe(3);
  });

  it("R10 binds to the export that was made of exactly this state", async () => {
    const found = await findRun(world.services.stage, runId);
    const run = { ...found, started_by: found.started_by ?? world.execution.starter ?? "karim" };
    expect((await partsNow(world.services.stage, ecoin, run)).export).toBe(null);
    await review(world);
    const parts = await partsNow(world.services.stage, ecoin, run);
    expect(parts.export).toBe("c".repeat(64));
    expect(signedDigest(parts, parts.export)).not.toBe(signedDigest(parts, "d".repeat(64)));
  });
});

describe("what changed, in words", () => {
  const signed: SignedParts = { definition: "1", run: "1", rows: "1", mappings: "1", export: "1" };

  it.each([
    [{}, ""],
    [{ rows: "2", export: null }, "the staged rows or decisions about them changed"],
    [
      { mappings: "2", export: "2" },
      "the course or session mappings, or what their targets are called, changed",
    ],
    [
      { definition: "2", mappings: "2" },
      "the migration's rules and the course or session mappings, or what their targets are called, changed",
    ],
    [{ run: "2" }, "what the run is pinned to (source, focus or wave plan) changed"],
    [{ export: "2" }, "the review export was made again"],
    [{ export: null }, "the review export is gone"],
  ])("W7 says it: %j", (now, says) => {
    expect(explainChange(signed, { ...signed, ...now }, ["course", "session"])).toBe(says);
  });
});
