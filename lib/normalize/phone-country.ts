import { getCountries } from "libphonenumber-js/core";
import metadata from "libphonenumber-js/max/metadata";
import { foldName } from "./name.ts";
import { remembered } from "./remembered.ts";

/** Languages in whose words a country beside a number is understood. */
const LANGUAGES = ["en", "fr", "de", "nl", "es", "it", "pt", "ar", "da", "sv", "pl", "tr"];

/** What countries are called, each folded as names are, with the regions that are called so. */
function called(): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  for (const language of LANGUAGES) {
    const inWords = new Intl.DisplayNames([language], { type: "region", fallback: "none" });
    for (const region of getCountries(metadata)) {
      const name = foldName(inWords.of(region) ?? "");
      const regions = names.get(name) ?? [];
      if (name !== "" && !regions.includes(region)) names.set(name, [...regions, region]);
    }
  }
  return names;
}
let names: ReadonlyMap<string, readonly string[]> | undefined;

/** The words of the longest names: `bosnie et herzegovine`. */
const MOST_WORDS = 5;
const CODE = /\(\s*([A-Z]{2})\s*\)/g;

/** The regions that the words of a text name; a code counts where it stands in parentheses. */
const regionsNamed = remembered((text: string): readonly string[] => {
  names ??= called();
  const words = foldName(text.replace(/[^\p{L}\p{M}'’-]+/gu, " ")).split(" ");
  const found = words.flatMap((_, from) =>
    Array.from({ length: MOST_WORDS }, (_, more) => words.slice(from, from + more + 1).join(" ")),
  );
  const codes = [...text.matchAll(CODE)].map(([, code = ""]) => code);
  const known = getCountries(metadata) as readonly string[];
  return [
    ...found.flatMap((name) => names?.get(name) ?? []),
    ...codes.filter((code) => known.includes(code)),
  ];
});

/** The one region that a word is the code of, or what it is called. */
export function regionCalled(word: string): string | undefined {
  const code = word.trim().toUpperCase();
  if ((getCountries(metadata) as readonly string[]).includes(code)) return code;
  names ??= called();
  const [region, ...others] = names.get(foldName(word)) ?? [];
  return others.length === 0 ? region : undefined;
}

/** Whether a phone field says in words that a number is of another country than this region: `0612345678 (France)`. */
export const namesAnotherCountry = (text: string, region: string): boolean =>
  /\p{L}{2}/u.test(text) &&
  regionsNamed(text.replace(/\d+/g, "0")).some((named) => named !== region);
