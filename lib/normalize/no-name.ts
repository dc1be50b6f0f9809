import { asItLooks } from "./look-alikes.ts";
import { foldName } from "./name.ts";
import { remembered } from "./remembered.ts";
import { halfOf, isHalfTyped, isRun, isTyped } from "./typed.ts";

/** What says nothing beside a placeholder: a number, a letter, what people are called, and the endings in `inconnu(e)(s)`. */
const BESIDE =
  /^(?:\d+|[a-z]|es|mr|mrs|ms|mme|mlle|mlles|mme|dr|pr|me|monsieur|madame|mademoiselle|melle|m lle|sir|السيد|السيدة|الآنسة|de|du|la|le|les|the)$/u;
const NUMBER = /^\d+|\d+$/g;
/** One letter again, or a pair of one: `aa bb`, `x y`. */
const SAME_LETTER = /^([a-z\u0400-\u052F\u0620-\u064A])\1*$/;
const CYRILLIC_OR_GREEK = /[\u0370-\u052F]/;

/**
 * Makes the test whether a folded name is none: it consists of the given words and phrases, of numbers,
 * single letters and titles beside them (`TEST1`, `M. Inconnu`, `inconnu(e)`), and, where `typed`, of letters that
 * only were typed (`azerty`, `xxxx`, `x y`). Words are looked for as they look (`Тest`), twice (`TestTest`), and
 * spaced out (`T e s t`); `*` in a phrase is any word (`non *`). One other word makes it a name: `Test Amina`, `Nan Li`.
 */
export function nobodysName(placeholders: readonly string[], typed: boolean) {
  // Of signs alone nothing is left, and a name of nothing else is missing: the empty word is in every name.
  const none = placeholders.map((each) =>
    each
      .split(" ")
      .flatMap((word) => (word === "*" ? "*" : foldName(word).split(" ")))
      .filter((word) => word !== ""),
  );
  const words = new Set(none.flatMap((each) => (each.length === 1 ? each : [])));
  const phrases = none.filter((each) => each.length > 1);
  const begins = new Set([...words, ...phrases.map(([first]) => first as string)]);
  /** Also written twice without a space; what is shorter so, `nana`, are names. */
  const isWord = (word: string): boolean => words.has(word) || words.has(halfOf(word) ?? "");
  const isNone = (word: string) => isWord(word) || (typed && isTyped(word));

  /** Whether the first word lets hope: most names' does not. */
  const mayBegin = remembered((word: string): boolean => {
    const bare = word.replace(NUMBER, "");
    return (
      begins.has(bare) ||
      BESIDE.test(word) ||
      isNone(bare) ||
      (typed && (SAME_LETTER.test(bare) || isHalfTyped(bare)))
    );
  });

  const consists = (given: readonly string[]): boolean => {
    let found = false;
    for (let at = 0; at < given.length; ) {
      const word = (given[at] as string).replace(NUMBER, "");
      const phrase = begins.has(word)
        ? phrases.find((each) =>
            each.every(
              (part, n) => part === given[at + n] || (part === "*" && at + n < given.length),
            ),
          )
        : undefined;
      if (phrase === undefined && !isNone(word) && !BESIDE.test(given[at] as string)) return false;
      found ||= phrase !== undefined || isNone(word);
      at += phrase?.length ?? 1;
    }
    return found;
  };

  return (name: string): boolean => {
    const folded = CYRILLIC_OR_GREEK.test(name) ? foldName(asItLooks(name)) : name;
    const end = folded.indexOf(" ");
    const first = end === -1 ? folded : folded.slice(0, end);
    if (!mayBegin(first)) return false;
    const given = folded.split(" ");
    return (
      consists(given) ||
      isSpaced(given, consists) ||
      (typed && (isLetters(given) || isTypedInParts(given)))
    );
  };
}

/** Letters one by one, which put together are a placeholder: `T e s t`. */
const isSpaced = (given: readonly string[], consists: (words: string[]) => boolean): boolean =>
  given.length > 2 && given.every((word) => [...word].length === 1) && consists([given.join("")]);

const isTypedInParts = (given: readonly string[]): boolean =>
  given.length > 1 && (given.every(isHalfTyped) || isRun(given.join("")));

/** Nothing but single letters, or the same again: `x y`, `aa bb`; a lone pair may be a name (`Oo`). */
const isLetters = (given: readonly string[]): boolean =>
  given.every((word) => SAME_LETTER.test(word)) &&
  (given.every((word) => word.length === 1) ||
    (given.length > 1 && new Set(given).size === 1) ||
    given.every((word) => word.length === 2 && CONSONANT_TWICE.test(given.join(" "))));
const CONSONANT_TWICE = /(?<!\p{L})([bcdfghjklmnpqrstvwxz])\1(?!\p{L})/u;
