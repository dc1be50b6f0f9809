import { describe, expect, it } from "vitest";
import type { Database } from "../../lib/data/database.ts";
import { requireVersion, saysVersion } from "../../lib/stages/set-up/database-version.ts";
import { refusal } from "../support/steps.ts";

const database = (number: number): Database =>
  ({ one: async () => ({ shown: "15.9", number }) }) as never;

describe("B12 versions of PostgreSQL", () => {
  it("are refused where statements of wavegate's do not run", async () => {
    await expect(requireVersion(database(150_009))).rejects.toMatchObject({
      name: "DatabaseTooOld",
      message:
        "wavegate needs PostgreSQL 16 or newer, and this is 15.9. Nothing was written; upgrade the database, then set it up.",
    });
    expect(await refusal(requireVersion(database(90_624)))).toBe("DatabaseTooOld");
    await requireVersion(database(160_000));
  });

  it.each([
    [15, "wavegate needs PostgreSQL 16 or newer, and this is 15"],
    [16, undefined],
    [18, undefined],
    [
      19,
      "wavegate was never tested on PostgreSQL 19: on 16 to 18 whole runs were; try a copy of the platform first",
    ],
  ])("%s is told in one line where it was never tested", (major, says) => {
    expect(saysVersion(major)).toBe(says);
  });
});
