import { formatsIn } from "../../speech/formats.ts";

const { en, fr } = formatsIn;

/** What a dry run found: counts, stop conditions, distributions, and whether a run may scale up. */
export const judgedTexts = {
  counts: { en: "The dry run in counts", fr: "La simulation en nombres" },
  noDryRun: { en: "There is no dry run yet.", fr: "Il n’y a pas encore de simulation." },
  distributions: { en: "How the rows are distributed", fr: "Répartition des lignes" },
  value: { en: "Value", fr: "Valeur" },
  share: { en: "Share", fr: "Part" },
  stops: { en: "Stop conditions", fr: "Conditions d’arrêt" },
  stopReason: {
    en: "It would be a reason to stop that",
    fr: "Ce serait une raison d’arrêter si",
  },
  measured: { en: "Measured", fr: "Mesuré" },
  atMost: { en: "At most", fr: "Au plus" },
  soManyRows: {
    en: (rows: number) => (rows === 1 ? "1 row" : `${en.count(rows)} rows`),
    fr: (rows: number) => `${fr.count(rows)} ${rows < 2 ? "ligne" : "lignes"}`,
  },
  holds: { en: "holds", fr: "remplie" },
  noneOf: { en: "None:", fr: "Aucune :" },
  holding: { en: "Holds", fr: "Remplie" },
  holdsNot: { en: "no", fr: "non" },
  goNoGo: { en: "Ready to scale up?", fr: "Prête à passer à l’échelle ?" },
  ready: { en: "Ready to scale up.", fr: "Prête à passer à l’échelle." },
  notReady: { en: "Not ready to scale up.", fr: "Pas prête à passer à l’échelle." },
  itemHolds: { en: "yes", fr: "oui" },
  itemFails: { en: "no", fr: "non" },
  itemOpen: { en: "cannot be told yet", fr: "on ne le sait pas encore" },
} as const;
