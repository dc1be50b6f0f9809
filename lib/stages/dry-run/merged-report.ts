import type { Migration } from "../../define/definition.ts";
import type { Distribution, DryRunReport, More } from "../../review/report.ts";
import { sampleCondition } from "../../review/sign-off/stop-conditions.ts";

/** The report of one kind of things. */
interface PartReport {
  readonly part: Migration;
  readonly report: DryRunReport;
}

/**
 * The reports of a run's kinds of things as one, in their order: figures stand one behind the other, and what
 * may be called alike is told apart by the kind's name. Of one kind it is its own.
 */
export function mergedReport(reports: readonly PartReport[]): DryRunReport {
  const [only, ...more] = reports;
  if (only === undefined) throw new Error("A migration has at least one entity.");
  if (more.length === 0) return only.report;
  const all = reports.map(({ report }) => report);
  const sum = (of: (report: DryRunReport) => number) =>
    all.reduce((total, report) => total + of(report), 0);
  return {
    rows: sum(({ rows }) => rows),
    counts: all.flatMap(({ counts }) => counts),
    distributions: reports.flatMap(({ part, report }) =>
      report.distributions.map((each) => ({ ...each, id: `${part.part}.${each.id}` })),
    ),
    sections: all.flatMap(({ sections }) => sections),
    plan: summed(all.map(({ plan }) => plan)),
    creates: byAction(reports, ({ creates }) => creates),
    ...(all.some(({ updates }) => updates)
      ? { updates: byAction(reports, ({ updates = {} }) => updates) }
      : {}),
    reasons: summed(all.map(({ reasons }) => reasons)),
    unlisted_statuses: reports.flatMap(({ part, report }) =>
      report.unlisted_statuses.map(({ field, ...each }) => ({
        field: field === undefined ? `${part.part}` : `${part.part}.${field}`,
        ...each,
      })),
    ),
    // Of a run, whichever kind of things they stand in.
    shared_emails: only.report.shared_emails,
    shared_phones: only.report.shared_phones ?? 0,
    capped_groups: only.report.capped_groups,
    ...moreOfAll("unlisted_more", all),
    ...moreOfAll("near_more", all),
    near_placeholders: all.flatMap(({ near_placeholders: near = [] }) => near),
    stops: [
      ...all.flatMap(({ stops }) => stops.filter(({ id }) => id !== sampleCondition(0).id)),
      sampleCondition(0),
    ],
  };
}

/** Rows by action, each with the name of its kind before it. */
const byAction = (
  reports: readonly PartReport[],
  of: (report: DryRunReport) => Distribution,
): Distribution =>
  summed(
    reports.map(({ part, report }) =>
      Object.fromEntries(
        Object.entries(of(report)).map(([action, rows]) => [`${part.part}.${action}`, rows]),
      ),
    ),
  );

function summed(distributions: readonly Distribution[]): Distribution {
  const all = new Map<string, number>();
  for (const each of distributions)
    for (const [value, rows] of Object.entries(each)) all.set(value, (all.get(value) ?? 0) + rows);
  return Object.fromEntries(all);
}

/** What the lists of all kinds leave out together. */
function moreOfAll<Name extends "unlisted_more" | "near_more">(
  name: Name,
  reports: readonly DryRunReport[],
): { readonly [_ in Name]?: More } {
  const each = reports.flatMap((report) => report[name] ?? []);
  const sum = (of: keyof More) => each.reduce((all, more) => all + more[of], 0);
  return each.length === 0
    ? {}
    : ({ [name]: { values: sum("values"), rows: sum("rows") } } as { [_ in Name]: More });
}
