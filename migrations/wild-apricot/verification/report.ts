import type { Check } from "./checks.ts";
import type { Escalation } from "./escalation.ts";

export interface PolicyCheck {
  readonly key: string;
  readonly passed: boolean;
  readonly message: string;
}

/** What a verification found, as JSON has it. */
export interface Result {
  readonly runId: string;
  readonly bundlePath: string;
  readonly verifiedAt: string;
  readonly durationMs: number;
  readonly passed: boolean;
  readonly checks: readonly Check[];
  readonly summary: {
    readonly total: number;
    readonly passed: number;
    readonly failed: number;
    readonly warnings: number;
  };
  readonly counts: {
    readonly bundle: Readonly<Record<string, number>>;
    /** Rows of the run that stand on the platform. */
    readonly database: Readonly<Record<string, number>>;
    /** All rows of the tables, whoever made them. */
    readonly tables: Readonly<Record<string, number>>;
  };
  readonly tierDistribution: readonly {
    readonly tierCode: string | null;
    readonly tierName: string | null;
    readonly count: number;
    readonly percentage: number;
  }[];
  readonly policyVerification: readonly PolicyCheck[];
  readonly escalation: readonly Escalation[];
}

export const iconOf = ({ passed, severity }: Pick<Check, "passed" | "severity">): string =>
  passed ? "[PASS]" : severity === "warning" ? "[WARN]" : "[FAIL]";

/** The report that people read (V8). */
export function markdownOf(result: Result): string {
  const { summary, counts } = result;
  const table = (header: readonly string[], rows: readonly (readonly unknown[])[]) => [
    `| ${header.join(" | ")} |`,
    `|${header.map(() => "---").join("|")}|`,
    ...rows.map((row) => `| ${row.map(cell).join(" | ")} |`),
  ];
  return [
    "# Migration Verification Report",
    "",
    "## Summary",
    "",
    ...table(
      ["", ""],
      [
        ["Result", result.passed ? "PASSED" : "FAILED"],
        ["Run ID", result.runId],
        ["Bundle", result.bundlePath],
        ["Verified", result.verifiedAt],
        ["Duration", `${result.durationMs}ms`],
        [
          "Checks",
          `${summary.passed} passed, ${summary.failed} failed, ${summary.warnings} warnings`,
        ],
      ],
    ),
    "",
    "## Count Comparison",
    "",
    ...table(
      ["", "Bundle", "Of the run, on the platform", "In the table"],
      Object.keys(counts.bundle).map((things) => [
        things,
        counts.bundle[things],
        counts.database[things],
        counts.tables[things],
      ]),
    ),
    "",
    "## Tier Distribution",
    "",
    ...table(
      ["Tier", "Name", "Members", "Share"],
      result.tierDistribution.map(({ tierCode, tierName, count, percentage }) => [
        tierCode ?? "(null)",
        tierName ?? "No Tier",
        count,
        `${percentage.toFixed(1)}%`,
      ]),
    ),
    "",
    "## Verification Checks",
    "",
    ...table(
      ["Check", "Result", "Expected", "Got", "Message"],
      result.checks.map((check) => [
        check.name,
        iconOf(check),
        check.expected,
        check.actual,
        check.message,
      ]),
    ),
    ...(result.policyVerification.length === 0
      ? []
      : [
          "",
          "## Policy Verification",
          "",
          ...table(
            ["Policy", "Result", "Message"],
            result.policyVerification.map(({ key, passed, message }) => [
              key,
              passed ? "[PASS]" : "[WARN]",
              message,
            ]),
          ),
        ]),
    ...(result.escalation.length === 0
      ? []
      : [
          "",
          "## Escalation",
          "",
          ...table(
            ["Issue", "Contact", "Priority"],
            result.escalation.map(({ issue, contact, priority }) => [issue, contact, priority]),
          ),
        ]),
    "",
  ].join("\n");
}

const cell = (value: unknown): string =>
  String(value ?? "")
    .replaceAll("|", "\\|")
    .replaceAll(/\s+/gu, " ");
