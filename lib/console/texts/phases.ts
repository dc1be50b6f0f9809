/** How far a run is, at a glance. */
export const phaseTexts = {
  /** What a run comes through; each is called the same before and behind it. */
  phases: {
    en: {
      check: "Check",
      read: "Read",
      judge: "Judge",
      show: "Show",
      sign: "Sign",
      write: "Write",
      prove: "Prove",
    },
    fr: {
      check: "Contrôler",
      read: "Lire",
      judge: "Juger",
      show: "Montrer",
      sign: "Signer",
      write: "Écrire",
      prove: "Prouver",
    },
  },
  phaseTakenBack: { en: "Taken back", fr: "Annulée" },
  phaseDone: { en: "Done: ", fr: "Fait : " },
  phasesOf: { en: "How far it is", fr: "Où elle en est" },
};
