/** What people of the platform get only after a verified run. */
export const featureTexts = {
  features: { en: "Features", fr: "Fonctionnalités" },
  featuresOf: {
    en: (run: string) => `Features of ${run}`,
    fr: (run: string) => `Fonctionnalités de ${run}`,
  },
  featuresSay: {
    en: "What people of the platform get once this run passed its verification. A rollback turns each off before anything else.",
    fr: "Ce que les utilisateurs de la plateforme obtiennent une fois cette exécution vérifiée. Une annulation les désactive avant toute autre chose.",
  },
  noFeatures: {
    en: "The definition of this run names none.",
    fr: "La définition de cette exécution n’en nomme aucune.",
  },
  featureOff: { en: "off for everybody", fr: "désactivée pour tous" },
  featureOn: {
    en: (percentage: number, segments: string) =>
      segments === ""
        ? `on for ${percentage} % of all people`
        : `on for ${percentage} % of the people in ${segments}`,
    fr: (percentage: number, segments: string) =>
      segments === ""
        ? `activée pour ${percentage} % de tous`
        : `activée pour ${percentage} % des personnes de ${segments}`,
  },
  featurePercentage: {
    en: "For what percentage of people",
    fr: "Pour quel pourcentage de personnes",
  },
  featureSegments: {
    en: "Only in these segments, one a line; empty: for everybody",
    fr: "Seulement dans ces segments, un par ligne ; vide : pour tous",
  },
  featureNotVerified: {
    en: "It can be turned on once this run is at its end and passed its verification, and nothing of it was taken back.",
    fr: "Elle peut être activée quand cette exécution est terminée et vérifiée, et que rien n’en a été annulé.",
  },
  featureSave: { en: "Turn it on as said", fr: "Activer ainsi" },
  featureTurnOff: { en: "Turn it off", fr: "Désactiver" },
} as const;
