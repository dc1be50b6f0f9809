import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { nameInReport } from "../../lib/evidence/migration-report.ts";
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

it("W12 tables that are called by digits, or as a list of the report, are read as any other, in the order they are written", async () => {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-report-"));
  const tables = ["members", "2024", "errors", "2023", "idMapping", "summary", "config"];
  const { t, ...rest } = head;
  const of = (table: string) =>
    `{"legacyId" : 1, "targetTable" : "${table}", "targetId" : 5, "how" : "linked"}`;
  const counts = tables.map((each) => [nameInReport(each), t] as const);
  const whole = JSON.stringify({ ...rest, ...Object.fromEntries(counts) });
  const failed = '{"entity" : "x", "sourceRow" : 3, "message" : "no name"}';
  const lists = tables.map((table) => `    "${table}": [\n      ${of(table)}]`);
  const text = `${JSON.stringify(JSON.parse(whole), null, 2).slice(0, -2)},\n  "errors": [\n    ${failed}],\n  "idMapping": {\n${lists.join(",\n")}\n  }\n}\n`;
  await writeFile(join(folder, "migration-report.json"), text);
  const read = await readReport(join(folder, "migration-report.json"), tables);
  const became = new Tallies();
  for (const table of tables) became.add(table, ["1", table, "5", "linked"]);
  const errors = new Tallies();
  errors.add("x", ["3", "no name"]);
  expect(read.became.differences(became)).toEqual([]);
  expect(read.failed.differences(errors)).toEqual([]);
  await rm(folder, { recursive: true });
});

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
