import type { Mail } from "../../services/services.ts";
import { formatsIn } from "../../speech/formats.ts";
import type { Language } from "../../speech/language.ts";
import { mailTexts } from "../../speech/mails.ts";
import { gateNamed } from "../../speech/names.ts";
import { speech, type Translations } from "../../speech/speech.ts";
import { type Announced, keepThese } from "../announce.ts";
import type { DryRunReport } from "../report.ts";
import type { Gate } from "../sign-off-store.ts";

/** The mail that asks for a decision: counts and a link, nothing about a person (W14). */
export function signOffMail(about: {
  language: Language;
  /** What the definition says in other languages. */
  translations?: Translations | undefined;
  reference: string;
  gate: Gate;
  report: DryRunReport;
  link: string;
  expires: Date;
  /** What shows later whether something was written anew. */
  announced: Announced;
}): Omit<Mail, "to"> {
  const { language, reference, report, link, expires, announced } = about;
  const texts = mailTexts[language];
  const { said } = speech(language, about);
  const what = gateNamed[language](about.gate);
  const counted = report.counts.map(({ says, rows }) => ({ says: said(says), rows }));
  const width = Math.max(26, ...counted.map(({ says }) => says.length));
  const counts = counted.map(
    ({ says, rows }) => `  ${says.padEnd(width)}${formatsIn[language].count(rows).padStart(10)}`,
  );
  const holding = report.stops.filter(({ stops }) => stops);
  const stops =
    holding.length === 0
      ? [texts.noStop]
      : [texts.theseStops, ...holding.map(({ says }) => `  - ${said(says)}`)];
  const colon = language === "fr" ? " :" : ":";
  return {
    subject: texts.pleaseDecide(what, reference),
    text: [
      texts.waitsFor(what, reference),
      "",
      `${texts.judged(report.rows)}${counts.length === 0 ? "." : colon}`,
      ...counts,
      "",
      ...stops,
      "",
      texts.lookAndDecide,
      link,
      "",
      texts.linkWorks(expires.toISOString().slice(0, 10)),
      texts.openingChangesNothing,
      "",
      ...keepThese(language, texts.manifestOfReview, announced),
      "",
    ].join("\n"),
  };
}
