import { foldName } from "./name.ts";

/** Rows of keys, of the keyboards that people here have, in Latin and in Arabic. */
const KEYS = [
  "azertyuiop",
  "qsdfghjklm",
  "wxcvbn",
  "qwertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "ضصثقفغعهخحجد",
  "شسيبلاتنمكط",
  "abcdefghijklmnopqrstuvwxyz",
].flatMap((row) => [row, [...row].reverse().join("")]);
/** Beginnings of such rows that are no name and too short to be told otherwise. */
const KEYS_BEGUN = new Set(["asdf", "qsdf", "wxcv", "zxcv", "qwer", "شسيب", "ضصثق", "abc", "abcd"]);
const SHORTEST_RUN = 5;
/** One letter, or up to three, again and again: `xxxx`, `lalala`. */
const AGAIN = /^(\p{L}{1,3})\1{2,}$/u;

/** Whether a folded word was made by fingers and not by a person's parents: `azerty`, `xxxx`. */
const isTyped = (word: string): boolean =>
  AGAIN.test(word) ||
  KEYS_BEGUN.has(word) ||
  (word.length >= SHORTEST_RUN && KEYS.some((row) => row.includes(word)));

/** What says nothing beside a placeholder: its number, and the endings in `inconnu(e)(s)`. */
const BESIDE = /^(?:\d+|e|s|es)$/;
const NUMBER = /^\d+|\d+$/g;

/**
 * Makes the test whether a folded name is none: it consists of the given words and phrases, with numbers
 * beside or at them (`TEST1`, `Sans nom`, `inconnu(e)`), and, where `typed`, of letters that only were typed
 * (`azerty`, `xxxx`). One other word makes it a name: `Test Amina`, `Nan Li`.
 */
export function nobodysName(placeholders: readonly string[], typed: boolean) {
  const none = placeholders.map((each) => foldName(each).split(" "));
  const words = new Set(none.flatMap((each) => (each.length === 1 ? each : [])));
  const phrases = none.filter((each) => each.length > 1);
  const begins = new Set([...words, ...phrases.map(([first]) => first as string)]);
  const isNone = (word: string) => words.has(word) || (typed && isTyped(word));

  /** Whether the first word lets hope: most names' does not. */
  const mayBegin = (word: string) =>
    begins.has(word.replace(NUMBER, "")) ||
    BESIDE.test(word) ||
    (typed && isTyped(word.replace(NUMBER, "")));

  return (folded: string): boolean => {
    const end = folded.indexOf(" ");
    const first = end === -1 ? folded : folded.slice(0, end);
    if (!mayBegin(first)) return false;
    const given = folded.split(" ");
    let found = false;
    for (let at = 0; at < given.length; ) {
      const word = (given[at] as string).replace(NUMBER, "");
      const phrase = begins.has(word)
        ? phrases.find((each) => each.every((part, n) => part === given[at + n]))
        : undefined;
      if (phrase === undefined && !isNone(word) && !BESIDE.test(given[at] as string)) return false;
      found ||= phrase !== undefined || isNone(word);
      at += phrase?.length ?? 1;
    }
    return found;
  };
}
