import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { decideMappings } from "../../lib/review/mappings/decisions.ts";
import { heldBy, holdRow, holdStands, releaseRow } from "../../lib/review/rows/held-rows.ts";
import { reviewedServices, reviewed as run, type TestServices } from "../support/services.ts";
import { refusal } from "../support/steps.ts";

let test: TestServices;
beforeAll(async () => {
  test = await reviewedServices();
});
afterAll(() => test.close());

const about = () => findRun(test.services.sign, run);

describe("D38 what somebody else did with a row since it was looked at stays", () => {
  let row = 0;
  const held = async () => {
    const found = await heldBy(test.services.sign, { id: run }, row);
    return found && { by: found.by, reason: found.reason };
  };
  const seen = async () => holdStands(await heldBy(test.services.sign, { id: run }, row));
  const hold = async (person: string, reason: string, as?: string) =>
    holdRow(test.services.sign, await about(), { row, person, reason, seen: as });
  const release = async (person: string, as?: string) =>
    releaseRow(test.services.sign, await about(), { row, person, reason: "Known.", seen: as });

  beforeAll(async () => {
    const [found] = await test.query<{ id: number }>(
      "select id::int from wavegate.legacy_student_imports where run_id = $1 and planned = 'commit' order by id limit 1",
      [run],
    );
    row = found?.id ?? 0;
  });

  it("is neither held in their place nor let go by who did not see that they hold it", async () => {
    await hold("approver", "Two people.");
    const before = { by: "approver", reason: "Two people." };
    const { reference } = await about();
    for (const as of [undefined, "", "second 2026-01-01T00:00:00Z"]) {
      await expect(hold("second", "Mine.", as)).rejects.toMatchObject({
        name: "RowHeldByAnother",
        message: `Row ${row} of ${reference} is held by approver, which you had not seen. Nothing was changed; look at it again, and decide then (in a terminal with --held-by approver).`,
      });
      expect(await refusal(release("second", as))).toBe("RowHeldByAnother");
      expect(await held()).toEqual(before);
    }
  });

  it("is by who saw it, and one's own hold is one's own", async () => {
    await hold("second", "Still two.", await seen());
    expect(await held()).toEqual({ by: "second", reason: "Still two." });
    await hold("second", "Three.");
    // In the very words of the other one it is theirs all the same.
    await hold("approver", "Three.", await seen());
    expect(await held()).toEqual({ by: "approver", reason: "Three." });
    await hold("second", "Three.", await seen());
    expect(await release("approver", await seen())).toBe(true);
    expect(await held()).toBe(undefined);
    await hold("approver", "Again.");
    expect(await release("approver")).toBe(true);
  });
});

it("R8 a mapping that somebody else decided is not undone by who says nothing of having seen it", async () => {
  const decide = async (person: string, seen?: string) =>
    decideMappings(
      test.services.sign,
      await about(),
      "course",
      [{ id: 19, reject: true, seen }],
      person,
    );
  await expect(decide("nobody")).rejects.toMatchObject({
    name: "PermissionDenied",
    message:
      "You may not review imported rows: that takes the permission legacy_imports.review. Nothing was changed; ask an administrator for it.",
  });
  await decide("approver");
  expect(await refusal(decide("second"))).toBe("MappingDecided");
  await decide("approver");
  await decide("second", "rejected  approver");
  // Sent twice, as by two clicks or behind a lost response, it is decided and told of once; with something new only that is.
  await decideMappings(
    test.services.sign,
    await about(),
    "course",
    [
      { id: 19, reject: true },
      { id: 20, reject: true },
      { id: 20, reject: true },
    ],
    "second",
  );
  const told = await test.query<{ actor: string; ids: string }>(
    `select actor, (select string_agg(d ->> 'id', ' ') from jsonb_array_elements(details -> 'decisions') d) as ids
       from wavegate.audit_log where run_id = $1 and action = 'mappings-decided' order by seq`,
    [run],
  );
  expect(told.map(({ actor, ids }) => `${actor} ${ids}`)).toEqual([
    "approver 19",
    "second 19",
    "second 20 20",
  ]);
});
