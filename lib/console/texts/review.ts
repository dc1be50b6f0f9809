import { formatsIn } from "../../speech/formats.ts";

const { en, fr } = formatsIn;

/** The page on which sampled rows are judged one at a time. */
export const reviewTexts = {
  reviewOf: {
    en: (run: string) => `Samples of ${run}`,
    fr: (run: string) => `Échantillons de ${run}`,
  },
  reviewSays: {
    en: "Compare the row with what the legacy system had. A verdict is kept as you give it, and the next row opens.",
    fr: "Comparez la ligne avec ce qu’avait l’ancien système. Un verdict est conservé dès qu’il est donné, et la ligne suivante s’ouvre.",
  },
  progressOf: {
    en: (judged: number, total: number) => `${en.count(judged)} of ${en.count(total)} judged`,
    fr: (judged: number, total: number) => `${fr.count(judged)} sur ${fr.count(total)} jugées`,
  },
  placeOf: {
    en: (place: number, total: number) => `Row ${en.count(place)} of ${en.count(total)}`,
    fr: (place: number, total: number) => `Ligne ${fr.count(place)} sur ${fr.count(total)}`,
  },
  allFocuses: { en: "All rows", fr: "Toutes les lignes" },
  maskedNote: {
    en: "Names, phones and addresses are masked: seeing them whole takes the permission legacy_imports.review.",
    fr: "Noms, téléphones et adresses sont masqués : pour les voir en entier, il faut la permission legacy_imports.review.",
  },
  noName: { en: "no name", fr: "sans nom" },
  drawnFor: {
    en: (quotas: string) => `drawn for ${quotas}`,
    fr: (quotas: string) => `tirée pour ${quotas}`,
  },
  phone: { en: "Phone", fr: "Téléphone" },
  email: { en: "E-mail", fr: "Courriel" },
  birthDate: { en: "Birth date", fr: "Date de naissance" },
  hints: { en: "Looks like", fr: "Ressemble à" },
  firedRules: { en: "Rules that fired", fr: "Règles appliquées" },
  againstPlatform: {
    en: (level: string) => `a record of the platform (likeness: ${level})`,
    fr: (level: string) => `une fiche de la plateforme (ressemblance : ${level})`,
  },
  insideSource: {
    en: (level: string) => `another legacy row (likeness: ${level})`,
    fr: (level: string) => `une autre ligne de l’ancien système (ressemblance : ${level})`,
  },
  asInLegacy: { en: "as in the legacy system", fr: "comme dans l’ancien système" },
  was: {
    en: { legacy: "legacy", status: "status", mapping: "mapping" } as Readonly<
      Record<string, string>
    >,
    fr: { legacy: "origine", status: "état", mapping: "correspondance" } as Readonly<
      Record<string, string>
    >,
  },
  none: { en: "none", fr: "aucun" },
  rawRow: {
    en: "The row as the legacy system has it",
    fr: "La ligne telle que l’ancien système la contient",
  },
  column: { en: "Column", fr: "Colonne" },
  legacyValue: { en: "In the legacy row", fr: "Dans la ligne d’origine" },
  wouldWriteInto: {
    en: (table: string) => `What a wave would write of it, as a new row of ${table}`,
    fr: (table: string) => `Ce qu’une vague en écrirait, comme nouvelle ligne de ${table}`,
  },
  rowNamedBy: {
    en: (reference: string) => `the row of the platform that “${reference}” names`,
    fr: (reference: string) => `la ligne de la plateforme que « ${reference} » désigne`,
  },
  ownDefault: { en: "the platform’s own default", fr: "la valeur par défaut de la plateforme" },
  fieldsJudged: { en: "What it was judged by", fr: "Ce sur quoi elle a été jugée" },
  verdictNone: { en: "not judged", fr: "pas jugée" },
  changedSince: {
    en: "changed since it was looked at",
    fr: "modifiée depuis qu’elle a été regardée",
  },
  verdictRight: { en: "right", fr: "juste" },
  verdictWrong: {
    en: (what: string) => `wrong: ${what}`,
    fr: (what: string) => `faux : ${what}`,
  },
  by: { en: (person: string) => `by ${person}`, fr: (person: string) => `par ${person}` },
  aspects: {
    en: {
      name: "name",
      phone: "phone",
      email: "e-mail",
      classification: "classification",
      action: "action",
    } as Readonly<Record<string, string>>,
    fr: {
      name: "nom",
      phone: "téléphone",
      email: "courriel",
      classification: "classement",
      action: "action",
    } as Readonly<Record<string, string>>,
  },
  yourVerdict: { en: "Your verdict", fr: "Votre verdict" },
  whatIsWrong: {
    en: "What is wrong? Tick it, then press Wrong.",
    fr: "Qu’est-ce qui est faux ? Cochez, puis appuyez sur Faux.",
  },
  right: { en: "Right", fr: "Juste" },
  wrong: { en: "Wrong", fr: "Faux" },
  skipRow: { en: "Skip", fr: "Passer" },
  undoLast: { en: "Undo my last verdict", fr: "Annuler mon dernier verdict" },
  nextUnjudged: { en: "Next unjudged", fr: "Prochaine non jugée" },
  help: { en: "Help", fr: "Aide" },
  helpSays: {
    en: "Each key does what the button with its letter does; 1 to 5 tick what is wrong. Undo takes your last verdict back and opens its row; the audit log keeps both. A verdict stays while its row is judged anew and says the same; where it changed, the row opens again.",
    fr: "Chaque touche fait ce que fait le bouton qui la porte ; 1 à 5 cochent ce qui est faux. Annuler retire votre dernier verdict et rouvre sa ligne ; le journal d’audit garde les deux. Un verdict reste tant que sa ligne, jugée à nouveau, dit la même chose ; là où elle a changé, elle se rouvre.",
  },
  allJudged: {
    en: "Every row here has a verdict.",
    fr: "Chaque ligne ici a un verdict.",
  },
  judgeToo: {
    en: (samples: string) =>
      `Every row has a verdict, and whoever approves has judged at least one of each sample. You have none yet of: ${samples}.`,
    fr: (samples: string) =>
      `Chaque ligne a un verdict, et qui donne son accord en a jugé au moins une de chaque échantillon. Vous n’en avez encore aucune de : ${samples}.`,
  },
  nothingSampled: {
    en: "No row was sampled here.",
    fr: "Aucune ligne n’a été tirée ici.",
  },
  backToSignOff: { en: "Back to the sign-off", fr: "Retour à l’accord" },
  focusModes: { en: "Focus", fr: "Priorité" },
} as const;
