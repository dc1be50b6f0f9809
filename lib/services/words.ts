/** A number as people read it, e.g. `12,345`. */
export const count = (value: number): string => value.toLocaleString("en-GB");

/** A number of things, e.g. `1 row`, `2,000 rows`; `one` and `more` may bring their verb. */
export const several = (value: number, one: string, more = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : more}`;

/** Sentences that stand inside another one: without their stops, between semicolons. */
export const clauses = (sentences: readonly string[]): string =>
  sentences.map((sentence) => sentence.trim().replace(/[.;]+$/u, "")).join("; ");
