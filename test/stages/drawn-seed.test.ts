import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { newSeed } from "../../lib/services/create.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { acknowledged } from "../support/steps.ts";

let test: TestServices;
beforeAll(async () => {
  test = await testServices();
});
afterAll(() => test.close());

describe("R9 W8 whoever starts a run, and so chooses its id, does not choose what is sampled", () => {
  const id = "7f3a0000-0000-4000-8000-0000000000a9";
  const pinned = async (seed: string): Promise<string> => {
    const services = { ...test.services, newSeed: () => seed };
    await preflight(services, {
      migration: "ecoin",
      run: id,
      executionArn: `arn:${id}`,
      acknowledge: acknowledged,
    });
    return (await findRun(test.operator, id)).seed;
  };

  it("samples are drawn by what nobody knew before the run was there, and by nothing else later", async () => {
    expect(await pinned("0123456789abcdef")).toBe("0123456789abcdef");
    expect(await pinned("fedcba9876543210")).toBe("0123456789abcdef");
  });

  it("each seed is another one", () => {
    const seeds = Array.from({ length: 50 }, newSeed);
    expect(new Set(seeds).size).toBe(50);
    expect(seeds.filter((seed) => !/^[0-9a-f]{16}$/u.test(seed))).toEqual([]);
  });
});
