import type { Mail } from "../services/services.ts";
import { count, several } from "../services/words.ts";
import { type Announced, keepThese } from "./announce.ts";
import type { DryRunReport } from "./report.ts";

/** The mail that asks for a decision: counts and a link, nothing about a person (W14). */
export function signOffMail(about: {
  reference: string;
  what: string;
  report: DryRunReport;
  link: string;
  expires: Date;
  /** What shows later whether something was written anew. */
  announced: Announced;
}): Omit<Mail, "to"> {
  const { reference, what, report, link, expires, announced } = about;
  const width = Math.max(26, ...report.counts.map(({ says }) => says.length));
  const counts = report.counts.map(
    ({ says, rows }) => `  ${says.padEnd(width)}${count(rows).padStart(10)}`,
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
      `${several(report.rows, "row was", "rows were")} staged and judged${counts.length === 0 ? "." : ":"}`,
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
      ...keepThese("manifest of the review", announced),
      "",
    ].join("\n"),
  };
}
