import { regionCalled } from "../../normalize/phone-country.ts";
import { fieldName, type Guess, keyOf, nearlyAll, quote } from "../guess.ts";

/** What a column of countries is called; others of two letters may be states, or languages. */
const country = /(^|_)(land|country|pays|nation|staat|pais|paese|land_?code|country_?code)(_|$)/u;
/** Signs of cars, as addresses are written in German and French. */
const signs: Readonly<Record<string, string>> = {
  ...{ A: "AT", B: "BE", D: "DE", E: "ES", F: "FR", H: "HU", I: "IT", L: "LU", P: "PT" },
};
const wordsAtMost = 40;

/** Numbers beside a column that says of several countries in which somebody lives are of the country that it says. */
export function fromCountries(
  guesses: readonly Guess[],
  valuesOf: (column: string) => readonly string[],
): readonly Guess[] {
  const [said, ...others] = guesses.flatMap(({ column }) => {
    if (!country.test(fieldName(column))) return [];
    const words = regionsIn(valuesOf(column));
    return words === undefined ? [] : [{ column, words }];
  });
  if (said === undefined || others.length > 0) return guesses;
  const { column, words } = said;
  const listed = Object.entries(words.of).map(([word, region]) => `${keyOf(word)}: "${region}"`);
  return guesses.map((guess) =>
    guess.kind !== "phone"
      ? guess
      : {
          ...guess,
          code: `phone(${quote(guess.column)}, { region: "${words.most}", country: ${quote(column)}, regions: { ${listed.join(", ")} } })`,
          because: `what “${column}” says of each row is a country; a number without one is of ${words.most}, where most are`,
        },
  );
}

interface Words {
  /** The region of each, in whatever letters it is written. */
  readonly of: Readonly<Record<string, string>>;
  /** The region of most rows. */
  readonly most: string;
}

/** What the words of a column mean, where nearly all rows have one that means a region, and not all the same. */
function regionsIn(values: readonly string[]): Words | undefined {
  const words = new Set(values.map((value) => value.toLowerCase()));
  if (words.size > wordsAtMost) return undefined;
  const of: Record<string, string> = {};
  const rows = new Map<string, number>();
  for (const value of values) {
    const region = regionCalled(value) ?? signs[value.toUpperCase()];
    if (region === undefined) continue;
    if (words.delete(value.toLowerCase())) of[value] = region;
    rows.set(region, (rows.get(region) ?? 0) + 1);
  }
  const known = [...rows.values()].reduce((all, each) => all + each, 0);
  const [most] = [...rows].sort(([, one], [, other]) => other - one);
  return most !== undefined && rows.size > 1 && known >= nearlyAll * values.length
    ? { of, most: most[0] }
    : undefined;
}
