import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readReport } from "../../lib/evidence/verify/report.ts";
import { Tallies } from "../../lib/evidence/verify/tally.ts";

const head = {
  ...{ runId: "r", startedAt: "a", completedAt: "b", dryRun: false },
  config: { source: "s", target: "platform", version: "d" },
  summary: { totalRecords: 1, created: 1, updated: 0, skipped: 0, errors: 0, duration_ms: 1 },
  t: {
    ...{ file: "t", totalRows: 1, parsed: 1, created: 1, updated: 0, skipped: 0, errors: 0 },
    ...{ states: {}, records: [] },
  },
};

it("W12 ids of a report are read to the last digit, and texts that look like some are left alone", async () => {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-report-"));
  const elements = [
    '{"legacyId" : "x: 9007199254740993, \\"9007199254740993", "targetTable" : "u", "targetId" : 9007199254740993, "how" : "committed"}',
    '{"legacyId" : 9223372036854775807, "targetTable" : "u", "targetId" : 5, "how" : "linked"}',
  ];
  const text = `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "errors": [],\n  "idMapping": {\n    "t": [\n      ${elements.join(",\n      ")}]\n  }\n}\n`;
  await writeFile(join(folder, "migration-report.json"), text);
  const { became } = await readReport(join(folder, "migration-report.json"), ["t"]);
  const wanted = new Tallies();
  wanted.add("t", ['x: 9007199254740993, "9007199254740993', "u", "9007199254740993", "committed"]);
  wanted.add("t", ["9223372036854775807", "u", "5", "linked"]);
  expect(became.differences(wanted)).toEqual([]);
  await rm(folder, { recursive: true });
});
