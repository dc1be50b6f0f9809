import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import type { ClientRequest, IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { classify } from "../../lib/stages/classify.ts";
import { drill } from "../../lib/stages/drill.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { reviewExport } from "../../lib/stages/export-review.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { match } from "../../lib/stages/match.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { validate } from "../../lib/stages/validate.ts";
import {
  type CountedStage,
  counted,
  countedOnce,
  countRun,
  unitsOf,
  wavesOf,
} from "../../scripts/estimate/counts.ts";
import { estimate, readArguments } from "../../scripts/estimate.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { approve, importAll, runWave } from "../support/steps.ts";

let test: TestServices;
const units: Record<string, number> = {};
let counting = 0;

const finished = "http.client.response.finish";
const listen = (message: unknown) => {
  const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
  if (!/^\/(?:Execute|\w+Transaction)$/.test(request.path)) return;
  const bytes =
    Number(request.getHeader("content-length") ?? 0) +
    Number(response.headers["content-length"] ?? 0);
  counting += Math.max(1, Math.ceil(bytes / 32_768));
};
subscribe(finished, listen);
afterAll(() => unsubscribe(finished, listen));

async function count(what: string, work: () => Promise<unknown>): Promise<void> {
  counting = 0;
  await work();
  units[what] = counting;
}

beforeAll(async () => {
  test = await testServices({ overHttp: true });
  const { services } = test;
  const run = services.newId();
  await count("import", () => importAll(test, run));
  await count("validate", () => validate(services, run));
  await count("classify", () => classify(services, run));
  await count("match", () => match(services, run));
  await count("dry-run", () => dryRun(services, run));
  await count("export-review", () => reviewExport(services, run));
  await count("next-wave", () => nextWave(services, run));
  await count("sign-off", () => approve(test, run, "first_wave"));
  await count("wave", () => runWave(test, run, 1));
  await count("drill", () => drill(services, run));
  await count("final-verify", () => finalVerify(services, run));
  await count("export-audit", () => auditExport(services, run));
});

afterAll(() => test.close());

/** The sample's rows. */
const sample = 3_000;

describe("what a run is estimated from", () => {
  it.each(Object.keys(counted) as CountedStage[])(
    "%s takes the calls that were counted, within a fifth",
    (stage) => {
      const found = units[stage] as number;
      expect(
        Math.abs(unitsOf(stage, sample) - found),
        `${found} units were counted`,
      ).toBeLessThanOrEqual(Math.max(3, found / 5));
    },
  );

  it.each(Object.entries(countedOnce))("%s takes %i calls, within a fifth", (what, calls) => {
    const found = units[what] as number;
    expect(Math.abs(calls - found), `${found} units were counted`).toBeLessThanOrEqual(
      Math.max(3, found / 5),
    );
  });
});

describe("an estimate", () => {
  it("D14 grows waves as the plan does", () => {
    expect(wavesOf({ rows: 1_000, wave: 250 })).toEqual([25, 100, 100, 250, 250, 250, 25]);
    expect(wavesOf({ rows: 12_000, wave: 5_000 })).toEqual([
      25, 100, 100, 250, 1_250, 5_000, 5_000, 275,
    ]);
    expect(wavesOf({ rows: 10, wave: 250 })).toEqual([10]);
  });

  it("of a million rows in large waves says what is counted and what it costs", () => {
    const counts = countRun({ rows: 1_000_000, wave: 5_000 });
    expect(counts.waves).toBe(205);
    expect(counts.transitions).toBe(29 + 40 + 2_665);
    expect(estimate({ rows: 1_000_000, wave: 5_000 })).toMatch(/^ {2}together +0\.\d{4} USD/m);
  });

  it("W13 reckons with the rates that docs/performance.md has, and no quicker", () => {
    const page = readFileSync(new URL("../../docs/performance.md", import.meta.url), "utf8");
    const seconds = (what: string): number => {
      const [, cells = ""] = page.split(`| ${what} |`);
      return Number(/[\d.]+/u.exec(cells)?.[0]);
    };
    const { functionSeconds, waves } = countRun({ rows: 1_000_000, wave: 5_000 });
    const shortest = 7 + 6 * waves;
    // Two ranges are imported at once; of the waves a hundred thousand rows were measured.
    const measured =
      seconds("**import to review export**") +
      seconds("**wavegate: import**") +
      10 * seconds("waves of 5,000, with ledger, six checks and audit: 100,000 rows");
    expect((functionSeconds - shortest) / measured).toBeGreaterThan(1);
    expect((functionSeconds - shortest) / measured).toBeLessThan(2);
  });

  it("says when prices were noted, and where each is from", () => {
    const text = estimate({ rows: 1_000, wave: 250 });
    expect(text).toContain("Prices of us-east-1 as noted in 2026-11:");
    for (const service of [
      "rds/aurora",
      "step-functions",
      "lambda",
      "s3",
      "kms",
      "secrets-manager",
      "privatelink",
      "cloudwatch",
    ]) {
      expect(text).toContain(`aws.amazon.com/${service}/pricing`);
    }
  });

  it.each([
    [[]],
    [["--rows", "0"]],
    [["--rows", "many"]],
    [["--rows", "1.5"]],
    [["--rows", "10", "--wave", "6000"]],
  ])("W13 %j is refused in one line", (args) => {
    expect(() => readArguments(args)).toThrow(
      /has to be a whole number from \d+ to \d+\. Use: npm run estimate -- --rows N/,
    );
  });
});
