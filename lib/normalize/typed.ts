/** Rows of keys, of the keyboards that people here have, in Latin and in Arabic, and the alphabets. */
const KEYS = [
  "azertyuiop",
  "qsdfghjklm",
  "wxcvbn",
  "qwertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "ضصثقفغعهخحجد",
  "شسيبلاتنمكط",
  "ئءؤرلاىةوزظ",
  "abcdefghijklmnopqrstuvwxyz",
  "ابتثجحخدذرزسشصضطظعغ",
];
/** What stands beside each other in rows, three letters at least. */
const runsOf = (rows: readonly string[]): ReadonlySet<string> =>
  new Set(
    rows.flatMap((row) =>
      Array.from(row, (_, from) =>
        Array.from({ length: Math.max(0, row.length - from - 2) }, (_, more) =>
          row.slice(from, from + 3 + more),
        ),
      ).flat(),
    ),
  );
const RUNS = runsOf(KEYS);
const RUNS_EITHER_WAY = runsOf(KEYS.flatMap((row) => [row, [...row].reverse().join("")]));

const VOWEL = /[aeiouyáéíóú\u0620-\u06FF]/;
/** Beginnings of rows that are no name, though they have a vowel and are short. */
const KEYS_BEGUN = new Set(["asdf", "qwer", "poiu", "abc", "abcd", "شسيب", "ضصثق", "ابت"]);
const SHORTEST_RUN = 5;

/** Whether letters stand beside each other on a keyboard; with a vowel among them five do, else four. */
export const isRun = (word: string): boolean =>
  KEYS_BEGUN.has(word) ||
  (RUNS_EITHER_WAY.has(word) && word.length >= SHORTEST_RUN - (VOWEL.test(word) ? 0 : 1));

/** One letter, or up to three, again and again: `xxxx`, `lalala`. */
const MOST_AGAIN = 60;
const AGAIN = /^(\p{L}{1,3})\1{2,}$/u;

/** A word that is another one twice; null where it is none. */
export function halfOf(word: string): string | null {
  const half = word.slice(0, word.length / 2);
  return word.length >= 6 && half + half === word ? half : null;
}

/** Whether a folded word was made by fingers and not by a person's parents: `azerty`, `hjkl`, `xxxx`, `asdasd`. */
export const isTyped = (word: string): boolean =>
  (word.length <= MOST_AGAIN && AGAIN.test(word)) ||
  isRun(word) ||
  RUNS_EITHER_WAY.has(halfOf(word) ?? "");

/** Three keys beside each other: some are names, or parts of one; two such words are none (`aze rty`, `azer azer`). */
export const isHalfTyped = (word: string): boolean => RUNS.has(word);
