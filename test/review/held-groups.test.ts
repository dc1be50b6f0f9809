import { afterAll, beforeAll, expect, it } from "vitest";
import { findLookedAt } from "../../lib/evidence/pinned.ts";
import { type HeldGroup, heldGroups } from "../../lib/review/rows/held-groups.ts";
import { reviewedServices, reviewed as run, type TestServices } from "../support/services.ts";

let test: TestServices;
let groups: readonly HeldGroup[];
beforeAll(async () => {
  test = await reviewedServices();
  const { sign } = test.services;
  const { run: found, look } = await findLookedAt(sign, run);
  groups = await heldGroups(sign, found, look);
});
afterAll(() => test.close());

const commonOf = (reason: string) => groups.find((each) => each.reason === reason)?.common;
/** How many rows are held for a reason of which something is true. */
const held = async (reason: string, where: string) =>
  (
    await test.query<{ rows: number }>(
      `select count(*)::int as rows from wavegate.legacy_student_imports
        where run_id = $1 and planned_reason = $2 and ${where}`,
      [run, reason],
    )
  )[0]?.rows;

it("B4 of rows that a rule shows to a person it is told which rule that is, whatever else was noted of them", async () => {
  const rows = await held("validation_needs_review", `validation_issues @> '["contact_missing"]'`);
  expect(rows).toBeGreaterThan(1);
  expect(commonOf("validation_needs_review")).toEqual({
    kind: "ruled",
    name: "validation_status",
    value: "contact_missing",
    rows,
  });
});

it("B4 a spelling that the definition lists is no advice to list it", async () => {
  const listed = ["Formée", "Archivé", "archivé", "Archivè", "Confirmer", "Reporter"];
  expect(await held("needs_review", `raw_status in ('${listed.join("', '")}')`)).toBeGreaterThan(9);
  const common = commonOf("needs_review");
  expect(common?.rows).toBeGreaterThan(0);
  expect(listed).not.toContain(common?.value);
});

it("B4 a mapping that decides about many is told by what the legacy system calls that thing", async () => {
  const ofMappings = groups.flatMap(({ common }) =>
    common?.kind === "mapping" && common.value !== null ? [common] : [],
  );
  expect(ofMappings.length).toBeGreaterThan(0);
  for (const { name, value, called } of ofMappings) {
    const [{ legacy }] = (await test.query(
      name === "course"
        ? `select legacy_name as legacy from wavegate.legacy_course_mappings where run_id = $1 and legacy_formation_id::text = $2`
        : `select code as legacy from wavegate.legacy_session_mappings where run_id = $1 and legacy_session_id::text = $2`,
      [run, value],
    )) as [{ legacy: string | null }];
    expect(called).toBe(legacy?.trim() || undefined);
  }
});
