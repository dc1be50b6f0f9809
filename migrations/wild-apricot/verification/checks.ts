import type { BundleReport } from "./bundle.ts";
import type { Found, Things } from "./database.ts";

/** One of the eight checks, as the report's readers know it. */
export interface Check {
  readonly name: string;
  readonly category: "count" | "tier" | "integrity" | "mapping";
  readonly passed: boolean;
  readonly severity: "error" | "warning";
  readonly expected: number | string;
  readonly actual: number | string;
  readonly message: string;
}

const leastCoverage = 95;

/** The eight checks, in their order: each passes, warns or fails. */
export function checksOf(report: BundleReport, found: Found): readonly Check[] {
  return [
    countCheck("Member", "members", report, found),
    countCheck("Event", "events", report, found),
    countCheck("Registration", "registrations", report, found),
    distributionCheck(found),
    coverageCheck(found),
    orphanCheck(found),
    duplicateCheck(report, found),
    runCheck(report, found),
  ];
}

export const expectedOf = (report: BundleReport, things: Things): number =>
  report[things].created + report[things].updated;

function countCheck(name: string, things: Things, report: BundleReport, found: Found): Check {
  const expected = expectedOf(report, things);
  const actual = found.run[things];
  const passed = expected === actual;
  return {
    name: `${name} Count`,
    category: "count",
    severity: "error",
    passed,
    expected,
    actual,
    message: passed
      ? `${name} count matches: ${actual}`
      : `${name} count mismatch: expected ${expected}, got ${actual} (diff: ${Math.abs(expected - actual)})`,
  };
}

function distributionCheck({ tiers }: Found): Check {
  const tiered = tiers.filter(({ tierCode }) => tierCode !== null);
  const listed = tiers.map(({ tierCode, count }) => `${tierCode ?? "(null)"}: ${count}`).join(", ");
  const [only, ...others] = tiers;
  const check = { name: "Tier Distribution", category: "tier", expected: "several tiers" } as const;
  if (tiered.length === 0)
    return {
      ...check,
      severity: "error",
      passed: false,
      actual: "none",
      message: "No members have tier assignments",
    };
  if (only !== undefined && others.length === 0)
    return {
      ...check,
      severity: "warning",
      passed: false,
      actual: only.tierCode ?? "",
      message: `Warning: All members in tier '${only.tierCode}' - verify mapping`,
    };
  return {
    ...check,
    severity: "error",
    passed: true,
    actual: `${tiered.length} tiers`,
    message: `Tier distribution: ${listed}`,
  };
}

function coverageCheck({ tiers }: Found): Check {
  const all = tiers.reduce((sum, { count }) => sum + count, 0);
  const without = tiers.find(({ tierCode }) => tierCode === null)?.count ?? 0;
  const share = all === 0 ? 0 : ((all - without) / all) * 100;
  const passed = share >= leastCoverage;
  return {
    name: "Tier Coverage",
    category: "tier",
    severity: "warning",
    passed,
    expected: `>= ${leastCoverage}%`,
    actual: `${share.toFixed(1)}%`,
    message: passed
      ? `Tier coverage: ${share.toFixed(1)}% (${all - without}/${all})`
      : `Low tier coverage: ${share.toFixed(1)}% - ${without} members without tier`,
  };
}

const orphanCheck = ({ orphaned }: Found): Check => ({
  name: "Orphaned Registrations",
  category: "integrity",
  severity: "error",
  passed: orphaned === 0,
  expected: 0,
  actual: orphaned,
  message:
    orphaned === 0
      ? "No orphaned registrations found"
      : `${orphaned} registrations reference non-existent members or events`,
});

/** One legacy id mapped twice, or one row of the platform for two: in the bundle, and in the id map. */
function duplicateCheck({ idMapping }: BundleReport, found: Found): Check {
  const twice = (ids: readonly string[]) => ids.length - new Set(ids).size;
  const inBundle = Object.values(idMapping).flatMap((entries) =>
    entries === undefined
      ? []
      : [
          twice(entries.map(({ legacy }) => legacy)) +
            twice(entries.flatMap(({ target }) => (target === "" ? [] : [target]))),
        ],
  );
  const actual = inBundle.reduce((sum, each) => sum + each, 0) + found.duplicates;
  return {
    name: "Duplicate ID Mappings",
    category: "mapping",
    severity: "error",
    passed: actual === 0,
    expected: 0,
    actual,
    message:
      actual === 0
        ? "No duplicate ID mappings found"
        : `${actual} duplicate WA ID mappings detected`,
  };
}

function runCheck({ runId }: BundleReport, { latestRun = "none" }: Found): Check {
  const passed = runId === latestRun;
  return {
    name: "Run ID Match",
    category: "mapping",
    severity: "warning",
    passed,
    expected: runId,
    actual: latestRun,
    message: passed
      ? `Run ID matches: ${runId}`
      : `Run ID mismatch: bundle=${runId}, database=${latestRun}`,
  };
}
