import { printable, table } from "../table.ts";

/** A check of a verification or a drill, as far as it is shown. */
interface Check {
  readonly id?: string;
  readonly says?: string;
  readonly passed: boolean;
  readonly severity?: string;
  readonly expected?: unknown;
  readonly got?: unknown;
}

/** The checks as `PASS` / `WARN` / `FAIL` lines with what was expected and what was found. */
export function showChecks(checks: readonly unknown[]): string[] {
  const rows = checks.map((check) => check as Check);
  return table(
    ["", "check", "expected", "found"],
    rows.map((check) => [
      check.passed ? "PASS" : check.severity === "warning" ? "WARN" : "FAIL",
      check.says ?? check.id ?? "",
      brief(check.expected),
      brief(check.got),
    ]),
  );
}

/** A value on one line, short. */
export function brief(value: unknown): string {
  if (value === undefined || value === null) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const line = printable(text);
  return line.length > 48 ? `${line.slice(0, 47)}…` : line;
}
