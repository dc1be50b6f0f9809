import type { DryRunReport, More, StopCondition } from "../../review/report.ts";
import { clauses, several } from "../../services/words.ts";
import { facts, number, percent, printable, table } from "../table.ts";
import { showDistribution } from "./counts.ts";

/** A dry run as a person reads it: its counts, what would happen, risks, what stops it (R6, R7, M13). */
export function showDryRun(report: DryRunReport): string[] {
  return [
    `${several(report.rows, "staged row")}. Nothing was written to the platform.`,
    "",
    ...facts(report.counts.map(({ says, rows }) => [says, rows])),
    ...showDistribution("what the waves would do", report.plan),
    ...showDistribution("what they would create", report.creates),
    ...showDistribution("what they would bring up to date", report.updates ?? {}),
    ...showDistribution("why rows are held, skipped or failed", report.reasons),
    ...report.sections.flatMap(({ says, lines }) => [
      "",
      ...table(
        [says, "rows"],
        lines.map((line) => [line.says, line.rows]),
      ),
    ]),
    ...report.distributions.flatMap(({ says, values }) => showDistribution(says, values)),
    ...unlisted(report),
    ...nearPlaceholders(report),
    ...notes(report),
    "",
    ...table(
      ["stop condition", "measured", "allowed", ""],
      report.stops.map((stop) => [
        stop.says,
        measured(stop, stop.measured),
        measured(stop, stop.threshold),
        stop.stops ? "STOPS" : "ok",
      ]),
    ),
    "",
    conclusion(report.stops),
  ];
}

function unlisted({ unlisted_statuses, unlisted_more }: DryRunReport): string[] {
  if (unlisted_statuses.length === 0) return [];
  const ofSeveral = unlisted_statuses.some(({ field }) => field !== undefined);
  return [
    "",
    ...table(
      ["status no rule lists", ...(ofSeveral ? ["of"] : []), "rows", "nearest listed one"],
      unlisted_statuses.map(({ field, status, rows, nearest, letters = [] }) => [
        status === null ? "(none)" : `“${status}”`,
        ...(ofSeveral ? [field ?? null] : []),
        rows,
        [nearest === null ? "" : `“${nearest}”`, ...letters].filter(Boolean).join("; ") || null,
      ]),
    ),
    ...left(
      unlisted_more,
      "spelling",
      "`wavegate check` lists them, and a dry run the next ones once those above are listed.",
    ),
  ];
}

function nearPlaceholders({ near_placeholders = [], near_more }: DryRunReport): string[] {
  if (near_placeholders.length === 0) return [];
  return [
    "",
    ...table(
      ["taken for real, and nearly a placeholder's", "ids", "rows"],
      near_placeholders.map(({ code, ids, rows }) => [
        code === "" ? "(empty)" : `“${code}”`,
        ids,
        rows,
      ]),
    ),
    ...left(near_more, "code", "`wavegate mappings` lists every code."),
  ];
}

/** What a list leaves out, and how to come to it. */
const left = (more: More | undefined, what: string, where: string): string[] =>
  more === undefined
    ? []
    : [`and ${several(more.values, `rarer ${what}`)}, of ${several(more.rows, "row")}: ${where}`];

function notes({ shared_emails, shared_phones = 0, capped_groups }: DryRunReport): string[] {
  const lines = [
    shared_emails > 0 &&
      `${several(shared_emails, "e-mail address is", "e-mail addresses are")} shared by too many rows to mean one person.`,
    shared_phones > 0 &&
      `${several(shared_phones, "phone is", "phones are")} shared by too many rows of several names to mean one person.`,
    capped_groups > 0 &&
      `${several(capped_groups, "group of equal names was", "groups of equal names were")} too common to be compared (capped).`,
  ].filter((line) => line !== false);
  return lines.length === 0 ? [] : ["", ...lines];
}

const measured = (stop: StopCondition, value: number): string =>
  stop.kind === "rows" ? number(value) : percent(value);

/** One line on what stops a sign-off. */
export function conclusion(stops: readonly StopCondition[]): string {
  const standing = stops.filter((stop) => stop.stops).map((stop) => printable(stop.says));
  if (standing.length === 0) return "Nothing stops a sign-off.";
  const until =
    standing.length === 1 ? "stops a sign-off until it is" : "stop a sign-off until they are";
  return `${standing.length} of ${stops.length} conditions ${until} mended or overridden: ${clauses(standing)}.`;
}
