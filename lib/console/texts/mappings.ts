import { formatsIn } from "../../speech/formats.ts";

const { en, fr } = formatsIn;

/** The pages on which mappings are settled. */
export const mappingTexts = {
  mappings: { en: "Mappings", fr: "Correspondances" },
  mappingsOf: {
    en: (run: string) => `Mappings of ${run}`,
    fr: (run: string) => `Correspondances de ${run}`,
  },
  oneMapping: {
    en: (name: string, run: string) => `${name}: mappings of ${run}`,
    fr: (name: string, run: string) => `${name} : correspondances de ${run}`,
  },
  mappingsSay: {
    en: "What legacy rows refer to, and what it is on the platform. Those on which most rows hang come first.",
    fr: "Ce à quoi les lignes d’origine renvoient, et ce que c’est sur la plateforme. Celles dont dépendent le plus de lignes viennent d’abord.",
  },
  noReferences: {
    en: "This migration maps nothing.",
    fr: "Cette migration n’a aucune correspondance.",
  },
  toLookAt: {
    en: (open: number) => (open === 0 ? "nothing to look at" : `${en.count(open)} to look at`),
    fr: (open: number) => (open === 0 ? "rien à regarder" : `${fr.count(open)} à regarder`),
  },
  openOnly: { en: "To look at", fr: "À regarder" },
  everyMapping: { en: "All", fr: "Toutes" },
  nothingOpen: { en: "Nothing here needs a look.", fr: "Rien à regarder ici." },
  legacyThing: { en: "Legacy", fr: "Origine" },
  onPlatform: { en: "On the platform", fr: "Sur la plateforme" },
  idOf: { en: (id: string) => `id ${id}`, fr: (id: string) => `id ${id}` },
  score: { en: "Alike", fr: "Ressemblance" },
  kindOf: { en: "Kind", fr: "Genre" },
  hangOn: { en: "Rows", fr: "Lignes" },
  nothingSuggested: { en: "nothing suggested", fr: "aucune suggestion" },
  decidedByPerson: {
    en: (person: string) => `by ${person}`,
    fr: (person: string) => `par ${person}`,
  },
  decidedIn: {
    en: (run: string, day: string) => `carried over from ${run}, ${day}`,
    fr: (run: string, day: string) => `reprise de ${run}, ${day}`,
  },
  carriedOver: {
    en: (carried: number) => `${en.count(carried)} carried over`,
    fr: (carried: number) => (carried === 1 ? "1 reprise" : `${fr.count(carried)} reprises`),
  },
  carriedSays: {
    en: (carried: number) =>
      carried === 1
        ? "1 was decided in an earlier run and is carried over; it can be decided anew."
        : `${en.count(carried)} were decided in an earlier run and are carried over; each can be decided anew.`,
    fr: (carried: number) =>
      carried === 1
        ? "1 a été décidée lors d’une exécution précédente et est reprise ; elle peut être décidée à nouveau."
        : `${fr.count(carried)} ont été décidées lors d’une exécution précédente et sont reprises ; chacune peut être décidée à nouveau.`,
  },
  yourSay: { en: "Your decision", fr: "Votre décision" },
  confirm: { en: "Confirm", fr: "Confirmer" },
  confirmSuggestion: {
    en: (id: string, target: string) => `Confirm that ${id} is ${target}`,
    fr: (id: string, target: string) => `Confirmer que ${id} est ${target}`,
  },
  rejectMapping: { en: "Reject", fr: "Rejeter" },
  rejectThat: {
    en: (id: string) => `Reject ${id}: it is nothing on the platform`,
    fr: (id: string) => `Rejeter ${id} : cela n’existe pas sur la plateforme`,
  },
  anotherIdHint: { en: "name or id", fr: "nom ou id" },
  findThing: { en: "Find on the platform", fr: "Chercher sur la plateforme" },
  firstThings: {
    en: (shown: number) =>
      `The first ${en.count(shown)} are offered in the lines below; search for others.`,
    fr: (shown: number) =>
      `Les ${fr.count(shown)} premières sont proposées dans les lignes ci-dessous ; cherchez les autres.`,
  },
  foundThings: {
    en: (found: number) =>
      found === 0
        ? "Nothing on the platform is called that."
        : `${en.count(found)} found, and offered in the lines below.`,
    fr: (found: number) =>
      found === 0
        ? "Rien ne s’appelle ainsi sur la plateforme."
        : `${fr.count(found)} ${found === 1 ? "trouvée, et proposée" : "trouvées, et proposées"} dans les lignes ci-dessous.`,
  },
  anotherId: {
    en: (id: string) => `What ${id} is on the platform, by name or id, if it is another`,
    fr: (id: string) =>
      `Ce que ${id} est sur la plateforme, par son nom ou son identifiant, si c’est autre chose`,
  },
  takeOther: { en: "Take this one", fr: "Prendre celui-ci" },
  leaveIt: {
    en: "To reject says that it is nothing on the platform. What you leave alone stays as it is: its rows are held, and nothing is written for them.",
    fr: "Rejeter signifie que cela n’existe pas sur la plateforme. Ce que vous laissez reste tel quel : les lignes concernées sont retenues, et rien n’est écrit pour elles.",
  },
  exactOnes: {
    en: (exact: number) =>
      exact === 1
        ? "1 has the very name of one thing on the platform."
        : `${en.count(exact)} have the very name of one thing on the platform.`,
    fr: (exact: number) =>
      exact === 1
        ? "1 porte exactement le nom d’une chose de la plateforme."
        : `${fr.count(exact)} portent exactement le nom d’une chose de la plateforme.`,
  },
  confirmExact: {
    en: (exact: number) =>
      exact === 1 ? "Confirm the exact one" : `Confirm all ${en.count(exact)} exact ones`,
    fr: (exact: number) =>
      exact === 1
        ? "Confirmer la correspondance exacte"
        : `Confirmer les ${fr.count(exact)} correspondances exactes`,
  },
  voids: {
    en: "A decision here changes what is reviewed: rows are judged anew, and these sign-offs no longer count.",
    fr: "Une décision ici change ce qui est relu : les lignes sont jugées à nouveau, et ces accords ne comptent plus.",
  },
  voidsNothing: {
    en: "No sign-off is open or given yet, so a decision here voids none.",
    fr: "Aucun accord n’est demandé ni donné : une décision ici n’en annule aucun.",
  },
  nextMappings: { en: "Next ones", fr: "Suivantes" },
  previousMappings: { en: "Previous ones", fr: "Précédentes" },
  firstMappings: { en: "First ones", fr: "Premières" },
  unlistedSays: {
    en: "Spellings of a status that no rule lists. To have them judged, put each into the definition as an alias of what it means; until then their rows are held, or go where the definition sends all others.",
    fr: "Orthographes d’un état qu’aucune règle ne connaît. Pour qu’elles soient jugées, ajoutez chacune à la définition comme alias de ce qu’elle signifie ; d’ici là, leurs lignes sont retenues, ou vont là où la définition envoie toutes les autres.",
  },
  unlistedMore: {
    en: (values: number, rows: number) =>
      `Rarer ones besides: ${en.count(values)}, in rows: ${en.count(rows)}. “wavegate check” lists them, and a dry run the next ones once those above are listed.`,
    fr: (values: number, rows: number) =>
      `Plus rares encore : ${fr.count(values)}, lignes : ${fr.count(rows)}. « wavegate check » les donne, et une simulation les suivantes une fois celles-ci connues.`,
  },
  nearMore: {
    en: (values: number, rows: number) =>
      `Rarer ones besides: ${en.count(values)}, in rows: ${en.count(rows)}. The mappings list every code.`,
    fr: (values: number, rows: number) =>
      `Plus rares encore : ${fr.count(values)}, lignes : ${fr.count(rows)}. Les correspondances donnent chaque code.`,
  },
  aliasLine: { en: "As an alias, in the definition", fr: "Comme alias, dans la définition" },
  noUnlisted: {
    en: "Every status is one that a rule lists.",
    fr: "Chaque état est connu d’une règle.",
  },
  emptyStatus: { en: "without a status", fr: "sans état" },
} as const;
