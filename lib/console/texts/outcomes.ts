/** Headings of refusals, and what is said while a database wakes. */
export const outcomes = {
  AlreadyDecided: { en: "Already decided", fr: "Déjà décidé" },
  ApproverIsStarter: {
    en: "Somebody else decides",
    fr: "C’est à quelqu’un d’autre de décider",
  },
  DigestChanged: { en: "Something changed", fr: "Quelque chose a changé" },
  FormNotTrusted: {
    en: "This form is not trusted",
    fr: "Ce formulaire n’est pas digne de confiance",
  },
  LinkExpired: { en: "This link no longer works", fr: "Ce lien n’est plus valable" },
  LinkUnknown: { en: "This link is unknown", fr: "Ce lien est inconnu" },
  MethodNotAllowed: { en: "That does not work here", fr: "Cela ne fonctionne pas ici" },
  NotSignedIn: { en: "Please sign in", fr: "Veuillez vous connecter" },
  PageUnknown: { en: "There is no such page", fr: "Cette page n’existe pas" },
  RunUnderWay: {
    en: "Something of it is under way already",
    fr: "Quelque chose est déjà en cours",
  },
  PermissionDenied: { en: "You may not do this", fr: "Vous n’y êtes pas autorisé" },
  PersonalDataInRemark: {
    en: "Please leave people out of it",
    fr: "Veuillez n’y nommer personne",
  },
  QuestionClosed: { en: "This question is closed", fr: "Cette question est close" },
  QuestionMissing: { en: "What do you ask?", fr: "Que demandez-vous ?" },
  QuestionOpen: { en: "A question is open", fr: "Une question est ouverte" },
  SampleNotJudged: {
    en: "The sample is not judged yet",
    fr: "L’échantillon n’est pas encore jugé",
  },
  SignInOver: { en: "Please sign in again", fr: "Veuillez vous reconnecter" },
  StarterUnknown: {
    en: "Please try again in a few minutes",
    fr: "Veuillez réessayer dans quelques minutes",
  },
  StopConditionHolds: { en: "A stop condition holds", fr: "Une condition d’arrêt est remplie" },
  Unexpected: { en: "Something went wrong", fr: "Une erreur est survenue" },
  VerdictStands: {
    en: "Somebody judged this row wrong",
    fr: "Quelqu’un a jugé cette ligne fausse",
  },
  UnknownRun: { en: "There is no such run", fr: "Cette exécution n’existe pas" },
  UnknownRow: { en: "There is no such row", fr: "Cette ligne n’existe pas" },
  refused: { en: "That did not work", fr: "Cela n’a pas abouti" },
  unexpectedSays: {
    en: "Something went wrong on our side, and it is not known whether your answer was kept. Open the link again to see.",
    fr: "Une erreur est survenue de notre côté, et l’on ne sait pas si votre réponse a été conservée. Rouvrez le lien pour le voir.",
  },
  // What stood in the way of something that was sent.
  noRoom: {
    en: "The disk of the database, or of the evidence, takes no more: whoever runs this makes room there.",
    fr: "Le disque de la base de données, ou celui des preuves, est plein : la personne qui administre cette installation doit y faire de la place.",
  },
  away: {
    en: "The database does not answer, or the connection to it was lost.",
    fr: "La base de données ne répond pas, ou la connexion avec elle a été perdue.",
  },
  contended: {
    en: "Somebody else wrote the same rows at the same moment.",
    fr: "Quelqu’un d’autre a écrit les mêmes lignes au même moment.",
  },
  fateUnknown: {
    en: "It is not known whether your answer was kept: open this page again to see, and send it again if it was not.",
    fr: "On ne sait pas si votre réponse a été conservée : rouvrez cette page pour le voir, et renvoyez-la si ce n’est pas le cas.",
  },
  notShown: {
    en: "Nothing was changed by you; open this page again in a moment.",
    fr: "Vous n’avez rien modifié ; rouvrez cette page dans un instant.",
  },
  oneMoment: { en: "One moment", fr: "Un instant" },
  wakingReads: {
    en: "The database was asleep and is waking up, which takes about half a minute. Nothing was changed; this page opens by itself.",
    fr: "La base de données était en veille et se réveille, ce qui prend environ une demi-minute. Rien n’a été modifié ; cette page s’ouvrira d’elle-même.",
  },
  wakingSent: {
    en: "The database was asleep and is waking up. Nothing of what you sent was kept; go back in half a minute, and send it again.",
    fr: "La base de données était en veille et se réveille. Rien de ce que vous avez envoyé n’a été conservé ; revenez dans une demi-minute et renvoyez-le.",
  },
} as const;
