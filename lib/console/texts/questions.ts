import { formatsIn } from "../../speech/formats.ts";

const { en, fr } = formatsIn;

/** What is asked about rows, and holding single ones. */
export const questionTexts = {
  questions: { en: "Questions", fr: "Questions" },
  questionsAbout: {
    en: (run: string) => `Questions about rows of ${run}`,
    fr: (run: string) => `Questions sur les lignes de ${run}`,
  },
  openQuestions: {
    en: (open: number) =>
      open === 1
        ? "1 question about a row is open"
        : `${en.count(open)} questions about rows are open`,
    fr: (open: number) =>
      open === 1
        ? "1 question sur une ligne est ouverte"
        : `${fr.count(open)} questions sur des lignes sont ouvertes`,
  },
  questionsSay: {
    en: "As long as one is open nothing is approved. Whoever asked closes it, or an approver with a reason.",
    fr: "Tant qu’une question est ouverte, rien n’est approuvé. La personne qui l’a posée la clôt, ou un approbateur, avec une raison.",
  },
  noQuestions: { en: "Nobody asked anything.", fr: "Personne n’a rien demandé." },
  askedBy: {
    en: (person: string, when: string) => `${person} asked, ${when}`,
    fr: (person: string, when: string) => `${person} a demandé, ${when}`,
  },
  closedBy: {
    en: (person: string, when: string) => `closed by ${person}, ${when}`,
    fr: (person: string, when: string) => `close par ${person}, ${when}`,
  },
  questionOpen: { en: "open", fr: "ouverte" },
  aboutRow: { en: (row: number) => `Row ${row}`, fr: (row: number) => `Ligne ${row}` },
  ask: { en: "Ask about this row", fr: "Demander à propos de cette ligne" },
  yourQuestion: { en: "Your question", fr: "Votre question" },
  askSays: {
    en: "Nothing of this run is approved until it is closed. It is kept for ever: write “this row”, and nobody’s name, number or address. What was approved already stays so; hold the row if no wave may take it.",
    fr: "Rien de cette exécution ne sera approuvé avant qu’elle soit close. Elle est conservée pour toujours : écrivez « cette ligne », et ni nom, ni numéro, ni adresse. Ce qui est déjà approuvé le reste ; retenez la ligne si aucune vague ne doit la prendre.",
  },
  sendQuestion: { en: "Ask", fr: "Demander" },
  closeQuestion: { en: "Close this question", fr: "Clore cette question" },
  closeOwnSays: {
    en: "You asked it, so you may close it; an answer may stand beside it.",
    fr: "Vous l’avez posée, vous pouvez donc la clore ; une réponse peut l’accompagner.",
  },
  closeSays: {
    en: "Somebody else asked it. Closing it for them takes a reason, which is kept with your name.",
    fr: "Une autre personne l’a posée. La clore à sa place demande une raison, conservée avec votre nom.",
  },
  answer: { en: "Answer or reason", fr: "Réponse ou raison" },
  hold: { en: "Hold this row", fr: "Retenir cette ligne" },
  holdSays: {
    en: "No wave takes it until somebody lets it go, whatever is judged anew. What was signed off stays so.",
    fr: "Aucune vague ne la prendra avant que quelqu’un la libère, quoi qu’il soit jugé à nouveau. Ce qui a été accordé le reste.",
  },
  release: { en: "Let this row go", fr: "Libérer cette ligne" },
  releaseSays: {
    en: "The next wave may take it. Nobody signed for a wave with it, so sign-offs of waves that are not yet written are void, and somebody is asked anew.",
    fr: "La prochaine vague peut la prendre. Personne n’a donné son accord pour une vague avec elle : les accords des vagues pas encore écrites sont caducs, et quelqu’un est interrogé à nouveau.",
  },
  heldByPerson: {
    en: (person: string, when: string) => `${person} holds it since ${when}:`,
    fr: (person: string, when: string) => `${person} la retient depuis le ${when} :`,
  },
} as const;
