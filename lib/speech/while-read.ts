import { formatsIn } from "./formats.ts";

const { en, fr } = formatsIn;

/** What is said of a source that was not the same all the while it was read (R3), by what a run counts. */
export const sayWhileRead = {
  en: {
    not_read: (rows: number): string =>
      `${en.count(rows)} ${rows === 1 ? "row" : "rows"} of the source ${rows === 1 ? "was" : "were"} not read: ${rows === 1 ? "it came, or was" : "they came, or were"} given another key, while the import went on. The next run reads ${rows === 1 ? "it" : "them"}.`,
    taken_away: (rows: number): string =>
      `${en.count(rows)} ${rows === 1 ? "row that was" : "rows that were"} counted when the run began ${rows === 1 ? "was" : "were"} gone from the source when ${rows === 1 ? "its" : "their"} turn came to be read.`,
    read_twice: (rows: number): string =>
      `${en.count(rows)} ${rows === 1 ? "row more was" : "rows more were"} read than the source had or has: ${rows === 1 ? "it was" : "they were"} given another key while the import went on, and ${rows === 1 ? "stands" : "stand"} in this run under both, or ${rows === 1 ? "was" : "were"} taken away since.`,
    rewritten: (rows: number): string =>
      `Of the rows that were looked at again when the import ended ${en.count(rows)} ${rows === 1 ? "holds" : "hold"} something else than when it began: somebody writes the source, and what stands in this run is of before or of after. A new run, of a source that nobody writes meanwhile, is of one moment.`,
  },
  fr: {
    not_read: (rows: number): string =>
      rows === 1
        ? "Une ligne de la source n’a pas été lue : elle est arrivée, ou a changé de clé, pendant l’import. La prochaine exécution la lira."
        : `${fr.count(rows)} lignes de la source n’ont pas été lues : elles sont arrivées, ou ont changé de clé, pendant l’import. La prochaine exécution les lira.`,
    taken_away: (rows: number): string =>
      rows === 1
        ? "Une ligne comptée au début de l’exécution avait disparu de la source quand son tour d’être lue est venu."
        : `${fr.count(rows)} lignes comptées au début de l’exécution avaient disparu de la source quand leur tour d’être lues est venu.`,
    read_twice: (rows: number): string =>
      rows === 1
        ? "Une ligne de plus a été lue que la source n’en avait ou n’en a : elle a changé de clé pendant l’import et figure dans cette exécution sous les deux, ou a été retirée depuis."
        : `${fr.count(rows)} lignes de plus ont été lues que la source n’en avait ou n’en a : elles ont changé de clé pendant l’import et figurent dans cette exécution sous les deux, ou ont été retirées depuis.`,
    rewritten: (rows: number): string =>
      rows === 1
        ? "Parmi les lignes relues à la fin de l’import, une ne contient plus la même chose qu’au début : quelqu’un écrit dans la source, et cette exécution contient l’état d’avant ou celui d’après. Une nouvelle exécution, pendant que personne n’y écrit, sera d’un seul instant."
        : `Parmi les lignes relues à la fin de l’import, ${fr.count(rows)} ne contiennent plus la même chose qu’au début : quelqu’un écrit dans la source, et cette exécution contient l’état d’avant ou celui d’après. Une nouvelle exécution, pendant que personne n’y écrit, sera d’un seul instant.`,
  },
};

/** What of it is counted. */
export const toldWhileRead = ["not_read", "taken_away", "read_twice", "rewritten"] as const;
