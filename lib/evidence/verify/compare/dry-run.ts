import type { Condition, Measure, Migration } from "../../../define/definition.ts";
import { partsOf } from "../../../define/several.ts";
import { recordDigest } from "../../record-digest.ts";
import { restOf, shareOf } from "../figures.ts";
import type { RowFacts } from "../rows.ts";
import { CLOCKS_APART, equal, Findings, moment } from "../say.ts";
import type { ShownReport } from "../shapes.ts";
import type { Counts } from "../tally.ts";
import { type Evidence, entriesOf, newestDryRun } from "./evidence.ts";

/** What was shown to people (R6, M13): dry runs against the rows, the log and the exports. */
export function dryRuns(evidence: Evidence): string[] {
  return [...shown(evidence), ...logged(evidence), ...exported(evidence)];
}

/** The newest dry run's report counts the rows of the bundle. */
function shown(evidence: Evidence): string[] {
  const newest = newestDryRun(evidence);
  const { rows } = evidence.lists;
  const { waves, summary } = evidence.facts;
  if (newest === undefined) return waves.length > 0 ? ["there are waves and no dry run"] : [];
  // A stage that ran again since decided anew, and its dry run is still to come.
  if (!["dry-run", "export-review"].includes(summary.stage) && waves.length === 0) return [];
  const { report } = newest;
  const found = new Findings();
  for (const [what, says, is] of figures(evidence, report)) {
    found.unless(
      is === undefined || says === is,
      `the dry run's ${what} is ${says} and the rows have ${is}`,
    );
  }
  return [...countedRows(report, rows), ...found.all];
}

/** What a report counted is what the rows of the same bundle are. */
export function countedRows(report: ShownReport, rows: RowFacts): string[] {
  const found = new Findings();
  const same = (what: string, says: unknown, counted: Counts) =>
    found.unless(
      equal(says, without(counted.asRecord())),
      `the dry run counted other rows by ${what} than rows.csv.gz has`,
    );
  found.same("the number of rows", report.rows, "the dry run", rows.records, "rows.csv.gz");
  for (const [column, counted] of Object.entries(rows.distributions)) {
    const says = report.distributions.find(({ id }) => id === column)?.values ?? {};
    // What rows hold of people they do not show: of its words no more can be counted than there are rows.
    if (rows.isHidden(column))
      found.unless(
        Object.values(says).reduce((sum, each) => sum + each, 0) <= report.rows,
        `the dry run counted more rows by ${column} than there are`,
      );
    else same(column, says, counted);
  }
  same("plan", some(report.plan), rows.plan);
  same("action", some(report.creates), rows.creates);
  same("action that changes", some(report.updates ?? {}), rows.updates);
  same("reason", some(report.reasons), rows.reasons);
  for (const { id, measured, threshold, stops } of report.stops) {
    found.unless(stops === measured > threshold, `the stop condition ${id} says the wrong thing`);
  }
  return found.all;
}

const without = (counts: Record<string, number>) =>
  Object.fromEntries(Object.entries(counts).filter(([key]) => key !== ""));
/** Earlier versions said of rows that were planned and all held again that there are none. */
const some = (counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(counts).filter(([, rows]) => rows !== 0));

/** The figures of a report: name, what it says, and what the rows have, where an export tells. */
const figures = (evidence: Evidence, report: ShownReport): [string, unknown, unknown][] =>
  partsOf(evidence.facts.definition).flatMap((part) => figuresOf(part, evidence, report));

function figuresOf(
  part: Migration,
  { lists }: Evidence,
  report: ShownReport,
): [string, unknown, unknown][] {
  const { report: rules, stops } = part;
  const of = (condition: Condition) => lists.rows.figures.of(part, condition);
  const says = (counts: ShownReport["counts"], wanted: string) =>
    counts.find(({ id }) => id === wanted)?.rows;
  const section = (wanted: string) => report.sections.find(({ id }) => id === wanted)?.lines ?? [];
  return [
    ...rules.counts.map(({ id, when }): [string, unknown, unknown] => [
      `count ${id}`,
      says(report.counts, id),
      of(when),
    ]),
    ...rules.sections.flatMap(({ id, lines, rest }) => [
      ...lines.map((line): [string, unknown, unknown] => [
        `line ${line.id} of ${id}`,
        says(section(id), line.id),
        of(line.when),
      ]),
      ...(rest === undefined
        ? []
        : [
            [`rest of ${id}`, says(section(id), "rest"), of(restOf(lines))] as [
              string,
              unknown,
              unknown,
            ],
          ]),
    ]),
    ...stops.flatMap(({ id, measure, above }): [string, unknown, unknown][] => {
      const stop = report.stops.find((each) => each.id === id);
      return [
        [`limit of ${id}`, stop?.threshold, above],
        [`measure of ${id}`, stop?.measured, measured(measure, of, lists.rows.recordsOf(part))],
      ];
    }),
  ];
}

function measured(
  measure: Measure,
  of: (condition: Condition) => number | undefined,
  rows: number,
): number | undefined {
  if ("takenForReal" in measure) return undefined;
  if ("rows" in measure) return of(measure.rows);
  const whole = measure.of === undefined ? rows : of(measure.of);
  const part = of(shareOf(measure.share, measure.of));
  if (whole === undefined || part === undefined) return undefined;
  return whole === 0 ? 0 : part / whole;
}

/** The log has the counts of every dry run. */
function logged(evidence: Evidence): string[] {
  const found = new Findings();
  const entries = entriesOf(evidence, "dry-run");
  const { dry_runs } = evidence.facts.summary;
  for (const { digest, report, created_at } of dry_runs) {
    const entry = entries.findLast((each) => each.digest === digest);
    if (entry === undefined) {
      found.all.push("a dry run is not in the log");
      continue;
    }
    found.same(
      "what a dry run counted",
      entry.details.counts,
      "the log",
      Object.fromEntries(report.counts.map(({ id, rows }) => [id, rows])),
      "summary.json",
    );
    found.same("the plan of a dry run", entry.details.plan, "the log", report.plan, "summary.json");
    for (const { id, measured, threshold, stops } of report.stops) {
      found.unless(stops === measured > threshold, `the stop condition ${id} says the wrong thing`);
    }
    found.unless(
      entry.details.report === recordDigest(report),
      "a dry run shows something else than the log says",
    );
    found.unless(
      Math.abs(moment(entry.at) - moment(created_at)) < CLOCKS_APART,
      "a dry run was at another moment in the log",
    );
  }
  const known = new Set(dry_runs.map(({ digest }) => digest));
  found.unless(
    entries.every(({ digest }) => known.has(digest ?? "")),
    "the log has a dry run that is not in summary.json",
  );
  return found.all;
}

/** The log has every review export, of a dry run that is there. */
function exported(evidence: Evidence): string[] {
  const found = new Findings();
  const entries = entriesOf(evidence, "export-review");
  const { review_exports: exports, dry_runs, pinned_to } = evidence.facts.summary;
  for (const { digest, prefix, manifest_digest, created_at } of exports) {
    const [entry, ...more] = entries.filter((each) => each.digest === manifest_digest);
    found.unless(more.length === 0, "the log has a review export twice");
    found.unless(
      Math.abs(moment(entry?.at) - moment(created_at)) < CLOCKS_APART,
      "a review export was at another moment in the log",
    );
    found.same("a review export", entry?.details.prefix, "the log", prefix, "summary.json");
    // One that was cut off left a folder behind, and the next attempt has a number.
    const place = `runs/${pinned_to.reference}/review/${digest}`;
    found.unless(
      prefix.startsWith(place) && /^(?:-[1-9]\d?)?$/u.test(prefix.slice(place.length)),
      "a review export does not lie where its dry run's does",
    );
    found.unless(
      dry_runs.some((each) => each.digest === digest),
      "a review export shows a dry run that is not in the bundle",
    );
  }
  const known = new Set(exports.map(({ manifest_digest }) => manifest_digest));
  found.unless(
    entries.every(({ digest }) => known.has(digest ?? "")),
    "the log has a review export that is not in summary.json",
  );
  return found.all;
}
