import { expect, it } from "vitest";
import type { Migration } from "../../lib/define/definition.ts";
import { dryRunReport } from "../../lib/stages/dry-run/report.ts";
import { bare } from "../lifecycle/worlds/bare.ts";

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
