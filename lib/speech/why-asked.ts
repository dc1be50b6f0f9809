import { formatsIn } from "./formats.ts";
import type { Said } from "./language.ts";

/** Why people are asked at a gate. */
export type WhyAsked =
  /** Nothing is written yet, or stands. */
  | { readonly kind: "first" }
  /** The first wave and its drill are behind. */
  | { readonly kind: "scale_up" }
  /** The wave before left something undone; so many of its rows the platform refused. */
  | { readonly kind: "not_clean"; readonly wave: number; readonly refused: number }
  /** No wave was large and clean yet. */
  | { readonly kind: "every_wave"; readonly trusted: number }
  /** It was asked before, and what came of that. */
  | {
      readonly kind: "anew";
      readonly came: "approved" | "rejected" | "changes" | "expired";
      /** Who decided; null where nobody did. */
      readonly by: string | null;
      /** Why an approval no longer counts, in the reader's language; empty where nothing tells. */
      readonly because: string;
    };

const { en, fr } = formatsIn;

/** The same as a sentence. */
export const sayWhyAsked: Said<(why: WhyAsked) => string> = {
  en: (why) => {
    switch (why.kind) {
      case "first":
        return "It is asked because nothing is written before a person has seen what would be.";
      case "scale_up":
        return "It is asked because a person looks at the first wave and its drill before waves grow.";
      case "not_clean":
        return `It is asked because wave ${en.count(why.wave)} was not clean${why.refused === 0 ? "" : `: the platform refused ${en.count(why.refused)} of its rows, which ${why.refused === 1 ? "is" : "are"} held`}.`;
      case "every_wave":
        return `It is asked because a person looks before every wave until one of ${en.count(why.trusted)} rows was clean.`;
      case "anew":
        return why.came === "approved"
          ? `It is asked anew: the approval by ${why.by} no longer counts${why.because === "" ? "" : `, because ${why.because}`}.`
          : why.came === "expired"
            ? "It is asked anew, as nobody answered in time."
            : `It is asked anew, as ${why.by} ${why.came === "changes" ? "asked for changes" : "rejected it"}.`;
    }
  },
  fr: (why) => {
    switch (why.kind) {
      case "first":
        return "La question est posée car rien n’est écrit avant qu’une personne ait vu ce qui le serait.";
      case "scale_up":
        return "La question est posée car une personne regarde la première vague et son exercice d’annulation avant que les vagues grandissent.";
      case "not_clean":
        return `La question est posée car la vague ${fr.count(why.wave)} n’a pas été sans faute${why.refused === 0 ? "" : ` : la plateforme a refusé ${fr.count(why.refused)} de ses lignes, qui ${why.refused < 2 ? "est retenue" : "sont retenues"}`}.`;
      case "every_wave":
        return `La question est posée car une personne regarde avant chaque vague, jusqu’à ce qu’une de ${fr.count(why.trusted)} lignes ait été sans faute.`;
      case "anew":
        return why.came === "approved"
          ? `La question est posée de nouveau : l’accord de ${why.by} ne compte plus${why.because === "" ? "" : ` (${why.because})`}.`
          : why.came === "expired"
            ? "La question est posée de nouveau, personne n’ayant répondu à temps."
            : `La question est posée de nouveau, ${why.by} ayant ${why.came === "changes" ? "demandé des changements" : "refusé"}.`;
    }
  },
};
