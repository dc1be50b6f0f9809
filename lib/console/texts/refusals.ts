import { formatsIn } from "../../speech/formats.ts";
import { refusalsInFrench } from "../../speech/refusals.ts";

const { fr } = formatsIn;

type Obstacles = Readonly<Record<string, ((unjudged: number) => string) | undefined>>;
type Sentences = Readonly<Record<string, string | undefined>>;

/**
 * What is said of a refusal in another language than the engine's own: what was wrong, whether anything was changed,
 * and what to do. In English the engine says it, of the case in hand.
 */
export const refusalTexts = {
  refusalSays: {
    en: {} as Sentences,
    fr: refusalsInFrench,
  },
  obstacleSays: {
    en: {} as Obstacles,
    fr: {
      QuestionOpen: () =>
        "Une question sur une ligne est ouverte : celui qui l’a posée la clôt, ou un approbateur avec une raison.",
      SampleNotJudged: (unjudged) =>
        unjudged === 0
          ? "Vous n’avez jugé aucune ligne d’un échantillon : qui approuve en a jugé au moins une de chacun."
          : unjudged === 1
            ? "1 ligne de l’échantillon n’a pas encore de verdict."
            : `${fr.count(unjudged)} lignes de l’échantillon n’ont pas encore de verdict.`,
      StopConditionHolds: () =>
        "Une condition d’arrêt est remplie : refusez, ou qu’une personne passe outre avec une raison et qu’une autre approuve.",
    } as Obstacles,
  },
} as const;
