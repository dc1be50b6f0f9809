/** What was exported, and how it is taken along. */
export const exportTexts = {
  exportOf: {
    en: {
      review: (run: string) => `Export of ${run} for review`,
      audit: (run: string) => `Audit bundle of ${run}`,
    },
    fr: {
      review: (run: string) => `Export de ${run} pour relecture`,
      audit: (run: string) => `Dossier d’audit de ${run}`,
    },
  },
  exportSays: {
    en: "Names, phones and addresses are masked in every file. Each download is noted in the run’s audit log with your name.",
    fr: "Noms, téléphones et adresses sont masqués dans chaque fichier. Chaque téléchargement est noté dans le journal d’audit avec votre nom.",
  },
  exportedAt: { en: "Exported", fr: "Exporté" },
  file: { en: "File and its SHA-256", fr: "Fichier et son SHA-256" },
  size: { en: "Size", fr: "Taille" },
  download: { en: "Download", fr: "Télécharger" },
  downloadOf: {
    en: (file: string) => `Download of ${file}`,
    fr: (file: string) => `Téléchargement de ${file}`,
  },
  downloadSays: {
    en: "It begins by itself; if it does not, this address is good for a minute:",
    fr: "Il commence de lui-même ; sinon, cette adresse reste valable une minute :",
  },
  openExport: { en: "Look at the export, and download it", fr: "Voir l’export et le télécharger" },
} as const;
