/** A number as people read it, e.g. `12,345`. */
export const count = (value: number): string => value.toLocaleString("en-GB");

/** The plural of an English noun, by its last word: `facility` → `facilities`, `class` → `classes`. */
export const plural = (noun: string): string =>
  /[^aeiou]y$/iu.test(noun)
    ? `${noun.slice(0, -1)}ies`
    : `${noun}${/(?:s|x|z|ch|sh)$/iu.test(noun) ? "es" : "s"}`;

/** A number of things, e.g. `1 row`, `2,000 rows`; `one` and `more` may bring their verb. */
export const several = (value: number, one: string, more = plural(one)): string =>
  `${count(value)} ${value === 1 ? one : more}`;

/** Sentences that stand inside another one: without their stops, between semicolons. */
export const clauses = (sentences: readonly string[]): string =>
  sentences.map((sentence) => sentence.trim().replace(/[.;]+$/u, "")).join("; ");

const smallNumbers = [
  "no",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
];

/** A small number as a word: `eight`. */
export const inWords = (number: number): string => smallNumbers[number] ?? String(number);

/** A name of the engine as words: `needs_review` → `needs review`. */
export const words = (name: string): string => name.replaceAll("_", " ");

/** The same as a label: `full_name` → `Full name`. */
export const label = (name: string): string =>
  words(name).replace(/^./u, (first) => first.toUpperCase());

/** Stands, behind the name of an error, for a sentence that may be about a person. */
export const WITHHELD =
  "What it said is neither shown nor kept, as it may be about a person: it held an e-mail address or a phone number. Look at the step that it came from.";
