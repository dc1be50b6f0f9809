import { formatsIn } from "../../speech/formats.ts";
import { gateNamed } from "../../speech/names.ts";

const { en, fr } = formatsIn;

const rowsEn = (rows: number) => (rows === 1 ? "1 row" : `${en.count(rows)} rows`);
const rowsFr = (rows: number) => (rows === 1 ? "1 ligne" : `${fr.count(rows)} lignes`);
const waveNumber = (gate: string) => gate.slice("wave:".length);

/** The page of a sign-off: what would happen, and what it rests on. */
export const signOffTexts = {
  signOffOf: {
    en: (run: string) => `Sign-off of ${run}`,
    fr: (run: string) => `Accord pour ${run}`,
  },
  mayIt: {
    en: (gate: string) =>
      gate === "first_wave"
        ? "May the first wave be written?"
        : gate === "scale_up"
          ? "May the run scale up after its first wave?"
          : `May wave ${waveNumber(gate)} be written?`,
    fr: (gate: string) =>
      gate === "first_wave"
        ? "La première vague peut-elle être écrite ?"
        : gate === "scale_up"
          ? "Peut-on passer à l’échelle après la première vague ?"
          : `La vague ${waveNumber(gate)} peut-elle être écrite ?`,
  },
  gateNamed,
  asksYou: {
    en: (starter: string, run: string) =>
      `${starter} started ${run} and may not decide about it; somebody else does. Reading this page changes nothing.`,
    fr: (starter: string, run: string) =>
      `${starter} a lancé ${run} et ne peut pas en décider ; une autre personne le fait. La lecture de cette page ne change rien.`,
  },
  onThisPage: { en: "On this page", fr: "Sur cette page" },
  toHappen: { en: "What would happen", fr: "Ce qui se passerait" },
  waveTakes: {
    en: (wave: number, rows: number) =>
      `If you approve, the run writes wave ${en.count(wave)}: ${rowsEn(rows)}, and no other. A rollback can take all of it back.`,
    fr: (wave: number, rows: number) =>
      `Si vous donnez votre accord, l’exécution écrit la vague ${fr.count(wave)} : ${rowsFr(rows)}, et aucune autre. Une annulation peut tout défaire.`,
  },
  waveTakesNothing: {
    en: "No row is left that the next wave could take.",
    fr: "Il ne reste aucune ligne que la prochaine vague pourrait prendre.",
  },
  afterwards: {
    en: (sizes: string, last: string) =>
      `Waves grow as planned: ${sizes} ${sizes === "1" ? "row" : "rows"}, then ${last} each.`,
    fr: (sizes: string, last: string) =>
      `Les vagues grandissent comme prévu : ${sizes} ${sizes === "1" ? "ligne" : "lignes"}, puis ${last} chacune.`,
  },
  becomesWritten: {
    en: (action: string, rows: number) =>
      `${rows === 1 ? "row becomes a new one" : "rows become new ones"} of the platform: ${action}.`,
    fr: (action: string, rows: number) =>
      `${rows < 2 ? "ligne devient une nouvelle ligne" : "lignes deviennent de nouvelles lignes"} de la plateforme : ${action}.`,
  },
  becomesUpdated: {
    en: (action: string, rows: number) =>
      `${rows === 1 ? "row brings one" : "rows bring others"} of the platform up to date: ${action}.`,
    fr: (action: string, rows: number) =>
      `${rows < 2 ? "ligne en met à jour une autre" : "lignes en mettent à jour d’autres"} de la plateforme : ${action}.`,
  },
  becomesLinked: {
    en: (table: string, rows: number) =>
      `${rows === 1 ? "row is linked to one" : "rows are linked to others"} of ${table} that the platform has; nothing is created.`,
    fr: (table: string, rows: number) =>
      `${rows < 2 ? "ligne est reliée à une autre" : "lignes sont reliées à d’autres"} de ${table}, que la plateforme a déjà ; rien n’est créé.`,
  },
  wholeRun: {
    en: (rows: number) => `Of all ${rowsEn(rows)} that were read, all waves together would:`,
    fr: (rows: number) => `Des ${rowsFr(rows)} lues, toutes les vagues ensemble :`,
  },
  outcomesOfPlan: {
    en: {
      commit: "be written",
      update: "bring up to date what is there",
      conflict: "be held as conflicts",
      link: "be linked; nothing is created",
      hold: "be held for a person",
      skip: "be skipped",
      fail: "fail",
    } as Readonly<Record<string, string>>,
    fr: {
      commit: "seraient écrites",
      update: "mettraient à jour ce qui existe",
      conflict: "seraient retenues comme conflits",
      link: "seraient reliées ; rien n’est créé",
      hold: "seraient retenues pour une personne",
      skip: "seraient ignorées",
      fail: "échoueraient",
    } as Readonly<Record<string, string>>,
  },
  whyNot: { en: "Why the others are not written", fr: "Pourquoi les autres ne sont pas écrites" },
  whyNotDoes: {
    en: { held: "held", conflict: "a conflict", skipped: "skipped", failed: "failed" } as Readonly<
      Record<string, string>
    >,
    fr: {
      held: "retenues",
      conflict: "en conflit",
      skipped: "ignorées",
      failed: "en échec",
    } as Readonly<Record<string, string>>,
  },
  theyAre: { en: "They are", fr: "Elles sont" },
  moreInDetails: {
    en: (more: number) =>
      more === 1
        ? "1 more reason stands in the details."
        : `${en.count(more)} more reasons stand in the details.`,
    fr: (more: number) =>
      more === 1
        ? "1 autre raison figure dans les détails."
        : `${fr.count(more)} autres raisons figurent dans les détails.`,
  },
  dryRunGone: {
    en: "The dry run of this state is gone. Ask for a new sign-off.",
    fr: "La simulation de cet état a disparu. Demandez un nouvel accord.",
  },
  rowsOfWave: {
    en: (wave: number) => `The rows of wave ${en.count(wave)}`,
    fr: (wave: number) => `Les lignes de la vague ${fr.count(wave)}`,
  },
  rowsOfWaveSays: {
    en: "As they stand now, masked. What somebody changes on the platform until then is held, not overwritten.",
    fr: "Telles qu’elles sont maintenant, masquées. Ce que quelqu’un modifie d’ici là sur la plateforme est retenu, jamais écrasé.",
  },
  legacyRow: { en: "Legacy row", fr: "Ligne d’origine" },
  person: { en: "Name", fr: "Nom" },
  appears: { en: "Appears to be", fr: "Semble être" },
  writtenSoFar: { en: "What was written so far", fr: "Ce qui a été écrit jusqu’ici" },
  drillPassedOn: {
    en: (at: string) => `The rollback drill passed on ${at}.`,
    fr: (at: string) => `L’exercice d’annulation a réussi le ${at}.`,
  },
  drillFailedOn: {
    en: (at: string) => `The rollback drill failed on ${at}.`,
    fr: (at: string) => `L’exercice d’annulation a échoué le ${at}.`,
  },
  drillOpen: {
    en: "The rollback drill has not been done yet.",
    fr: "L’exercice d’annulation n’a pas encore été fait.",
  },
  earlierDecisions: {
    en: "Earlier decisions, and who is asked",
    fr: "Décisions précédentes, et qui est interrogé",
  },
  noEarlier: {
    en: "Nobody decided anything about this run before.",
    fr: "Personne n’a encore rien décidé au sujet de cette exécution.",
  },
  decidedBefore: {
    en: {
      approved: "approved",
      rejected: "rejected",
      changes: "asked for changes",
    } as Readonly<Record<string, string>>,
    fr: {
      approved: "a donné son accord",
      rejected: "a refusé",
      changes: "a demandé des changements",
    } as Readonly<Record<string, string>>,
  },
  noLonger: {
    en: (because: string) => `It no longer counts: ${because}.`,
    fr: (because: string) => `Cela ne compte plus : ${because}.`,
  },
  sinceThenChanged: {
    en: (what: string) => `Since then, ${what}.`,
    fr: (what: string) => `Depuis : ${what}.`,
  },
  sinceThenSame: {
    en: "What it was about is the same as now.",
    fr: "Ce sur quoi elle portait est resté le même.",
  },
  alsoAsked: {
    en: (names: string) =>
      `Asked, each by a mail: ${names}. One decision is enough, and the first one counts.`,
    fr: (names: string) =>
      `Interrogés, chacun par courriel : ${names}. Une décision suffit, et la première compte.`,
  },
  samplesJudged: { en: "Samples judged", fr: "Échantillons jugés" },
  judgedOf: {
    en: (judged: number, total: number) =>
      `${en.count(judged)} of ${total === 1 ? "1 sampled row is" : `${en.count(total)} sampled rows are`} judged.`,
    fr: (judged: number, total: number) =>
      `${total === 1 ? "1 ligne échantillonnée" : `${fr.count(total)} lignes échantillonnées`}, dont ${fr.count(judged)} jugée${judged < 2 ? "" : "s"}.`,
  },
  noSamples: {
    en: "There are no rows to sample.",
    fr: "Il n’y a aucune ligne à échantillonner.",
  },
  judgeThem: { en: "Judge the samples", fr: "Juger les échantillons" },
  lookAtThem: { en: "Look at the samples", fr: "Regarder les échantillons" },
  quota: { en: "Quota", fr: "Quota" },
  drawn: { en: "Drawn", fr: "Tirées" },
  drawnOf: {
    en: (drawn: number, asked: number) => `${en.count(drawn)} of ${en.count(asked)}`,
    fr: (drawn: number, asked: number) => `${fr.count(drawn)} sur ${fr.count(asked)}`,
  },
  noMoreExist: { en: "no more exist", fr: "il n’en existe pas plus" },
  judgedRows: { en: "Judged", fr: "Jugées" },
  wrongRows: { en: "Wrong", fr: "Fausses" },
  moreDetails: {
    en: "Details: counts, distributions, digests",
    fr: "Détails : nombres, répartitions, empreintes",
  },
  unlistedStatuses: { en: "Statuses that no rule lists", fr: "États qu’aucune règle ne connaît" },
  nearest: { en: "Nearest listed one", fr: "Le plus proche connu" },
  nearPlaceholders: {
    en: "Taken for real, and nearly a placeholder’s",
    fr: "Pris pour réel, et presque un bouche-trou",
  },
  code: { en: "Code", fr: "Code" },
  ids: { en: "Ids", fr: "Identifiants" },
  openUntil: { en: "Open until", fr: "Ouvert jusqu’au" },
  reviewExport: { en: "Review export", fr: "Export pour relecture" },
  manifest: { en: "Its manifest", fr: "Son manifeste" },
  mappingsCarried: {
    en: "Decided about mappings in earlier runs, and carried over; what you sign covers it:",
    fr: "Décidé au sujet des correspondances lors d’exécutions précédentes, et repris ; votre signature le couvre :",
  },
  carriedOf: {
    en: (name: string, carried: number) => `${name} (${en.count(carried)})`,
    fr: (name: string, carried: number) => `${name} (${fr.count(carried)})`,
  },
  whatYouSign: { en: "What you sign", fr: "Ce que vous signez" },
  signedSays: {
    en: "What you sign is the SHA-256 of the rules, the staged rows and decisions, the mappings and the export. If anything of it changes, the signature no longer counts.",
    fr: "Ce que vous signez est l’empreinte SHA-256 des règles, des lignes et décisions, des correspondances et de l’export. Si l’un d’eux change, la signature ne compte plus.",
  },
  thereIsNone: { en: "There is none.", fr: "Il n’y en a pas." },
} as const;
