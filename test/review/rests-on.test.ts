import { expect, it } from "vitest";
import { restsOn, type Standing } from "../../lib/review/sign-off/approval-obstacles.ts";

const person = { name: "amina", email: "amina@w.example", permissions: [] };
type Stop = Standing["overrides"][number]["stops"][number];
const [share, wrong]: [Stop, Stop] = ["duplicate_share", "sample_judged_wrong"];
const standing = (holding: Stop[], overrides: [by: string, stops: Stop[]][]) =>
  ({
    stops: [share, wrong].map((id) => ({ id, stops: holding.includes(id) })),
    overrides: overrides.map(([by, stops]) => ({ by, stops, at: "", reason: "" })),
  }) as unknown as Standing;

it("W8 W12 an approval rests on the newest override of each stop by somebody else, and on the one that the log names", () => {
  const both = [share, wrong];
  expect(restsOn(standing([], []), person)).toEqual([]);
  expect(restsOn(standing(both, [["lina", both]]), person)).toEqual(["lina"]);
  expect(
    restsOn(
      standing(both, [
        ["brahim", [wrong]],
        ["lina", both],
      ]),
      person,
    ),
  ).toEqual(["brahim", "lina"]);
  expect(
    restsOn(
      standing(
        [share],
        [
          ["amina", both],
          ["lina", [share]],
        ],
      ),
      person,
    ),
  ).toEqual(["amina", "lina"]);
  const known = { ...person, known: ["mina"] };
  const twice = standing(
    [share],
    [
      ["mina", [share]],
      ["lina", [share]],
    ],
  );
  expect(restsOn(twice, known)).toEqual(["mina", "lina"]);
  // Of a stop that holds no more: bundles know the newest override alone, and not which stops held.
  expect(
    restsOn(
      standing(
        [share],
        [
          ["brahim", [wrong]],
          ["lina", [share]],
        ],
      ),
      person,
    ),
  ).toEqual(["brahim", "lina"]);
});
