import { formatsIn } from "./formats.ts";
import type { Said } from "./language.ts";

const { en, fr } = formatsIn;

/** Every sentence of every mail. Commands and digests stand between them, as they are. */
interface MailTexts {
  readonly pleaseDecide: (what: string, run: string) => string;
  readonly waitsFor: (what: string, run: string) => string;
  readonly judged: (rows: number) => string;
  readonly noStop: string;
  readonly theseStops: string;
  readonly lookAndDecide: string;
  readonly linkWorks: (until: string) => string;
  readonly openingChangesNothing: string;
  readonly keepThisMail: string;
  readonly manifestOfReview: string;
  readonly manifest: string;
  readonly auditLog: (entries: number) => string;
  readonly evidenceOf: (run: string) => string;
  readonly bundleLies: (run: string, status: string, place: string) => string;
  readonly takenBack: string;
  readonly verifyOffline: string;
  readonly haltedTitle: (run: string, error: string) => string;
  readonly halted: (run: string) => string;
  readonly whatMayBeDone: string;
  readonly orInTerminal: string;
  readonly named: (names: readonly string[]) => string;
}

export const mailTexts: Said<MailTexts> = {
  en: {
    pleaseDecide: (what, run) => `wavegate: please decide about ${what} of ${run}`,
    waitsFor: (what, run) => `${run} waits for a decision about ${what}.`,
    judged: (rows) =>
      rows === 1 ? "1 row was staged and judged" : `${en.count(rows)} rows were staged and judged`,
    noStop: "No stop condition holds.",
    theseStops: "These stop conditions hold:",
    lookAndDecide: "Look at the review, judge the samples, then approve or reject:",
    linkWorks: (until) => `The link works until ${until}, for one decision, after signing in.`,
    openingChangesNothing:
      "Opening it changes nothing. Nothing is written before somebody approves.",
    keepThisMail: "Keep this mail. What follows shows later whether anything was written anew:",
    manifestOfReview: "manifest of the review",
    manifest: "manifest",
    auditLog: (entries) => `audit log, ${entries} ${entries === 1 ? "entry" : "entries"}`,
    evidenceOf: (run) => `wavegate: the evidence of ${run}`,
    bundleLies: (run, status, place) => `${run} is ${status}. Its audit bundle lies in ${place}.`,
    takenBack:
      "What it wrote was taken back. incident.md of the bundle is the incident note: when, by whom, and what was spared. Severity, hypothesis and follow-ups are left to whoever is in charge of it.",
    verifyOffline: "With it, and without any connection:",
    haltedTitle: (run, error) => `Run ${run} halted: ${error}`,
    halted: (run) => `Run ${run} halted and waits for a decision.`,
    whatMayBeDone: "Its page says what may be done, and does it after signing in:",
    orInTerminal: "Or in a terminal:",
    named: (names) => `It names: ${names.join(", ")}`,
  },
  fr: {
    pleaseDecide: (what, run) => `wavegate : une décision est attendue pour ${what} de ${run}`,
    waitsFor: (what, run) => `${run} attend une décision pour ${what}.`,
    judged: (rows) =>
      rows === 1 ? "1 ligne a été lue et jugée" : `${fr.count(rows)} lignes ont été lues et jugées`,
    noStop: "Aucune condition d’arrêt n’est remplie.",
    theseStops: "Ces conditions d’arrêt sont remplies :",
    lookAndDecide:
      "Regardez ce qui se passerait, jugez les échantillons, puis donnez votre accord ou refusez :",
    linkWorks: (until) =>
      `Le lien est valable jusqu’au ${until}, pour une décision, après connexion.`,
    openingChangesNothing: "L’ouvrir ne change rien. Rien n’est écrit avant un accord.",
    keepThisMail:
      "Gardez ce courriel. Ce qui suit montrera plus tard si quelque chose a été récrit :",
    manifestOfReview: "manifeste de la relecture",
    manifest: "manifeste",
    auditLog: (entries) => `journal, ${entries} ${entries < 2 ? "entrée" : "entrées"}`,
    evidenceOf: (run) => `wavegate : les preuves de ${run}`,
    bundleLies: (run, status, place) =>
      `${run} est ${status}. Son dossier d’audit se trouve dans ${place}.`,
    takenBack:
      "Ce qu’elle a écrit a été retiré. incident.md du dossier est la note d’incident : quand, par qui, et ce qui a été épargné. La gravité, l’hypothèse et les suites restent à qui la dirige.",
    verifyOffline: "Avec lui, et sans aucune connexion :",
    haltedTitle: (run, error) => `Exécution ${run} interrompue : ${error}`,
    halted: (run) => `L’exécution ${run} est interrompue et attend une décision.`,
    whatMayBeDone: "Sa page dit ce qui peut être fait, et le fait après connexion :",
    orInTerminal: "Ou dans un terminal :",
    named: (names) => `Il s’agit de : ${names.join(", ")}`,
  },
};
