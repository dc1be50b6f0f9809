/** What is kept of a run for auditors. */
export const auditTexts = {
  audit: { en: "Audit", fr: "Audit" },
  auditOf: { en: (run: string) => `Audit of ${run}`, fr: (run: string) => `Audit de ${run}` },
  auditSays: {
    en: "Who did what when, each entry chained to the one before by its hash. An audit bundle is checked offline with wavegate audit verify, by the digest that approvers got by mail.",
    fr: "Qui a fait quoi et quand, chaque entrée étant liée à la précédente par son empreinte. Un dossier d’audit se vérifie hors ligne avec wavegate audit verify, par l’empreinte envoyée par courriel.",
  },
  auditLog: { en: "Log", fr: "Journal" },
  who: { en: "Who", fr: "Qui" },
  what: { en: "What", fr: "Quoi" },
  details: { en: "Details", fr: "Détails" },
  digest: { en: "Digest", fr: "Empreinte" },
  latestEntries: { en: "Latest entries", fr: "Dernières entrées" },
  laterEntries: { en: "Later entries", fr: "Entrées plus récentes" },
  earlierEntries: { en: "Earlier entries", fr: "Entrées plus anciennes" },
  exportsMade: { en: "Exports", fr: "Exports" },
  noExports: { en: "Nothing was exported yet.", fr: "Rien n’a encore été exporté." },
  certificate: {
    en: "Certificate of the rollback drill",
    fr: "Certificat de l’exercice d’annulation",
  },
  drillPassed: { en: "It passed.", fr: "Il a réussi." },
  drillFailed: { en: "It failed.", fr: "Il a échoué." },
  drillOver: {
    en: "The run was taken back since, so it counts no longer.",
    fr: "L’exécution a été annulée depuis, il ne compte donc plus.",
  },
  noDrill: { en: "It was not done yet.", fr: "Il n’a pas encore eu lieu." },
} as const;
