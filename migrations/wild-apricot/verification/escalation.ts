import type { Check } from "./checks.ts";

/** What a person has to be told, whom, and how soon; nothing is repaired by itself. */
export interface Escalation {
  readonly issue: string;
  readonly contact: string;
  readonly priority: "High" | "Critical";
}

const largeShare = 0.05;

/** Whether somebody has to be told, and whom (V9). */
export function escalationsOf(checks: readonly Check[]): readonly Escalation[] {
  const failed = checks.filter(({ passed, severity }) => !passed && severity === "error");
  const integrity = failed.filter(
    ({ category }) => category === "integrity" || category === "mapping",
  );
  const large = failed.filter(
    ({ category, expected, actual }) =>
      category === "count" &&
      Math.abs(Number(expected) - Number(actual)) > largeShare * Math.max(Number(expected), 1),
  );
  const lost = large.some(({ expected, actual }) => Number(actual) < Number(expected));
  return [
    ...integrity.map(
      ({ name }): Escalation => ({
        issue: `${name}: the data contradict themselves; do not repair them by hand`,
        contact: "DBA + Merge captain",
        priority: "Critical",
      }),
    ),
    ...(lost
      ? [
          {
            issue: "More than 5% of the rows are missing",
            contact: "Incident response",
            priority: "Critical",
          } as const,
        ]
      : large.length > 0
        ? [
            {
              issue: "A count is more than 5% away from what it should be",
              contact: "Merge captain",
              priority: "High",
            } as const,
          ]
        : []),
    ...(failed.length > 1
      ? [
          {
            issue: `${failed.length} checks failed: a rollback by run is to be decided`,
            contact: "Merge captain",
            priority: "High",
          } as const,
        ]
      : []),
    ...(failed.length === 1 && integrity.length === 0 && large.length === 0
      ? [
          {
            issue: `${failed[0]?.name} failed`,
            contact: "Merge captain",
            priority: "High",
          } as const,
        ]
      : []),
  ];
}
