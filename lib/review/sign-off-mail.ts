import type { Mail } from "../services/services.ts";
import { count, several } from "../services/words.ts";
import type { DryRunReport } from "./report.ts";

/** The eight counts (R6) as people read them, in their order. */
export const countLabels: Readonly<Record<keyof DryRunReport["counts"], string>> = {
  completed_history: "Completed history",
  archived_training: "Archived training",
  registered_pending: "Registered, pending",
  lead_only: "Leads only",
  duplicates: "Duplicates",
  placeholder_sessions: "Placeholder sessions",
  unmapped_courses: "Unmapped courses",
  unknown_or_needs_review: "Unknown or needs review",
};

/** The mail that asks for a decision: counts and a link, nothing about a person (W14). */
export function signOffMail(about: {
  reference: string;
  what: string;
  report: DryRunReport;
  link: string;
  expires: Date;
}): Omit<Mail, "to"> {
  const { reference, what, report, link, expires } = about;
  const counts = Object.entries(countLabels).map(
    ([key, label]) =>
      `  ${label.padEnd(26)}${count(report.counts[key as keyof DryRunReport["counts"]]).padStart(10)}`,
  );
  const holding = report.stops.filter(({ stops }) => stops);
  const stops =
    holding.length === 0
      ? ["No stop condition holds."]
      : ["These stop conditions hold:", ...holding.map(({ says }) => `  - ${says}`)];
  return {
    subject: `wavegate: please decide about ${what} of ${reference}`,
    text: [
      `${reference} waits for a decision about ${what}.`,
      "",
      `${several(report.rows, "row was", "rows were")} staged and judged:`,
      ...counts,
      "",
      ...stops,
      "",
      "Look at the review, judge the samples, then approve or reject:",
      link,
      "",
      `The link works until ${expires.toISOString().slice(0, 10)}, for one decision, after signing in.`,
      "Opening it changes nothing. Nothing is written before somebody approves.",
      "",
    ].join("\n"),
  };
}
