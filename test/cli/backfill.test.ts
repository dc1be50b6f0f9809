import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { waves } from "../../lib/cli/verbs/backfill.ts";
import { counters } from "../../migrations/community/counters.ts";
import { community } from "../../migrations/community/definition.ts";
import { terminal } from "./terminal.ts";

const shell = terminal({ cwd: tmpdir() });

it.each([
  [
    ["membership", "--source=payments"],
    "UnsupportedSource",
    'Unsupported backfill source [payments]. Only "classrooms" is currently supported. Nothing was written.',
  ],
  [
    ["activity", "--since", "last autumn"],
    "InvalidSetting",
    "Invalid --since value [last autumn]: it is a moment such as 2025-01-31, 2025-01-31T08:00Z or “-90 days”. Nothing was written.",
  ],
  [["seed-baseline"], "CommandAborted", "Command aborted. Nothing was written."],
])("C2 C3 C5 backfill %j is refused before anything is begun", async (words, name, message) => {
  const { exit, out, err } = await shell.run("backfill", ...words, "--output", "json");
  expect(exit).toBe(1);
  expect(JSON.parse(out)).toEqual({ error: { name, message } });
  expect(err).toContain(message);
});

it.each([
  [1, [1]],
  [25, [25]],
  [50, [25, 50]],
  [1_000, [25, 125, 625, 1_000]],
  [20_000, [25, 125, 625, 3_125, 5_000]],
])("C3 R15 a batch of %i rows is reached in waves that grow", (largest, sizes) => {
  expect(waves(largest)).toEqual(sizes);
});

it("C4 C9 every counter of a report is made of counts of the definition", () => {
  const counts = community.entities.flatMap(({ report }) => report.counts.map(({ id }) => id));
  const named = Object.values(counters).flatMap((part) => Object.values(part).flat());
  expect(named.filter((id) => !counts.includes(id))).toEqual([]);
  expect(Object.keys(counters.membership).slice(0, 6)).toEqual([
    "communities_processed",
    "enrollments_scanned",
    "members_created",
    "members_reactivated",
    "members_updated",
    "records_skipped",
  ]);
});
