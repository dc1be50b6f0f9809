import type { Mail } from "../services/services.ts";

/** What is kept elsewhere of a run's evidence: whoever has it sees that somebody wrote it anew. */
export interface Announced {
  /** SHA-256 of a bundle's manifest. */
  readonly manifest: string | null;
  /** The hash of the newest entry of the audit log, and its number. */
  readonly head: { readonly hash: string; readonly entries: number };
}

/** The lines of a mail that its reader keeps for the auditor. */
export const keepThese = (what: string, { manifest, head }: Announced): readonly string[] => [
  "Keep this mail. What follows shows later whether anything was written anew:",
  ...(manifest === null ? [] : [`  ${what.padEnd(26)}${manifest}`]),
  `  ${`audit log, ${head.entries} entries`.padEnd(26)}${head.hash}`,
];

/** The mail that tells of an audit bundle: digests only, nothing about a person (W14). */
export function bundleMail(about: {
  readonly reference: string;
  readonly status: string;
  readonly prefix: string;
  readonly announced: Announced;
}): Omit<Mail, "to"> {
  const { reference, status, prefix, announced } = about;
  return {
    subject: `wavegate: the evidence of ${reference}`,
    text: [
      `${reference} is ${status}. Its audit bundle lies in ${prefix}.`,
      "",
      ...keepThese("manifest", announced),
      "",
      "With it, and without any connection:",
      `  wavegate audit verify FOLDER --digest ${announced.manifest}`,
      "",
    ].join("\n"),
  };
}
