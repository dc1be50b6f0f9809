/** What stands around every page. */
export const common = {
  keysAct: {
    en: "Keys of one letter or digit press the buttons of this page",
    fr: "Des touches d’une lettre ou d’un chiffre actionnent les boutons de cette page",
  },
  skip: { en: "Skip to the content", fr: "Aller au contenu" },
  signedInAs: {
    en: (person: string) => `Signed in as ${person}`,
    fr: (person: string) => `Connecté en tant que ${person}`,
  },
  signOut: { en: "Sign out", fr: "Se déconnecter" },
  navigation: { en: "Console", fr: "Console" },
  runs: { en: "Runs", fr: "Exécutions" },
  startRun: { en: "Start a run", fr: "Lancer une exécution" },
  language: { en: "Language", fr: "Langue" },
  reference: {
    en: (id: string) => `Reference for the log: ${id}`,
    fr: (id: string) => `Référence pour le journal : ${id}`,
  },
  /** What stands between a name and what it is. */
  colon: { en: ":", fr: "\u00a0:" },
  /** What stands between sentences of a list. */
  semicolon: { en: "; ", fr: "\u00a0; " },
  quotes: { en: ["“", "”"], fr: ["« ", " »"] },
  itNames: { en: "It names", fr: "Il s’agit de" },
  inItsWords: {
    en: "In the engine’s own words",
    fr: "Le détail, tel que le système le dit en anglais",
  },
  keptHere: {
    en: "What you sent is kept on this page, and was not done yet:",
    fr: "Ce que vous avez envoyé est conservé sur cette page, et n’a pas encore été fait :",
  },
  signInAgain: {
    en: "Sign in again, in another tab",
    fr: "Reconnectez-vous, dans un autre onglet",
  },
  sendAgain: { en: "Then send it again", fr: "Puis renvoyez-le" },
  errorIn: {
    en: (title: string) => `Error: ${title}`,
    fr: (title: string) => `Erreur : ${title}`,
  },
  errorHere: { en: "Error:", fr: "Erreur :" },
  notDoneYet: { en: "Not done yet.", fr: "Rien n’a été fait pour l’instant." },
  seeWrongField: {
    en: "One field says what is wrong; the rest stands as you sent it.",
    fr: "Un champ indique ce qui ne va pas ; le reste est tel que vous l’avez envoyé.",
  },
  youWrote: {
    en: "What you wrote, to be used again:",
    fr: "Ce que vous avez écrit, pour le réutiliser :",
  },
  pages: { en: "Pages of the list", fr: "Pages de la liste" },
  seeSignOff: { en: "See what came of it", fr: "Voir ce qu’il en est advenu" },
  backToPage: { en: "Back to the page", fr: "Retour à la page" },
} as const;
