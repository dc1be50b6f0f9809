/** The languages of the console. */
export const languages = ["en", "fr"] as const;
export type Language = (typeof languages)[number];

/** A language as its own speakers call it. */
export const languageNames: Readonly<Record<Language, string>> = { en: "English", fr: "Français" };

/** One text in every language: a sentence, or a function of what stands in it. */
export type Said<Text = unknown> = Readonly<Record<Language, Text>>;

/** A part of the catalogue in one language. */
export type In<Catalogue extends Readonly<Record<string, Said>>> = {
  readonly [Name in keyof Catalogue]: Catalogue[Name][Language];
};

/** A part of the catalogue as one language says it. */
export function inLanguage<Catalogue extends Readonly<Record<string, Said>>>(
  catalogue: Catalogue,
  language: Language,
): In<Catalogue> {
  return Object.fromEntries(
    Object.entries(catalogue).map(([name, said]) => [name, said[language]]),
  ) as In<Catalogue>;
}

/** The first language of a header `Accept-Language` that the console speaks, by its weights; if it names one. */
export function acceptedLanguage(header: string | undefined): Language | undefined {
  const wanted = (header ?? "").split(",").map((each) => {
    const [, tag = "", weight = "1"] = /^\s*([A-Za-z*-]+)\s*(?:;\s*q=([\d.]+))?/u.exec(each) ?? [];
    return { tag: tag.toLowerCase().split("-")[0], weight: Number(weight) };
  });
  const best = wanted
    .filter(({ tag, weight }) => weight > 0 && languages.some((known) => known === tag))
    .sort((left, right) => right.weight - left.weight)[0];
  return best?.tag as Language | undefined;
}

/** The language that this names, or nothing. */
export const languageNamed = (name: string | undefined): Language | undefined =>
  languages.find((each) => each === name);
