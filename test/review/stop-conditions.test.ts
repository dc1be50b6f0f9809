import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  countPlaceholdersTakenForReal,
  type StopCounts,
  stopConditions,
} from "../../lib/review/stop-conditions.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { runId, stageRun } from "./fixture.ts";
import { startWorld, type World } from "./support.ts";

const quiet: StopCounts = {
  rows: 1_000,
  nonLeadRows: 200,
  unmappedCourses: 10,
  unknownRows: 50,
  highDuplicates: 200,
  placeholdersTakenForReal: 0,
  samplesJudgedWrong: 0,
};

const holding = (counts: StopCounts) =>
  stopConditions(ecoin.stop, counts)
    .filter(({ stops }) => stops)
    .map(({ id }) => id);

describe("stop conditions", () => {
  it("R7 are five, and none holds at its threshold exactly", () => {
    expect(stopConditions(ecoin.stop, quiet).map(({ id, measured }) => [id, measured])).toEqual([
      ["unmapped_courses", 0.05],
      ["unknown_rows", 0.05],
      ["duplicates", 0.2],
      ["placeholder_taken_for_real", 0],
      ["sample_judged_wrong", 0],
    ]);
    expect(holding(quiet)).toEqual([]);
  });

  it.each([
    ["unmapped_courses", { unmappedCourses: 11 }],
    ["unknown_rows", { unknownRows: 51 }],
    ["duplicates", { highDuplicates: 201 }],
    ["placeholder_taken_for_real", { placeholdersTakenForReal: 1 }],
    ["sample_judged_wrong", { samplesJudgedWrong: 1 }],
  ])("D15 %s holds one row above its threshold", (id, more) => {
    expect(holding({ ...quiet, ...more })).toEqual([id]);
  });

  it("D15 a definition may tighten the thresholds", () => {
    const strict = stopConditions({ ...ecoin.stop, unknown_rows: 0.01 }, quiet);
    expect(strict.find(({ id }) => id === "unknown_rows")).toMatchObject({
      threshold: 0.01,
      stops: true,
    });
  });

  it("R7 without rows nothing is divided by nothing", () => {
    expect(holding({ ...quiet, rows: 0, nonLeadRows: 0, unmappedCourses: 0 })).toEqual([]);
  });
});

describe("a placeholder taken for real", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    await stageRun(world.admin, [
      { legacyId: 1 },
      { legacyId: 2, session: 235, sessionType: "placeholder_session" },
      { legacyId: 3, session: null, sessionType: "none" },
    ]);
  });
  afterAll(() => world.close());

  const counted = () => countPlaceholdersTakenForReal(world.services.stage, ecoin, runId);

  it("M5 is none while classification keeps to the rule", async () => {
    expect(await counted()).toBe(0);
  });

  it.each([
    [
      "one of the ids 1, 2 and 235",
      "update wavegate.legacy_training_imports set session_type = 'real_session' where legacy_session_id = 235",
    ],
    [
      "a code that contains Session-Attente",
      "update wavegate.legacy_session_mappings set code = 'B session-attente 3' where legacy_session_id = 7",
    ],
    [
      "a session without a formation",
      "update wavegate.legacy_session_mappings set parent_id = null where legacy_session_id = 7",
    ],
  ])("M5 is found by itself: %s", async (_what, mistake) => {
    await world.admin.query(mistake);
    expect(await counted()).toBe(1);
    await world.admin.query(
      "update wavegate.legacy_training_imports set session_type = 'placeholder_session' where legacy_session_id = 235",
    );
    await world.admin.query(
      "update wavegate.legacy_session_mappings set code = 'C-2019', parent_id = 5 where legacy_session_id = 7",
    );
    expect(await counted()).toBe(0);
  });
});
