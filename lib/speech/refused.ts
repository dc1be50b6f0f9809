import { WITHHELD } from "../services/words.ts";
import { identifiersIn } from "./identifiers.ts";
import type { Language } from "./language.ts";
import { casesInFrench, refusalsInFrench } from "./refusals.ts";

/** Why something was refused, or why a run halted: the name of the error, and what the engine says of the case. */
export interface Because {
  readonly error: string;
  readonly message: string;
  /** Whose act it is about, by name. */
  readonly who?: string | undefined;
}

/** The same for a reader of one language. */
export interface Refused {
  readonly says: string;
  /** What it names: commands, permissions, moments, tables; where the sentence does not name it itself. */
  readonly names: readonly string[];
}

/** Of an error whose own sentence may be about a person. */
const withheldInFrench =
  "Ce qui a été dit n’est ni montré ni gardé, car cela peut concerner une personne : il y avait une adresse ou un numéro de téléphone. Regardez l’étape d’où cela vient.";

/** How a sentence begins that is about somebody's act. */
const somebody = /^Quelqu’un(?: d’autre)?(?= )/u;

const inFrench = (error: string, message: string): string =>
  ofCase(error, message) ??
  refusalsInFrench[error] ??
  `Une étape a échoué (${error}). Une vague est écrite tout entière ou pas du tout ; regardez ce qui est nommé ici, puis laissez continuer, arrêtez ou annulez.`;

function ofCase(error: string, message: string): string | undefined {
  for (const { of, says } of casesInFrench[error] ?? []) {
    const found = of.exec(message);
    if (found !== null) return says.replaceAll(/\$(\d)/gu, (_, at) => found[Number(at)] ?? "");
  }
  return undefined;
}

/** In English as the engine says it; in French by its name, with what the engine's sentence names. */
export function refusedIn(language: Language, { error, message, who }: Because): Refused {
  if (language === "en") return { says: message, names: [] };
  if (message.endsWith(WITHHELD)) return { says: `${error}. ${withheldInFrench}`, names: [] };
  const says = inFrench(error, message);
  return {
    says: who === undefined ? says : says.replace(somebody, () => who),
    names: identifiersIn(message).filter((each) => !says.includes(each)),
  };
}
