import { expect, it } from "vitest";
import { writtenBy } from "../../lib/review/steer/standing.ts";

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
