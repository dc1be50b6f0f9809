import { expect, it } from "vitest";
import { showDryRun } from "../../lib/cli/show/dry-run.ts";
import { choice, status } from "../../lib/define/builders.ts";
import type { Migration } from "../../lib/define/definition.ts";
import { dryRunReport } from "../../lib/stages/dry-run/report.ts";
import { bare } from "../lifecycle/worlds/bare.ts";
import { small } from "../support/small.ts";

const facts = {
  statuses: [],
  sharedEmails: 0,
  sharedPhones: 0,
  cappedGroups: 0,
  nearPlaceholders: [],
  takenForReal: {},
};

it("B6 M13 rows that were planned, and all held again by a key of the platform's, are in no count of what is planned", () => {
  const of = (planned: string, planned_action: string | null, rows: number) => ({
    planned,
    planned_action,
    planned_reason: planned === "hold" ? "refused_by_platform" : null,
    marks: "",
    rows,
  });
  const report = dryRunReport(
    bare as Migration,
    [
      ...[of("commit", "thing", 2), of("update", "thing", 1), of("commit", "thing", -2)],
      ...[of("update", "thing", -1), of("hold", null, 3)],
    ],
    facts,
  );
  expect(report).toMatchObject({
    rows: 3,
    plan: { hold: 3 },
    creates: {},
    reasons: { refused_by_platform: 3 },
  });
  expect(Object.keys(report.plan)).toEqual(["hold"]);
  expect(Object.keys(report.creates)).toEqual([]);
  expect(report.updates).toBe(undefined);
});

it("D2 a spelling that two fields of one column do not list is told once, and of which field where there are several", () => {
  const line = (
    field: string,
    status: string | null,
    rows: number,
    ofAll: number,
    all: number,
  ) => ({
    ...{ field, status, rows, named: false, ofAll, rowsOfAll: all },
  });
  const words = small(
    "words",
    "no",
    {},
    {
      fields: {
        state: status("word"),
        kind: choice("word", { a: "b" }),
        other: choice("no", { a: "b" }),
        long: choice("word", { a: "b" }),
      },
    },
  );
  const { unlisted_statuses, unlisted_more } = dryRunReport(words, [], {
    ...facts,
    statuses: [
      ...[line("state", "Frozen", 3, 2, 4), line("state", null, 1, 2, 4)],
      ...[line("kind", "Frozen", 3, 2, 5), line("kind", "Gone", 2, 2, 5)],
      ...[line("other", "Frozen", 3, 1, 3)],
      // Of a list that is not told as a whole nobody knows what else is in it.
      ...[line("long", "Frozen", 3, 9, 27)],
    ],
  });
  expect(unlisted_statuses.map(({ field, status, rows }) => [field, status, rows])).toEqual([
    ["state", "Frozen", 3],
    ["state", null, 1],
    ["kind", "Gone", 2],
    ["other", "Frozen", 3],
    ["long", "Frozen", 3],
  ]);
  expect(unlisted_more).toEqual({ values: 8, rows: 24 });
  const shown = showDryRun({ ...dryRunReport(words, [], facts), unlisted_statuses }).join("\n");
  expect(shown).toMatch(/“Frozen”\s+state\s+3/);
  expect(shown).toMatch(/“Gone”\s+kind\s+2/);
});
