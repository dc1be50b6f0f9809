import type { Language } from "../../speech/language.ts";

/** What the states of the machines are called to people, short enough for a box of their picture; by the state's name. */
const names: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  Caller: { en: "who asks", fr: "qui demande" },
  Preflight: { en: "preflight", fr: "préalables" },
  WhereToBegin: { en: "where to begin", fr: "où commencer" },
  UnknownStage: { en: "unknown stage", fr: "étape inconnue" },
  PlanImport: { en: "plan the import", fr: "plan de lecture" },
  Planned: { en: "planned?", fr: "prévu ?" },
  ImportRanges: { en: "import", fr: "lecture" },
  FinishImport: { en: "end of the import", fr: "fin de lecture" },
  ImportOnly: { en: "import alone?", fr: "lecture seule ?" },
  Validate: { en: "validate", fr: "validation" },
  ValidateOnly: { en: "validate alone?", fr: "validation seule ?" },
  Classify: { en: "classify", fr: "classement" },
  ClassifyOnly: { en: "classify alone?", fr: "classement seul ?" },
  Match: { en: "match people", fr: "doublons" },
  MatchOnly: { en: "match alone?", fr: "doublons seuls ?" },
  DryRun: { en: "dry run", fr: "simulation" },
  DryRunOnly: { en: "dry run alone?", fr: "simulation seule ?" },
  ExportReview: { en: "export for review", fr: "export à relire" },
  ExportReviewOnly: { en: "export alone?", fr: "export seul ?" },
  BeginWaves: { en: "begin the waves", fr: "début des vagues" },
  NextWave: { en: "next wave", fr: "vague suivante" },
  WhatIsNext: { en: "what is next?", fr: "quelle suite ?" },
  HandOver: { en: "hand over", fr: "relais" },
  PlatformBusy: { en: "platform is busy", fr: "trop de charge" },
  SignOff: { en: "sign-off", fr: "accord" },
  Approved: { en: "approved?", fr: "accordé ?" },
  Rejected: { en: "rejected", fr: "refusé" },
  StampWave: { en: "stamp the wave", fr: "signer la vague" },
  Stamped: { en: "stamped?", fr: "signée ?" },
  RunWave: { en: "write a wave", fr: "écrire une vague" },
  Drill: { en: "rollback drill", fr: "exercice" },
  DrillOnly: { en: "drill alone?", fr: "exercice seul ?" },
  VerifyWaves: { en: "verify the waves", fr: "revoir les vagues" },
  FinalVerify: { en: "final check", fr: "contrôle final" },
  FinalVerifyOnly: { en: "check alone?", fr: "contrôle seul ?" },
  ExportAudit: { en: "export for audit", fr: "export d’audit" },
  Paused: { en: "paused", fr: "en pause" },
  AnswerIncomplete: { en: "answer incomplete", fr: "réponse partielle" },
  StopOrAsk: { en: "stop, or ask?", fr: "arrêt ou appel ?" },
  Halted: { en: "halted", fr: "interrompue" },
  Failed: { en: "failed", fr: "échec" },
  Done: { en: "done", fr: "fini" },
  // Of a wave.
  WhichWave: { en: "which wave?", fr: "quelle vague ?" },
  PlanWave: { en: "plan the wave", fr: "plan de vague" },
  PlannedWave: { en: "planned?", fr: "prévue ?" },
  PlannedBatch: { en: "a part of it", fr: "une partie" },
  PlannedWhole: { en: "as planned", fr: "comme prévu" },
  HowMany: { en: "how many?", fr: "combien ?" },
  WholeWave: { en: "the whole wave", fr: "toute la vague" },
  Commit: { en: "commit", fr: "écriture" },
  Verify: { en: "verify", fr: "vérification" },
  Gate: { en: "gate", fr: "barrière" },
  Clean: { en: "clean", fr: "sans faute" },
  // Of a rollback.
  Preview: { en: "only a look?", fr: "aperçu seul ?" },
  PreviewRollback: { en: "look at it", fr: "aperçu" },
  HowFar: { en: "how far?", fr: "jusqu’où ?" },
  WholeRun: { en: "the whole run", fr: "toutes les vagues" },
  NothingYet: { en: "nothing so far", fr: "encore rien" },
  Rollback: { en: "take back", fr: "annulation" },
  GoesOn: { en: "goes on?", fr: "à continuer ?" },
  RolledBack: { en: "all taken back?", fr: "tout annulé ?" },
  Conflicts: { en: "rows were spared", fr: "lignes épargnées" },
};

/** A state of a newer machine is called by the words of its name. */
const nameIn = (language: Language) => (state: string) =>
  Object.hasOwn(names, state)
    ? (names[state]?.[language] ?? state)
    : state.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/gu, " ").toLowerCase();

/** Why one state goes on to another, by what it answered. */
const ways: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  "that alone": { en: "that alone", fr: "cela seul" },
  "export-review": { en: "reviewed already", fr: "déjà relue" },
  wave: { en: "wave", fr: "vague" },
  wait: { en: "wait", fr: "attente" },
  drill: { en: "drill", fr: "exercice" },
  ask: { en: "ask", fr: "question" },
  pause: { en: "pause", fr: "pause" },
  stop: { en: "stop", fr: "arrêt" },
  done: { en: "done", fr: "fini" },
  "hand-over": { en: "hand over", fr: "relais" },
  rejected: { en: "rejected", fr: "refusé" },
  conflicts: { en: "spared", fr: "épargné" },
};

const wayIn = (language: Language) => (answer: string) =>
  Object.hasOwn(ways, answer) ? (ways[answer]?.[language] ?? answer) : answer;

/** What happens to a state, by what the type of an event ends with. */
const happenings: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  StateEntered: { en: "begun", fr: "commencée" },
  StateExited: { en: "done", fr: "terminée" },
  Scheduled: { en: "handed over", fr: "transmise" },
  Submitted: { en: "waits for an answer", fr: "attend une réponse" },
  Started: { en: "taken up", fr: "prise en charge" },
  Succeeded: { en: "answered", fr: "a répondu" },
  Failed: { en: "failed", fr: "en échec" },
  TimedOut: { en: "out of time", fr: "hors délai" },
  Aborted: { en: "ended by a person", fr: "arrêtée par quelqu’un" },
};

const happenedIn = (language: Language) => (type: string) =>
  Object.entries(happenings).find(([end]) => type.endsWith(end))?.[1][language] ?? type;

/** The steps of the workflow. */
export const stepTexts = {
  stepNamed: { en: nameIn("en"), fr: nameIn("fr") },
  stepGoesOn: { en: wayIn("en"), fr: wayIn("fr") },
  stepHappened: { en: happenedIn("en"), fr: happenedIn("fr") },
  /** When a step began, and how long it took, where it is over. */
  stepTook: {
    en: (begun: string, took: string | undefined, over: boolean) =>
      took !== undefined
        ? `Begun ${begun}, took ${took}.`
        : over
          ? `Begun ${begun}.`
          : `Begun ${begun}, and not over yet.`,
    fr: (begun: string, took: string | undefined, over: boolean) =>
      took !== undefined
        ? `Commencée le ${begun}, terminée en ${took}.`
        : over
          ? `Commencée le ${begun}.`
          : `Commencée le ${begun}, pas encore terminée.`,
  },
  stepFailed: { en: "It failed:", fr: "Elle a échoué :" },
} as const;
