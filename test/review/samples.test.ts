import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pinLook } from "../../lib/compile/pin/look.ts";
import { sampleRows } from "../../lib/review/samples/rows.ts";
import { drawSamples, judge, sampleCoverage } from "../../lib/review/samples/samples.ts";
import { countSamplesJudgedWrong } from "../../lib/review/sign-off/stop-conditions.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { completed, runId, type Staged, stageRun } from "./fixture.ts";
import { startWorld, type World } from "./support.ts";

const rows: Staged[] = [
  ...completed(40),
  ...Array.from({ length: 7 }, (_, index) => ({
    legacyId: 100 + index,
    table: "archives" as const,
    classification: "archived_training",
  })),
  ...Array.from({ length: 12 }, (_, index) => ({
    legacyId: 200 + index,
    classification: "lead_only",
    duplicate: "high" as const,
  })),
  { legacyId: 300, classification: "registered", course: 6 },
  { legacyId: 301, classification: "registered", course: 99 },
  { legacyId: 302, classification: "registered", session: 235, sessionType: "placeholder_session" },
  { legacyId: 303, classification: "registered", session: null, sessionType: "none" },
];

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await stageRun(world.admin, rows);
});
afterAll(() => world.close());

const draw = async (digest: string, seed = "seed") =>
  drawSamples(world.services.sign, ecoin, { id: runId, seed }, digest);

async function drawn(digest: string): Promise<Record<string, number[]>> {
  const { rows: found } = await world.admin.query(
    `select t.bucket, array_agg(s.legacy_id::int order by t.position) as ids
       from wavegate.samples t join wavegate.legacy_student_imports s on s.id = t.staged_id
      where t.digest = $1 group by 1`,
    [digest],
  );
  return Object.fromEntries(found.map(({ bucket, ids }) => [bucket, ids]));
}

describe("samples", () => {
  it("R9 draws 20 completed, 20 archived, 10 duplicates and 10 unusual rows, and says where there are fewer", async () => {
    const coverage = await draw("a");
    expect(coverage.map(({ id, asked, drawn }) => [id, asked, drawn])).toEqual([
      ["completed", 20, 20],
      ["archived_training", 20, 7],
      ["duplicates", 10, 10],
      ["unusual_references", 10, 4],
    ]);
    const ids = await drawn("a");
    expect(ids.completed?.every((id) => id <= 40)).toBe(true);
    expect(ids.archived_training?.toSorted()).toEqual([100, 101, 102, 103, 104, 105, 106]);
    expect(ids.duplicates?.every((id) => id >= 200 && id < 212)).toBe(true);
    expect(ids.unusual_references?.toSorted()).toEqual([300, 301, 302, 303]);
  });

  it("R9 draws the same rows again for the same seed, and others for another seed", async () => {
    await draw("b");
    expect(await drawn("b")).toEqual(await drawn("a"));
    await draw("c", "another seed");
    expect((await drawn("c")).completed).not.toEqual((await drawn("a")).completed);
  });

  it("R9 drawn rows are drawn: other seeds draw other sets, which are neither the first nor the last rows", async () => {
    const sets: string[] = [];
    for (const seed of ["1", "2", "3", "4", "5"]) {
      await draw(`seed ${seed}`, seed);
      const { completed: ids = [], duplicates = [] } = await drawn(`seed ${seed}`);
      expect([ids.length, new Set(ids).size, duplicates.length]).toEqual([20, 20, 10]);
      sets.push(ids.toSorted((one, other) => one - other).join(" "));
    }
    expect(new Set(sets).size).toBe(5);
    const rows = (from: number) => Array.from({ length: 20 }, (_, index) => from + index).join(" ");
    expect(sets).not.toContain(rows(1));
    expect(sets).not.toContain(rows(21));
    // Every row may be drawn: of forty, five draws of twenty leave few out.
    const seen = new Set(sets.flatMap((set) => set.split(" ")));
    expect(seen.size).toBeGreaterThan(35);
  });

  it("W3 draws once for a digest: a second draw keeps rows and verdicts", async () => {
    await draw("d");
    const [first] = (await drawn("d")).completed ?? [];
    const row = (
      await sampleRows(world.services.sign, pinLook(ecoin), runId, "d", { unmasked: true })
    ).find(({ legacyId }) => legacyId === first);
    const about = { run: runId, digest: "d", person: "amina", at: new Date(0) };
    await judge(world.services.sign, about, [{ stagedId: row?.stagedId ?? 0, wrong: ["phone"] }]);
    const before = await drawn("d");
    await draw("d", "another seed");
    expect(await drawn("d")).toMatchObject({ completed: before.completed });
    expect(await countSamplesJudgedWrong(world.services.sign, runId, "d")).toBe(1);
  });

  it("R9 keeps a verdict per row with what is wrong, in every quota the row was drawn for", async () => {
    await draw("e");
    const [row, other] = await sampleRows(world.services.sign, pinLook(ecoin), runId, "e", {
      unmasked: true,
    });
    await world.admin.query(
      "insert into wavegate.samples (run_id, digest, bucket, position, staged_id) values ($1, 'e', 'duplicates', 99, $2)",
      [runId, row?.stagedId],
    );
    const about = { run: runId, digest: "e", person: "amina", at: new Date(0) };
    await judge(world.services.sign, about, [
      { stagedId: row?.stagedId ?? 0, wrong: ["name", "classification"] },
      { stagedId: other?.stagedId ?? 0, wrong: [] },
    ]);
    const [judged, right] = await sampleRows(world.services.sign, pinLook(ecoin), runId, "e", {
      unmasked: true,
    });
    expect(judged).toMatchObject({
      buckets: ["completed", "duplicates"],
      verdict: "wrong",
      wrong: ["name", "classification"],
      judgedBy: "amina",
    });
    expect(right).toMatchObject({ verdict: "right", wrong: [] });
    const coverage = await sampleCoverage(world.services.sign, [ecoin], runId, "e");
    expect(coverage.map(({ judged, wrong }) => [judged, wrong])).toEqual([
      [2, 1],
      [0, 0],
      [1, 1],
      [0, 0],
    ]);
  });

  it("R9 keeps no verdict at all when one of them is about a row that was not drawn", async () => {
    await draw("f");
    const [row] = await sampleRows(world.services.sign, pinLook(ecoin), runId, "f", {
      unmasked: true,
    });
    const about = { run: runId, digest: "f", person: "amina", at: new Date(0) };
    const both = [
      { stagedId: row?.stagedId ?? 0, wrong: [] },
      { stagedId: 999_999, wrong: [] },
    ];
    await expect(
      world.services.sign.transaction((db) => judge(db, about, both)),
    ).rejects.toMatchObject({ name: "SampleUnknown" });
    const coverage = await sampleCoverage(world.services.sign, [ecoin], runId, "f");
    expect(coverage.map(({ judged }) => judged)).toEqual([0, 0, 0, 0]);
  });
});

describe("a sampled row", () => {
  it("D20 M14 is masked and without its raw payload for those who may not review", async () => {
    await draw("g");
    const [row] = await sampleRows(world.services.sign, pinLook(ecoin), runId, "g", {
      unmasked: false,
    });
    expect(row).toMatchObject({
      name: "B. S.",
      phone: "213•••••••68",
      email: "s•••@example.com",
      birthDate: "1987",
      phoneRaw: null,
      emailRaw: null,
      legacy: null,
    });
  });

  it("M14 is whole for reviewers, long texts cut", async () => {
    const longest = "x".repeat(5_000);
    await world.admin.query(
      `update wavegate.legacy_student_imports set raw_payload = jsonb_build_object('remarque', $1::text) where run_id = '${runId}'`,
      [longest],
    );
    const [row] = await sampleRows(world.services.sign, pinLook(ecoin), runId, "g", {
      unmasked: true,
    });
    expect(row).toMatchObject({
      name: "Benali Sara",
      phone: "213559446168",
      email: "sara.benali@example.com",
      birthDate: "1987-05-01",
      status: "Formée",
      classification: "completed",
      action: "create_legacy_completed_training",
      references: [
        { name: "course", label: "Couture", status: "mapped" },
        { name: "session", label: "C-2019", status: "confirmed" },
      ],
      legacy: { remarque: "x".repeat(300) },
    });
  });
});
