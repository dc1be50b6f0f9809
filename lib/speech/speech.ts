import { words } from "../services/words.ts";
import { engineEnglish } from "./english.ts";
import { findingsInFrench, madeInFrench } from "./findings.ts";
import { engineFrench } from "./french.ts";
import type { Language } from "./language.ts";
import { ruleInFrench } from "./rules.ts";

/** How sentences and names that nobody here wrote are said: a definition's, and the engine's. */
export interface Speech {
  /** A sentence, as it is stored. */
  readonly said: (sentence: string) => string;
  /** A name in words: `needs_review`. */
  readonly named: (name: string) => string;
  /** The same as a heading. */
  readonly label: (name: string) => string;
  /** A rule as it is stored: a finding with what it says, or a condition in words (`no phone and status is “x”`). */
  readonly ruled: (rule: string) => Ruled;
}

/** A rule in words, and the name by which exports and terminals call what it finds; a condition has none. */
export interface Ruled {
  readonly says: string;
  readonly finding?: string;
}

/** What a definition says in other languages than its own, by language. */
export type Translations = Readonly<Record<string, Readonly<Record<string, string>>>>;

const engines: Partial<Record<Language, Readonly<Record<string, string>>>> = {
  en: engineEnglish,
  fr: { ...findingsInFrench, ...engineFrench },
};

/** Speaks as a definition said in this language, then as the engine does; else what is there is shown. */
export function speech(
  language: Language,
  about: { readonly translations?: Translations | undefined } | undefined,
): Speech {
  const own = about?.translations?.[language] ?? {};
  const engine = engines[language] ?? {};
  const found = (text: string): string | undefined =>
    [own, engine].find((each) => Object.hasOwn(each, text))?.[text];
  const named = (name: string) => found(name) ?? words(name);
  const said = (sentence: string) =>
    found(sentence) ?? (language === "fr" ? madeInFrench(sentence, named) : undefined) ?? sentence;
  return {
    said,
    named,
    label: (name) => named(name).replace(/^./u, (first) => first.toUpperCase()),
    ruled: (rule) => {
      const [, finding, says = ""] = /^(\w+): (.+)$/su.exec(rule) ?? [];
      if (finding !== undefined) return { says: said(says), finding };
      if (language !== "fr") return { says: found(rule) ?? rule };
      return { says: found(rule) ?? madeInFrench(rule, named) ?? ruleInFrench(rule) };
    },
  };
}
