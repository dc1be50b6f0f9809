import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finalVerify } from "../../../lib/stages/final-verify.ts";
import { writeExports } from "../../../scripts/club/exports.ts";
import { clubOf, small, truth } from "../../../scripts/club/generate.ts";
import { rowsOf, standing, takenBack } from "../../lifecycle/whole-life.ts";
import { type TestServices, testServices } from "../../support/services.ts";
import { reviewedRun, toTheEnd } from "../../support/steps.ts";
import { clubWorld, kindsOf } from "./club.ts";

const run = "7f3a0000-0000-4000-8000-00000000a001";
const account = clubOf(small);
const tables = [
  '"MembershipStatus"',
  '"MembershipTier"',
  '"Member"',
  '"Event"',
  '"EventRegistration"',
];

let folder: string;
let test: TestServices;
let before: Awaited<ReturnType<typeof rowsOf>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-club-"));
  await writeExports(account, folder);
  test = await testServices({ world: await clubWorld(folder) });
  before = await rowsOf(test, tables);
  await reviewedRun(test, run, { wavePlan: [25, 125, 625] });
  await toTheEnd(test, run);
});
afterAll(async () => {
  await test?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Rows of a kind of things that came out otherwise than the table by hand says. */
async function otherwise(entity: string): Promise<string[]> {
  const kinds = kindsOf(account);
  const rows = await standing(test, `"wild_apricot_${entity}"`, run);
  return rows.flatMap(({ no, state, why }) => {
    const kind = kinds.get(`${entity} ${no}`);
    const line = truth.find((each) => each.entity === entity && each.kind === kind);
    return line?.state === state && line.reason === (why ?? "")
      ? []
      : [`${no} ${kind}: ${state} ${why}`];
  });
}

describe("a club, from its exports", () => {
  it.each(["member", "event", "registration"])(
    "V11 of each kind of dirt in %s becomes what the table says",
    async (entity) => {
      expect(await otherwise(entity)).toEqual([]);
    },
  );

  it("V11 R17 the run is verified, and taken back to the letter", async () => {
    const { checks } = await finalVerify(test.services, run);
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(await takenBack(test, run)).toEqual([]);
    expect(await rowsOf(test, tables)).toEqual(before);
  });
});
