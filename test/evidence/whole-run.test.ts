import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compilePin } from "../../lib/compile/pin/pin.ts";
import { findRun } from "../../lib/data/runs.ts";
import { balance } from "../../lib/evidence/balance.ts";
import { pullBundle } from "../../lib/evidence/pull.ts";
import { verifyBundle } from "../../lib/evidence/verify-bundle.ts";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";

const run = "7f3a1c00-0000-4000-8000-000000000001";

/** The sample's students and archives, with every oddity that the sample has. */
describe("the evidence of a whole run over the sample", () => {
  let test: TestServices;
  let home: string;

  beforeAll(async () => {
    test = await testServices();
    home = await mkdtemp(join(tmpdir(), "wavegate-whole-"));
    await reviewedRun(test, run);
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
  });
  afterAll(async () => {
    await test.close();
    await rm(home, { recursive: true, force: true });
  });

  async function exported(name: string) {
    const { prefix, manifestDigest } = await auditExport(test.services, run);
    const folder = join(home, name);
    await pullBundle(test.services.evidence, prefix, folder);
    const text = async (file: string) => {
      const bytes = await readFile(join(folder, file));
      return (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
    };
    return { verdict: await verifyBundle(folder, { digest: manifestDigest }), text };
  }

  it("W12 passes every check after a wave", async () => {
    const { verdict } = await exported("after-a-wave");
    expect(verdict.checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(verdict.ok).toBe(true);
  });

  it("R10 the review export passes every check", async () => {
    const { reference } = await findRun(test.services.stage, run);
    const [exported] = await test.services.evidence
      .list(`runs/${reference}/review/`)
      .then((objects) => objects.filter(({ key }) => key.endsWith("/manifest.json")));
    const folder = join(home, "review");
    const prefix = (exported?.key ?? "").replace("/manifest.json", "");
    await pullBundle(test.services.evidence, prefix, folder);
    expect((await verifyBundle(folder)).ok).toBe(true);
  });

  it("D20 W14 holds no phone, e-mail or full name of anybody in the source", async () => {
    const people = await test.query<{ value: string }>(
      `select unnest(array[full_name, phone_normalized, email_candidate]) as value
         from wavegate.legacy_student_imports`,
    );
    const personal = people
      .map(({ value }) => value)
      // A name of one letter or two is in every text.
      .filter((value) => value !== null && value.length >= 6);
    const { text } = await exported("masked");
    const rows = await text("rows.csv.gz");
    expect(personal.length).toBeGreaterThan(1_000);
    expect(personal.filter((value) => rows.includes(value))).toEqual([]);
  });

  it("W6 M12 passes every check after a rollback, and shows the rows as taken back", async () => {
    await rollback(test.services, run);
    const { verdict, text } = await exported("after-a-rollback");
    expect(verdict.checks.filter(({ passed }) => !passed)).toEqual([]);
    const counted = await balance(test.services.stage, compilePin(test.definition), run);
    expect(counted).toMatchObject({ committed: 0, linked: 0, rolled_back: 25, holds: true });
    const log = (await text("commit-log.csv.gz")).trimEnd().split("\r\n").slice(1);
    expect(log).toHaveLength(25);
    const rolledBackAt = 8;
    expect(log.filter((line) => line.split(",")[rolledBackAt] === "")).toEqual([]);
  });
});
