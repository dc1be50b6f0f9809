/** What names something in any language: a command, a permission, a moment, a run, an address of a thing, a name in quotes. */
const identifiers = [
  /`[^`]+`/u,
  /“[^”\s]+”/u,
  /\blegacy_imports\.\w+/u,
  /\b\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2})?(?: UTC)?)?/u,
  /\b[a-z][\w-]*-\d{8}-\w{4}\b/u,
  /\b\w+[._]\w+\b/u,
  /\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b/u,
];
const any = new RegExp(identifiers.map(({ source }) => source).join("|"), "gu");

/** What a sentence of the engine names: it is the same in every language. Each once, without quotes. */
export const identifiersIn = (sentence: string): readonly string[] => [
  ...new Set((sentence.match(any) ?? []).map((each) => each.replaceAll(/[`“”]/gu, ""))),
];
