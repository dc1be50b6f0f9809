import type { PinnedLook } from "../evidence/pinned.ts";
import { engineFrench } from "./texts/engine.ts";
import type { Language } from "./texts/language.ts";
import { words } from "./words.ts";

/** How sentences and names that pages do not bring themselves are shown: a definition's, and the engine's. */
export interface Speech {
  /** A sentence, as it is stored. */
  readonly said: (sentence: string) => string;
  /** A name in words: `needs_review`. */
  readonly named: (name: string) => string;
  /** The same as a heading. */
  readonly label: (name: string) => string;
}

const engines: Partial<Record<Language, Readonly<Record<string, string>>>> = { fr: engineFrench };

/** Speaks as a definition said in this language, then as the engine does; else what is there is shown. */
export function speech(
  language: Language,
  look: Pick<PinnedLook, "translations"> | undefined,
): Speech {
  const own = look?.translations?.[language] ?? {};
  const engine = engines[language] ?? {};
  const found = (text: string): string | undefined =>
    [own, engine].find((each) => Object.hasOwn(each, text))?.[text];
  const named = (name: string) => found(name) ?? words(name);
  return {
    said: (sentence) => found(sentence) ?? sentence,
    named,
    label: (name) => named(name).replace(/^./u, (first) => first.toUpperCase()),
  };
}

/** The same visit, to a run: what is shown of it is said as the run is pinned to. */
export const ofRun = <V extends { readonly language: Language }>(
  visit: V,
  look: Pick<PinnedLook, "translations">,
): V & Speech => ({ ...visit, ...speech(visit.language, look) });
