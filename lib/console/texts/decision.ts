import { formatsIn } from "../../speech/formats.ts";

const { en, fr } = formatsIn;

/** Deciding about a sign-off, and what is said after it. */
export const decisionTexts = {
  remarked: {
    en: (person: string, comment: string) => `${person}: “${comment}”`,
    fr: (person: string, comment: string) => `${person} : « ${comment} »`,
  },
  overriddenBy: {
    en: (at: string) => `took this upon them on ${at}:`,
    fr: (at: string) => `en a pris la responsabilité le ${at} :`,
  },
  override: { en: "Override, with a reason", fr: "Passer outre, avec une raison" },
  overrideSays: {
    en: "Somebody else than you has to approve afterwards.",
    fr: "Une autre personne que vous devra ensuite donner son accord.",
  },
  recordOverride: { en: "Record the override", fr: "Enregistrer" },
  yourDecision: { en: "Your decision", fr: "Votre décision" },
  beforeApproval: {
    en: "Before this can be approved:",
    fr: "Avant de pouvoir donner votre accord :",
  },
  /** What changed since something was signed, as the engine says it. */
  whatChanged: {
    en: (what: string) => what,
    fr: (what: string) =>
      what
        .replace("the migration's rules", "les règles de la migration")
        .replace(
          "what the run is pinned to (source, focus or wave plan)",
          "ce à quoi l’exécution est liée (source, priorité ou vagues)",
        )
        .replace(
          "the staged rows or decisions about them",
          "les lignes lues ou ce qui en est décidé",
        )
        .replace(", or what their targets are called,", " ou le nom de ce qu’elles désignent")
        .replace(/the (?:.* )?mappings/u, "les correspondances")
        .replace("the review export is gone", "l’export de relecture a disparu")
        .replace("the review export was made again", "l’export de relecture a été refait")
        .replaceAll(/, and | and /gu, " et ")
        .replace(/ changed$/u, " ont changé"),
  },
  changedSinceAsked: {
    en: (what: string) =>
      `Since this was asked, ${what}: the dry run and the review export are made again, and you are asked anew.`,
    fr: (what: string) =>
      `Depuis la demande : ${what}. La simulation et l’export sont refaits, et votre décision vous est redemandée.`,
  },
  changedNote: {
    en: (what: string) => `Since this was asked, ${what}. It can no longer be approved as it is.`,
    fr: (what: string) => `Depuis la demande : ${what}. L’accord n’est plus possible en l’état.`,
  },
  approvalLets: {
    en: "By approving you let the run write the rows above. Rejecting, or asking for changes, lets it write nothing; once what you name is changed, you are asked anew.",
    fr: "En donnant votre accord, vous laissez l’exécution écrire les lignes ci-dessus. En refusant, ou en demandant des changements, rien n’est écrit ; une fois le changement fait, votre décision vous est redemandée.",
  },
  waveOf: {
    en: (wave: number, rows: number) =>
      `${en.count(wave)}: ${rows === 1 ? "1 row" : `${en.count(rows)} rows`}`,
    fr: (wave: number, rows: number) =>
      `${fr.count(wave)} : ${rows < 2 ? `${fr.count(rows)} ligne` : `${fr.count(rows)} lignes`}`,
  },
  stopsHold: {
    en: (holding: number) =>
      holding === 0
        ? "none holds"
        : `${en.count(holding)} of them ${holding === 1 ? "holds" : "hold"}`,
    fr: (holding: number) =>
      holding === 0
        ? "aucune n’est remplie"
        : `${fr.count(holding)} remplie${holding === 1 ? "" : "s"}`,
  },
  comment: { en: "Comment", fr: "Commentaire" },
  commentHelp: {
    en: "Kept in the audit log with your name. A rejection needs one that says what is wrong, and asking for changes one that says what to change. Leave out names and addresses of the people in the data.",
    fr: "Conservé dans le journal d’audit avec votre nom. Un refus doit dire ce qui ne va pas, une demande de changements ce qu’il faut changer. N’y mettez ni noms ni adresses des personnes concernées.",
  },
  approve: {
    en: (what: string) => `Approve ${what}`,
    fr: (what: string) => `Donner mon accord pour ${what}`,
  },
  askForChanges: { en: "Ask for changes", fr: "Demander des changements" },
  reject: { en: "Reject", fr: "Refuser" },
  statusNotOpen: {
    en: {
      voided: "This request was withdrawn and can no longer be decided.",
      expired: "This request has expired and can no longer be decided.",
    } as Readonly<Record<string, string>>,
    fr: {
      voided: "Cette demande a été retirée : il n’y a plus rien à décider.",
      expired: "Cette demande a expiré : il n’y a plus rien à décider.",
    } as Readonly<Record<string, string>>,
  },
  decidedNote: {
    en: (answer: string, at: string) =>
      answer === "changes" ? `asked for changes on ${at}.` : `${answer} this on ${at}.`,
    fr: (answer: string, at: string) =>
      `${{ approved: "a donné son accord", changes: "a demandé des changements" }[answer] ?? "a refusé"} le ${at}.`,
  },
  approvedTitle: { en: "Approved", fr: "Accordé" },
  rejectedTitle: { en: "Rejected", fr: "Refusé" },
  changesTitle: { en: "Changes asked for", fr: "Changements demandés" },
  youDecided: {
    en: (decision: string, what: string) =>
      ({
        approved: `You approved ${what} of`,
        rejected: `You rejected ${what} of`,
        changes: `You asked for changes before ${what} of`,
      })[decision] ?? decision,
    fr: (decision: string, what: string) =>
      ({
        approved: `Vous avez donné votre accord pour ${what} de`,
        rejected: `Vous avez refusé ${what} de`,
        changes: `Vous avez demandé des changements avant ${what} de`,
      })[decision] ?? decision,
  },
  toldApproved: {
    en: {
      told: "The run has been told and goes on by itself.",
      closed:
        "The run was no longer waiting. The decision is kept and counts when the run is started again.",
      nobody_waits: "The decision is kept and counts as soon as the run comes to this point.",
      later:
        "The run could not be reached just now. The decision is kept; whoever opens the run’s page tells it.",
    },
    fr: {
      told: "L’exécution a été prévenue et continue d’elle-même.",
      closed:
        "L’exécution n’attendait plus. La décision est conservée et comptera quand elle sera relancée.",
      nobody_waits: "La décision est conservée et comptera dès que l’exécution en sera là.",
      later:
        "L’exécution n’a pas pu être jointe. La décision est conservée ; qui ouvre sa page la prévient.",
    },
  },
  // Whatever was told: what somebody told it since, it does.
  toldOtherwise: {
    en: {
      pause: "The run is paused: the decision is kept, and counts once somebody lets it go on.",
      stop: "The run was told to stop: the decision is kept, and counts once somebody lets it go on.",
    },
    fr: {
      pause:
        "L’exécution est en pause : la décision est conservée, et comptera quand quelqu’un la reprendra.",
      stop: "L’exécution est arrêtée : la décision est conservée, et comptera quand quelqu’un la reprendra.",
    },
  },
  toldRejected: {
    en: {
      told: "The run has been told, and writes nothing.",
      closed: "The run was no longer waiting. The decision is kept, and nothing is written.",
      nobody_waits: "The decision is kept, and nothing is written.",
      later:
        "The run could not be reached just now. The decision is kept; whoever opens the run’s page tells it.",
    },
    fr: {
      told: "L’exécution a été prévenue et n’écrit rien.",
      closed: "L’exécution n’attendait plus. La décision est conservée, et rien n’est écrit.",
      nobody_waits: "La décision est conservée, et rien n’est écrit.",
      later:
        "L’exécution n’a pas pu être jointe. La décision est conservée ; qui ouvre sa page la prévient.",
    },
  },
  receipt: { en: "Receipt", fr: "Reçu" },
  receiptSays: {
    en: "Print this page, or open it again from the run; the link of the mail is used up.",
    fr: "Imprimez cette page, ou rouvrez-la depuis l’exécution ; le lien du courriel ne sert plus.",
  },
  decision: { en: "Decision", fr: "Décision" },
  signedDigest: { en: "Signed digest", fr: "Empreinte signée" },
  signOffId: { en: "Number of the sign-off", fr: "Numéro de l’accord" },
  openAgain: { en: "The sign-off as it was decided", fr: "L’accord tel qu’il a été décidé" },
} as const;
