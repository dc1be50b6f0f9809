import type { WholeMigration } from "../../define/several.ts";

/** What is wrong with what a definition says in other words: a language that is none. */
export const translationProblems = ({ translations = {} }: WholeMigration): readonly string[] =>
  Object.keys(translations)
    .filter((language) => !/^[a-z]{2}$/u.test(language))
    .map(
      (language) =>
        `“${language.slice(0, 20)}” of \`translations\` is no language: it is two letters, as fr.`,
    );

/** Words that are said in another language, and that nothing in the definition says: no harm, and never shown. */
export function untold({
  translations = {},
  ...migration
}: WholeMigration): readonly { readonly language: string; readonly text: string }[] {
  const said = new Set<string>();
  collect(migration, said);
  return Object.entries(translations).flatMap(([language, words]) =>
    Object.keys(words)
      .filter((text) => !said.has(text))
      .map((text) => ({ language, text })),
  );
}

/** Members whose sentences no page says, or says in words of its own. */
const elsewhere: ReadonlySet<string> = new Set([
  "translations",
  "report",
  "checks",
  "references",
  "source",
]);

/** What a definition says of its rows on pages, each sentence once: its reasons, and what is counted and looked at. */
export const saidOnPages = (migration: WholeMigration): readonly string[] => [
  ...new Set(sentencesOf(migration)),
];

function sentencesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(sentencesOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (elsewhere.has(name)) return [];
    return name === "says" && typeof inner === "string" ? [inner] : sentencesOf(inner);
  });
}

/** Every text and every name of a value. */
function collect(value: unknown, found: Set<string>): void {
  if (typeof value === "string") found.add(value);
  else if (Array.isArray(value)) for (const each of value) collect(each, found);
  else if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      found.add(name);
      collect(inner, found);
    }
  }
}
