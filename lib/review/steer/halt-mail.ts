import type { Mail } from "../../services/services.ts";
import type { Language } from "../../speech/language.ts";
import { mailTexts } from "../../speech/mails.ts";
import { type Because, refusedIn } from "../../speech/refused.ts";

/** The mail that tells that a run halted, why, and what may be done: nothing about a person (W14). */
export function haltMail(about: {
  readonly language: Language;
  readonly reference: string;
  readonly because: Because;
  /** Where the console is. */
  readonly site: string;
}): Omit<Mail, "to"> {
  const { language, reference, because, site } = about;
  const texts = mailTexts[language];
  const { says, names } = refusedIn(language, because);
  return {
    subject: texts.haltedTitle(reference, because.error),
    text: [
      texts.halted(reference),
      "",
      says,
      ...(names.length === 0 ? [] : [texts.named(names)]),
      "",
      texts.whatMayBeDone,
      `${site}/admin/legacy-imports/runs/${reference}`,
      "",
      texts.orInTerminal,
      ...["status", "resume", "rollback", "stop"].map(
        (verb) => `wavegate ${verb} --run ${reference}`,
      ),
      "",
    ].join("\n"),
  };
}
