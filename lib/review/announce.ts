import type { Mail } from "../services/services.ts";
import type { Language } from "../speech/language.ts";
import { mailTexts } from "../speech/mails.ts";
import { statuses } from "../speech/names.ts";

/** What is kept elsewhere of a run's evidence: whoever has it sees that somebody wrote it anew. */
export interface Announced {
  /** SHA-256 of a bundle's manifest. */
  readonly manifest: string | null;
  /** The hash of the newest entry of the audit log, and its number. */
  readonly head: { readonly hash: string; readonly entries: number };
}

/** The lines of a mail that its reader keeps for the auditor. */
export function keepThese(
  language: Language,
  what: string,
  { manifest, head }: Announced,
): readonly string[] {
  const { keepThisMail, auditLog } = mailTexts[language];
  return [
    keepThisMail,
    ...(manifest === null ? [] : [`  ${what.padEnd(26)}${manifest}`]),
    `  ${auditLog(head.entries).padEnd(26)}${head.hash}`,
  ];
}

/** The mail that tells of an audit bundle: digests only, nothing about a person (W14). */
export function bundleMail(about: {
  readonly language: Language;
  readonly reference: string;
  readonly status: string;
  readonly prefix: string;
  readonly announced: Announced;
  /** Whether its bundle has an incident note. */
  readonly takenBack: boolean;
}): Omit<Mail, "to"> {
  const { language, reference, status, prefix, announced, takenBack } = about;
  const texts = mailTexts[language];
  return {
    subject: texts.evidenceOf(reference),
    text: [
      texts.bundleLies(reference, statuses[language][status] ?? status, prefix),
      ...(takenBack ? [texts.takenBack] : []),
      "",
      ...keepThese(language, texts.manifest, announced),
      "",
      texts.verifyOffline,
      `  wavegate audit verify FOLDER --digest ${announced.manifest}`,
      "",
    ].join("\n"),
  };
}
