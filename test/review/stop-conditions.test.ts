import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Condition, Stop } from "../../lib/define/definition.ts";
import { countTakenForReal, stopConditions } from "../../lib/review/sign-off/stop-conditions.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { runId, stageRun } from "./fixture.ts";
import { startWorld, type World } from "./support.ts";

/** How many rows each condition of the definition's stops holds for, told apart by a word of it. */
interface Quiet {
  readonly rows: number;
  readonly unmapped: number;
  readonly notLead: number;
  readonly unknown: number;
  readonly high: number;
  readonly takenForReal: number;
  readonly judgedWrong: number;
}

const quiet: Quiet = {
  rows: 1_000,
  unmapped: 10,
  notLead: 200,
  unknown: 50,
  high: 200,
  takenForReal: 0,
  judgedWrong: 0,
};

function measured(counts: Quiet, stops = ecoin.stops) {
  const where = (...conditions: Condition[]) => {
    const words = JSON.stringify(conditions);
    if (words.includes("mapped")) return counts.unmapped;
    if (words.includes("lead_only")) return counts.notLead;
    return words.includes("unknown") ? counts.unknown : counts.high;
  };
  return stopConditions(
    stops,
    { rows: counts.rows, where, takenForReal: () => counts.takenForReal },
    counts.judgedWrong,
  );
}

const holding = (counts: Quiet) =>
  measured(counts)
    .filter(({ stops }) => stops)
    .map(({ id }) => id);

describe("stop conditions", () => {
  it("R7 are five, and none holds at its threshold exactly", () => {
    expect(measured(quiet).map(({ id, kind, measured }) => [id, kind, measured])).toEqual([
      ["unmapped_courses", "share", 0.05],
      ["unknown_rows", "share", 0.05],
      ["duplicates", "share", 0.2],
      ["placeholder_taken_for_real", "rows", 0],
      ["sample_judged_wrong", "rows", 0],
    ]);
    expect(holding(quiet)).toEqual([]);
  });

  it.each([
    ["unmapped_courses", { unmapped: 11 }],
    ["unknown_rows", { unknown: 51 }],
    ["duplicates", { high: 201 }],
    ["placeholder_taken_for_real", { takenForReal: 1 }],
    ["sample_judged_wrong", { judgedWrong: 1 }],
  ])("D15 %s holds one row above its threshold", (id, more) => {
    expect(holding({ ...quiet, ...more })).toEqual([id]);
  });

  it("D15 a definition may tighten the thresholds", () => {
    const tight = ecoin.stops.map((stop) =>
      stop.id === "unknown_rows" ? { ...stop, above: 0.01 } : stop,
    );
    const found = measured(quiet, tight).find(({ id }) => id === "unknown_rows");
    expect(found).toMatchObject({ threshold: 0.01, stops: true });
  });

  it("R7 without rows nothing is divided by nothing", () => {
    expect(holding({ ...quiet, rows: 0, notLead: 0, unmapped: 0, unknown: 0, high: 0 })).toEqual(
      [],
    );
  });

  it("D15 a number of rows can be a stop, and a migration may have none but the samples'", () => {
    const few: Stop = {
      id: "few",
      says: "Too many.",
      measure: { rows: { missing: "plan" } },
      above: 199,
    };
    expect(measured(quiet, [few]).map(({ id, kind, stops }) => [id, kind, stops])).toEqual([
      ["few", "rows", true],
      ["sample_judged_wrong", "rows", false],
    ]);
    expect(measured(quiet, [])).toHaveLength(1);
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

  const counted = async () => (await countTakenForReal(world.services.stage, ecoin, runId)).session;

  it("M5 is none while classification keeps to the rule", async () => {
    expect(await counted()).toBe(0);
  });

  it.each([
    [
      "one of the ids 1, 2 and 235",
      `update wavegate.legacy_training_imports set session_type = 'real_session' where run_id = '${runId}' and legacy_session_id = 235`,
    ],
    [
      "a code that contains Session-Attente",
      `update wavegate.legacy_session_mappings set code = 'B session-attente 3' where run_id = '${runId}' and legacy_session_id = 7`,
    ],
    [
      "a session without a formation",
      `update wavegate.legacy_session_mappings set parent_id = null where run_id = '${runId}' and legacy_session_id = 7`,
    ],
  ])("M5 is found by itself: %s", async (_what, mistake) => {
    await world.admin.query(mistake);
    expect(await counted()).toBe(1);
    await world.admin.query(
      `update wavegate.legacy_training_imports set session_type = 'placeholder_session' where run_id = '${runId}' and legacy_session_id = 235`,
    );
    await world.admin.query(
      `update wavegate.legacy_session_mappings set code = 'C-2019', parent_id = 5 where run_id = '${runId}' and legacy_session_id = 7`,
    );
    expect(await counted()).toBe(0);
  });
});
