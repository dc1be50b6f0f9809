import { UnknownRegion } from "./phone.ts";
import { planOf } from "./phone-plan.ts";

/** Whose numbers a field holds, and the words of another column that say it row by row. */
interface PhoneRegions {
  readonly region: string;
  readonly regions?: Readonly<Record<string, string>> | undefined;
}

/** One number, and none beside it, that says itself of which country it is. */
const INTERNATIONAL = /^\s*\+[\d\s().-]+$/;

/**
 * Makes the function that tells the region of which a row's number is, by what the row says of its country: a word of
 * `regions`, or a region's code, in any case; where it says nothing, `region`. Undefined where nobody knows what it says,
 * unless the number says it. Throws `UnknownRegion` for one that the numbering plans do not know.
 */
export function phoneRegions({ region, regions }: PhoneRegions) {
  const words =
    regions &&
    new Map(Object.entries(regions).map(([word, of]) => [word.trim().toLowerCase(), of] as const));
  for (const of of words?.values() ?? []) if (planOf(of) === undefined) throw new UnknownRegion(of);
  return (number: string | null, country: string | null): string | undefined => {
    const word = (country ?? "").trim().toLowerCase();
    if (word === "") return region;
    const code = word.toUpperCase();
    const said = words === undefined ? planOf(code) && code : words.get(word);
    return said ?? (INTERNATIONAL.test(number ?? "") ? region : undefined);
  };
}
