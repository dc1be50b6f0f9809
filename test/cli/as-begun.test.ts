import { expect, it } from "vitest";
import { requireAsBegun } from "../../lib/cli/verbs/as-begun.ts";
import { community } from "../../migrations/community/definition.ts";

const run = {
  reference: "community-20261120-7f3a",
  definition: community,
  // As the Data API gives it: in UTC, and without a zone.
  created_at: "2025-03-31 12:00:00",
  settings: {
    since: "2024-12-31T12:00:00.000Z",
    community: "5",
    only: "membership",
    batch_size: "500",
  },
};
const words = { since: "-90 days", community: "Community 5", only: "membership" };
const as = (said: Record<string, string>) => requireAsBegun(run, said, async () => words);

it.each<Record<string, string>>([
  {},
  words,
  { since: "90 days ago" },
  { since: "2024-12-31T12:00:00.000Z" },
  { since: "2024-12-31 13:00+01:00" },
  { community: "5" },
  { batch_size: "500" },
])(
  "W5 a run goes on with what it was begun with, said in other words or not at all: %o",
  async (said) => {
    await expect(as(said)).resolves.toBeUndefined();
  },
);

it.each([
  [
    { since: "-91 days" },
    "was begun with since 2024-12-31T12:00:00.000Z, and goes on with that, not with -91 days.",
  ],
  [{ since: "2024-12-31" }, "not with 2024-12-31."],
  [{ community: "6" }, "was begun with community 5, and goes on with that, not with 6."],
  [{ community: "Community 6" }, "not with Community 6."],
  [{ only: "activity" }, "was begun with only membership"],
  [{ batch_size: "501" }, "was begun with batch_size 500"],
  [{ overwrite_edited: "yes" }, "was begun with overwrite_edited left unsaid"],
  [{ since: "yesterday" }, "Invalid since value [yesterday]"],
  [{ until: "2025-01-31" }, "“until” is no setting of community."],
  [{ constructor: "2025-01-31" }, "“constructor” is no setting of community."],
])("W5 W13 it is not told to go on with something else: %o", async (said, says) => {
  await expect(as(said as unknown as Record<string, string>)).rejects.toMatchObject({
    name: "Usage",
    message: expect.stringContaining(says),
  });
  await expect(as(said as unknown as Record<string, string>)).rejects.toThrow(
    "Nothing was written",
  );
});

it("W5 a moment that was counted is known to the millisecond, as it is shown", async () => {
  const since = "2024-12-31T12:00:00.250Z";
  const counted = { ...run, created_at: "2025-03-31 12:00:00.25", settings: { since } };
  const saying = (since: string) => requireAsBegun(counted, { since }, async () => ({}));
  await expect(saying("-90 days")).resolves.toBeUndefined();
  await expect(saying(since)).resolves.toBeUndefined();
  await expect(saying("2024-12-31T12:00Z")).rejects.toMatchObject({ name: "Usage" });
});

it("W5 a thing of the platform whose beginning nobody knows any more is told by its id alone", async () => {
  const forgotten = (community: string) => requireAsBegun(run, { community }, async () => ({}));
  await expect(forgotten("5")).resolves.toBeUndefined();
  await expect(forgotten("Community 5")).rejects.toMatchObject({ name: "Usage" });
});
