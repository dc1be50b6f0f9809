/** The page that starts a run. */
export const startTexts = {
  startSays: {
    en: "It reads the legacy system, judges every row and shows what it would do. Nothing of the platform is written before somebody else than you signs it off.",
    fr: "Elle lit l’ancien système, juge chaque ligne et montre ce qu’elle ferait. Rien n’est écrit sur la plateforme avant qu’une autre personne que vous ne donne son accord.",
  },
  reviewIsAbout: { en: "What the review is about", fr: "Ce sur quoi porte la revue" },
  asMigrationSays: {
    en: (mode: string) => `as the migration says: ${mode}`,
    fr: (mode: string) => `comme le dit la migration : ${mode}`,
  },
  whenAsked: { en: "When a person decides again", fr: "Quand une personne décide à nouveau" },
  gatesNamed: {
    en: {
      "every-wave": "before every wave",
      "on-anomaly": "before the first two, then where something is unusual",
    },
    fr: {
      "every-wave": "avant chaque vague",
      "on-anomaly": "avant les deux premières, puis si quelque chose est inhabituel",
    },
  },
  backupId: {
    en: "Id of the platform’s backup that was taken and checked",
    fr: "Numéro de la sauvegarde de la plateforme, faite et vérifiée",
  },
  backupSays: {
    en: "Kept in the audit log. An id, and nobody’s name or address.",
    fr: "Gardé dans le journal d’audit. Un numéro, et ni nom ni adresse.",
  },
  queuesDetached: {
    en: "The platform’s queues (messages, billing) are detached from what an import writes.",
    fr: "Les files de la plateforme (messages, facturation) sont détachées de ce qu’un import écrit.",
  },
  teamKnows: {
    en: (what: string) => `The team knows this: ${what}.`,
    fr: (what: string) => `L’équipe le sait : ${what}.`,
  },
  momentSays: {
    en: "A day such as 2025-01-31, a moment such as 2025-01-31T08:00Z, or “-90 days”. Empty: everything.",
    fr: "Un jour comme 2025-01-31, un moment comme 2025-01-31T08:00Z, ou « -90 days ». Vide : tout.",
  },
  filesSays: {
    en: "A folder, or s3://BUCKET/PREFIX. Empty: as the place is set up.",
    fr: "Un dossier, ou s3://BUCKET/PREFIX. Vide : comme l’installation le dit.",
  },
  namedSays: {
    en: "Its id or name on the platform. Empty: all.",
    fr: "Son id ou son nom sur la plateforme. Vide : tous.",
  },
  startIt: { en: "Start the run", fr: "Lancer l’exécution" },
  started: { en: "Started", fr: "Lancée" },
  startedSays: {
    en: "The run has begun. Those who may decide get a mail when it waits for them. You can close this page.",
    fr: "L’exécution a commencé. Ceux qui peuvent décider reçoivent un courriel dès qu’elle les attend. Vous pouvez fermer cette page.",
  },
  seeRun: { en: "Look at the run", fr: "Voir l’exécution" },
  starting: { en: "The run is starting", fr: "L’exécution démarre" },
  startingSays: {
    en: "It was asked for and is being looked at: its source, its permissions, what was acknowledged. This page opens by itself.",
    fr: "Elle est demandée et on vérifie sa source, ses droits et ce qui a été confirmé. Cette page s’ouvre d’elle-même.",
  },
} as const;
