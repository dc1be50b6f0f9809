import { formatsIn } from "../../speech/formats.ts";

const { en, fr } = formatsIn;

/** The rows of a run, one row, and what is held. */
export const rowTexts = {
  rowsOf: { en: (run: string) => `Rows of ${run}`, fr: (run: string) => `Lignes de ${run}` },
  rowsMasked: {
    en: "Names, phones and addresses are masked here, whoever looks.",
    fr: "Les noms, téléphones et adresses sont masqués ici, pour tout le monde.",
  },
  looksOn: {
    en: (looked: number) =>
      `${looked === 1 ? "1 more row was" : `${en.count(looked)} more rows were`} looked at, and the page is not full. The search goes on with the next rows.`,
    fr: (looked: number) =>
      `${looked < 2 ? `${fr.count(looked)} ligne de plus a été parcourue` : `${fr.count(looked)} lignes de plus ont été parcourues`}, et la page n’est pas pleine. La recherche continue avec les lignes suivantes.`,
  },
  rowsLike: {
    en: (rows: number) =>
      rows === 1 ? "1 row is like that." : `${en.count(rows)} rows are like that.`,
    fr: (rows: number) =>
      rows < 2 ? `${fr.count(rows)} ligne correspond.` : `${fr.count(rows)} lignes correspondent.`,
  },
  noRows: { en: "No row is like that.", fr: "Aucune ligne ne correspond." },
  anything: { en: "anything", fr: "tout" },
  validation: { en: "Validation", fr: "Contrôle" },
  classification: { en: "Classification", fr: "Classement" },
  duplicates: { en: "Same person?", fr: "Même personne ?" },
  kind: { en: "Kind", fr: "Genre" },
  state: { en: "State", fr: "État" },
  name: { en: "Name", fr: "Nom" },
  contact: { en: "Contact", fr: "Contact" },
  born: { en: "Born", fr: "Naissance" },
  wouldHappen: { en: "What would happen", fr: "Ce qui arriverait" },
  nextPage: { en: "Next rows", fr: "Lignes suivantes" },
  previousPage: { en: "Previous rows", fr: "Lignes précédentes" },
  firstPage: { en: "First rows", fr: "Premières lignes" },
  byId: {
    en: "Row, or legacy table and id (as in table:52)",
    fr: "Ligne, ou table et id d’origine (table:52)",
  },
  theseRows: { en: "The list it was opened from", fr: "La liste d’où elle a été ouverte" },
  backToTheseRows: { en: "Back to these rows", fr: "Retour à ces lignes" },
  nextOfTheseRows: { en: "Next of these rows", fr: "Ligne suivante" },
  lastOfTheseRows: { en: "It is the last of these rows.", fr: "C’est la dernière de ces lignes." },
  open: { en: "Open", fr: "Ouvrir" },
  searchPerson: { en: "Look for a person", fr: "Chercher une personne" },
  searchSays: {
    en: "By a whole number, address or name. Each search is noted in the run’s audit log with your name; what you look for is kept there as a digest only.",
    fr: "Par un numéro, une adresse ou un nom entier. Chaque recherche est notée dans le journal d’audit avec votre nom ; ce que vous cherchez n’y figure que sous forme d’empreinte.",
  },
  searchBy: { en: "By", fr: "Par" },
  searchKinds: {
    en: { phone: "phone", email: "e-mail", name: "name" } as Readonly<Record<string, string>>,
    fr: { phone: "téléphone", email: "courriel", name: "nom" } as Readonly<Record<string, string>>,
  },
  search: { en: "Search", fr: "Chercher" },
  found: {
    en: (rows: number) => `${en.count(rows)} found`,
    fr: (rows: number) => (rows < 2 ? `${rows} trouvée` : `${fr.count(rows)} trouvées`),
  },
  whatRefuses: { en: "What refuses it", fr: "Ce qui la refuse" },
  rowTitle: {
    en: (id: string) => `Row ${id}`,
    fr: (id: string) => `Ligne ${id}`,
  },
  origin: { en: "From", fr: "Origine" },
  outcomes: {
    en: {
      commit: (action: string) => `A wave would write it to the platform as a new row: ${action}.`,
      update: (action: string) =>
        `A wave would bring the row that stands on the platform up to date: ${action}.`,
      link: () => "A wave would link it to somebody the platform knows; nothing is created.",
      hold: (reason: string) => `It is held for a person, and nothing is written: ${reason}`,
      skip: (reason: string) => `It is skipped, and nothing is written: ${reason}`,
      fail: (reason: string) => `It failed, and nothing is written: ${reason}`,
      none: () => "Nothing is decided about it yet.",
      committed: (action: string) => `A wave wrote it to the platform as a new row: ${action}.`,
      updated: (action: string) =>
        `A wave brought the row that stood on the platform up to date: ${action}.`,
      linked: () => "A wave linked it to somebody the platform knows; nothing was created.",
      rolled_back: () => "A wave wrote it, and a rollback took it back.",
    },
    fr: {
      commit: (action: string) =>
        `Une vague l’écrirait sur la plateforme comme nouvelle ligne : ${action}.`,
      update: (action: string) =>
        `Une vague mettrait à jour la ligne qui figure sur la plateforme : ${action}.`,
      link: () => "Une vague la relierait à une personne connue ; rien n’est créé.",
      hold: (reason: string) => `Elle est retenue pour une personne, rien n’est écrit : ${reason}`,
      skip: (reason: string) => `Elle est ignorée, rien n’est écrit : ${reason}`,
      fail: (reason: string) => `Elle est en échec, rien n’est écrit : ${reason}`,
      none: () => "Rien n’est encore décidé à son sujet.",
      committed: (action: string) =>
        `Une vague l’a écrite sur la plateforme comme nouvelle ligne : ${action}.`,
      updated: (action: string) =>
        `Une vague a mis à jour la ligne qui figurait sur la plateforme : ${action}.`,
      linked: () => "Une vague l’a reliée à une personne connue ; rien n’a été créé.",
      rolled_back: () => "Une vague l’a écrite, puis une annulation l’a retirée.",
    },
  },
  changesThereWhole: {
    en: "What it would change of the row that is there",
    fr: "Ce qu’elle changerait de la ligne qui existe",
  },
  changesThere: {
    en: "What it would change of the row that is there, masked",
    fr: "Ce qu’elle changerait dans la ligne qui existe, masqué",
  },
  holdsNow: { en: "It holds", fr: "Contient" },
  differsThere: {
    en: "What differs from the row that is there; nothing of it is written",
    fr: "Ce qui diffère de la ligne qui existe ; rien n’en est écrit",
  },
  legacyHolds: { en: "The legacy row says", fr: "D’après la ligne d’origine" },
  wouldHold: { en: "It would hold", fr: "Contiendrait" },
  stillWritten: { en: "(a row still to be written)", fr: "(une ligne encore à écrire)" },
  decided: { en: "What was decided, and why", fr: "Ce qui a été décidé, et pourquoi" },
  rule: { en: "Rule", fr: "Règle" },
  outcome: { en: "Outcome", fr: "Résultat" },
  lookedAt: { en: "It looked at", fr: "Ce qu’elle a examiné" },
  decidesMark: { en: "decided", fr: "a décidé" },
  // Not “holds”: a row that is held is something else.
  holdsMark: { en: "applies too", fr: "vaut aussi" },
  otherRules: {
    en: (rules: number) =>
      rules === 1 ? "1 rule that does not apply" : `${en.count(rules)} rules that do not apply`,
    fr: (rules: number) =>
      rules < 2
        ? `${fr.count(rules)} règle qui ne s’applique pas`
        : `${fr.count(rules)} règles qui ne s’appliquent pas`,
  },
  values: { en: "As it came, and as it is compared", fr: "Tel que reçu, et tel que comparé" },
  field: { en: "Field", fr: "Champ" },
  asItCame: { en: "As it came", fr: "Tel que reçu" },
  asCompared: { en: "As it is compared", fr: "Tel que comparé" },
  payload: {
    en: "The whole row of the legacy system",
    fr: "La ligne entière du système d’origine",
  },
  wholeForReviewers: {
    en: "Values are whole for those with the permission legacy_imports.review.",
    fr: "Les valeurs sont entières pour qui a la permission legacy_imports.review.",
  },
  samePerson: {
    en: "Why it may be somebody the platform knows",
    fr: "Pourquoi ce peut être une personne connue",
  },
  nobodyAlike: {
    en: "Nobody on the platform is like it.",
    fr: "Personne sur la plateforme ne lui ressemble.",
  },
  signs: {
    en: { name: "Name", phone: "Phone", email: "E-mail", birth_date: "Birth date" } as Readonly<
      Record<string, string>
    >,
    fr: {
      name: "Nom",
      phone: "Téléphone",
      email: "Courriel",
      birth_date: "Date de naissance",
    } as Readonly<Record<string, string>>,
  },
  evidenceOf: { en: "Evidence", fr: "Indice" },
  agrees: { en: "agrees", fr: "concorde" },
  differs: { en: "differs", fr: "diffère" },
  unsaid: { en: "not said", fr: "non dit" },
  thisRow: { en: "This row", fr: "Cette ligne" },
  record: { en: "The platform’s record", fr: "La fiche de la plateforme" },
  likeTitle: {
    en: (table: string, id: string, level: string) => `${table} ${id}: ${level}`,
    fr: (table: string, id: string, level: string) => `${table} ${id} : ${level}`,
  },
  history: { en: "What waves did with it", fr: "Ce que les vagues en ont fait" },
  noHistory: { en: "No wave took it.", fr: "Aucune vague ne l’a prise." },
  did: { en: "Did", fr: "Action" },
  target: { en: "To", fr: "Cible" },
  now: { en: "Now", fr: "Maintenant" },
  standsNow: { en: "stands", fr: "en place" },
  takenBackNow: { en: "taken back", fr: "annulée" },
  sparedNow: { en: "spared by a rollback", fr: "épargnée par une annulation" },
  heldTitle: {
    en: (run: string) => `Held rows of ${run}`,
    fr: (run: string) => `Lignes retenues de ${run}`,
  },
  heldRows: { en: "Held rows", fr: "Lignes retenues" },
  nothingHeld: { en: "Nothing is held.", fr: "Rien n’est retenu." },
  reason: { en: "Reason", fr: "Raison" },
  first: { en: "The first", fr: "Les premières" },
  wouldFree: {
    en: "What the largest part of them shares",
    fr: "Ce que partage la plus grande part",
  },
  freeMapping: {
    en: (name: string, value: string, rows: number) =>
      rows === 1
        ? `1 names the ${name} (${value}): its mapping decides about it.`
        : `${en.count(rows)} name the same ${name} (${value}): its mapping decides about all of them.`,
    fr: (name: string, value: string, rows: number) =>
      rows === 1
        ? `1 a pour ${name} ${value} : sa correspondance en décide.`
        : `${fr.count(rows)} ont pour ${name} ${value} : sa correspondance décide de toutes.`,
  },
  freeSpelling: {
    en: (name: string, value: string, rows: number) =>
      rows === 1
        ? `1 has ${name} “${value}”: a line of the definition for it decides about it.`
        : `${en.count(rows)} have ${name} “${value}”: a line of the definition for it decides about all of them.`,
    fr: (name: string, value: string, rows: number) =>
      rows === 1
        ? `1 a ${name} « ${value} » : une ligne de la définition en déciderait.`
        : `${fr.count(rows)} ont ${name} « ${value} » : une ligne de la définition déciderait de toutes.`,
  },
  freeRuled: {
    en: (rules: string, rows: number) => `${en.count(rows)}: ${rules}`,
    fr: (rules: string, rows: number) => `${fr.count(rows)} : ${rules}`,
  },
  freeRefused: {
    en: (by: string, rows: number) => `The platform refuses ${en.count(rows)} of them: ${by}.`,
    fr: (by: string, rows: number) => `La plateforme en refuse ${fr.count(rows)} : ${by}.`,
  },
  freeNoted: {
    en: (noted: string, rows: number) =>
      rows === 1
        ? `Of 1 row it was noted: ${noted}. A rule of the definition that says what becomes of that decides about it.`
        : `Of ${en.count(rows)} rows it was noted: ${noted}. A rule of the definition that says what becomes of that decides about all of them.`,
    fr: (noted: string, rows: number) =>
      rows === 1
        ? `Relevé pour une ligne : ${noted}. Une règle de la définition qui dit ce qu’il en est en déciderait.`
        : `Relevé pour ${fr.count(rows)} lignes : ${noted}. Une règle de la définition qui dit ce qu’il en est déciderait de toutes.`,
  },
  mostReasons: {
    en: (most: number) => `Listed are the ${en.count(most)} reasons with the most rows.`,
    fr: (most: number) =>
      `Seules les ${fr.count(most)} raisons qui ont le plus de lignes sont listées.`,
  },
  heldInAll: {
    en: (rows: number, reasons: number) =>
      `${rows === 1 ? "1 row is" : `${en.count(rows)} rows are`} held, for ${reasons === 1 ? "1 reason" : `${en.count(reasons)} reasons`}.`,
    fr: (rows: number, reasons: number) =>
      `${fr.count(rows)} ${rows < 2 ? "ligne retenue" : "lignes retenues"}, pour ${fr.count(reasons)} ${reasons < 2 ? "raison" : "raisons"}.`,
  },
  allHeld: { en: "All held rows", fr: "Toutes les lignes retenues" },
  allAsCsv: { en: "Download all as CSV, masked", fr: "Tout télécharger en CSV, masqué" },
  asCsv: {
    en: (most: number) => `Download as CSV, masked (the first ${en.count(most)})`,
    fr: (most: number) => `Télécharger en CSV, masqué (les ${fr.count(most)} premières)`,
  },
  noSuchRow: {
    en: (run: string) =>
      `${run} has no such row. A row is its number, or its legacy table and id with a colon between, unless that has an @ in it.`,
    fr: (run: string) =>
      `Cette ligne n’existe pas dans ${run}. Une ligne se désigne par son numéro, ou par sa table d’origine et son identifiant, séparés par un deux-points, à moins qu’il ne contienne un @.`,
  },
  findOne: { en: "Find a row or a person", fr: "Trouver une ligne ou une personne" },
  allRows: { en: "All rows", fr: "Toutes les lignes" },
} as const;
