import { formatsIn } from "./formats.ts";

const { en, fr } = formatsIn;

/** What is said of rows that stand in the source and that an import did not read (R3). */
export const notRead = {
  en: (rows: number): string =>
    `${en.count(rows)} ${rows === 1 ? "row" : "rows"} of the source ${rows === 1 ? "was" : "were"} not read: ${rows === 1 ? "it came, or was" : "they came, or were"} given another key, while the import went on. The next run reads ${rows === 1 ? "it" : "them"}.`,
  fr: (rows: number): string =>
    rows === 1
      ? "Une ligne de la source n’a pas été lue : elle est arrivée, ou a changé de clé, pendant l’import. La prochaine exécution la lira."
      : `${fr.count(rows)} lignes de la source n’ont pas été lues : elles sont arrivées, ou ont changé de clé, pendant l’import. La prochaine exécution les lira.`,
};
