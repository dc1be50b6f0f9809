import { expect, it } from "vitest";
import { leftBy, writtenBy } from "../../lib/review/steer/standing.ts";

it("W9 B2 a wave's line says what was made, brought up to date and linked, and what was not written", () => {
  expect(writtenBy({})).toBe("0 committed");
  expect(
    writtenBy({
      committed: 25,
      created: { customers: 20, cards: 5, none: 0 },
      updated: { customers: 2 },
      linked: 3,
      heldBack: 1,
      skipped: 4,
      refused: { customers_email_key: 2 },
    }),
  ).toBe(
    "25 committed (customers 20, cards 5), 2 brought up to date (customers 2), 3 linked, 1 held at the last moment, 4 skipped, as another run moved them, refused by the platform and held: customers_email_key 2",
  );
});

it("B1 D16 a wave that was taken back says how many rows were spared, and nothing where all went", () => {
  const of = (
    rolledBack: { undone: number; spared: number; gone: number },
    status = "rolled_back",
  ) => leftBy({ status, counts: { committed: 25, rolledBack } });
  expect(of({ undone: 1_020, spared: 4, gone: 1 })).toBe(
    "1,020 taken back, 4 spared, 1 gone already",
  );
  expect(of({ undone: 25, spared: 0, gone: 0 })).toBe("");
  // Written anew since.
  expect(of({ undone: 21, spared: 4, gone: 0 }, "verified")).toBe("");
  expect(leftBy({ status: "rolled_back", counts: { committed: 25 } })).toBe("");
});
