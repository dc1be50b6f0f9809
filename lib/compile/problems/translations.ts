import type { WholeMigration } from "../../define/several.ts";

/** What is wrong with what a definition says in other words: a language that is none, words that nothing says. */
export function translationProblems({
  translations = {},
  ...migration
}: WholeMigration): readonly string[] {
  const said = new Set<string>();
  collect(migration, said);
  return Object.entries(translations).flatMap(([language, words]) => [
    ...(/^[a-z]{2}$/u.test(language)
      ? []
      : [
          `“${language.slice(0, 20)}” of \`translations\` is no language: it is two letters, as fr.`,
        ]),
    ...Object.keys(words)
      .filter((text) => !said.has(text))
      .map(
        (text) =>
          `“${text.slice(0, 80)}” is translated (${language}), and nothing in the definition says it: write it as it stands there.`,
      ),
  ]);
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
