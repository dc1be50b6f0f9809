import metadata from "libphonenumber-js/max/metadata";

/** A region's numbering plan as the library's metadata states it, its patterns compiled once. */
export interface Plan {
  /** Digits of the country calling code, which other regions may share. */
  readonly code: string;
  /** What is dialled before a calling code, such as `00`, at the start of a number. */
  readonly abroad: RegExp;
  /** What may stand before a national number, such as `0`, or null where nothing does. */
  readonly prefix: RegExp | null;
  /** The digits that stand there in the region itself, such as `0`; empty where none do. */
  readonly trunk: string;
  /** What a number becomes whose prefix holds a part of it, as the second argument of `replace`. */
  readonly transform: string | null;
  /** Any national number of the plan, assigned or not. */
  readonly general: RegExp;
  /** Lengths that a national number may have, ascending. */
  readonly lengths: readonly number[];
  /** How the region's own numbers begin, where that alone tells it from those that share its code. */
  readonly leading: RegExp | null;
  /** Numbers of a known type: what the library calls valid. */
  readonly valid: RegExp;
}

/** Where the library's metadata keep what is needed here: each plan is a list. */
type Stated = readonly [
  code: string,
  abroad: string,
  general: string,
  lengths: readonly number[],
  formats: unknown,
  prefix: string | 0,
  prefixInFormats: unknown,
  prefixForParsing: string | 0,
  transform: string | 0,
  prefixOptional: unknown,
  leading: string | 0,
  types: readonly (readonly [pattern: string, lengths?: readonly number[]] | 0)[],
];

const stated = metadata.countries as unknown as Readonly<Record<string, Stated>>;
const plans = new Map<string, Plan>();

/** The plan of a region such as `DZ`; undefined where the metadata have none. */
export function planOf(region: string): Plan | undefined {
  const known = plans.get(region);
  if (known !== undefined || !Object.hasOwn(stated, region)) return known;
  const plan = compiled(stated[region] as Stated);
  plans.set(region, plan);
  return plan;
}

/**
 * Whether a number stands there without the digit that is dialled before it and is so short that it may as
 * well be a date, a matricule or a price: `25121990`, `20241234`. A mobile number without its zero is longer.
 */
export const isTooBare = (number: string, dialled: string, plan: Plan | undefined): boolean =>
  dialled.length <= LONGEST_DATE &&
  plan !== undefined &&
  plan.trunk !== "" &&
  number === plan.code + dialled;
const LONGEST_DATE = 8;

/** All plans that share a calling code, the main one first. */
export const plansSharing = (code: string): readonly Plan[] =>
  (metadata.country_calling_codes[code as keyof typeof metadata.country_calling_codes] ?? []).map(
    (region) => planOf(region) as Plan,
  );

function compiled([
  code,
  abroad,
  general,
  lengths,
  ,
  own,
  ,
  parsing,
  transform,
  ,
  leading,
  types,
]: Stated): Plan {
  const prefix = parsing || own;
  const typed = types.flatMap((type) => (type ? [ofLength(type[1] ?? lengths, type[0])] : []));
  return {
    code,
    abroad: new RegExp(`^(?:${abroad})`),
    trunk: own || "",
    prefix: prefix ? new RegExp(`^(?:${prefix})`) : null,
    transform: transform || null,
    general: new RegExp(`^(?:${general})$`),
    lengths,
    leading: leading ? new RegExp(`^(?:${leading})`) : null,
    valid: new RegExp(`^(?=(?:${general})$)(?:${typed.join("|")})$`),
  };
}

/** A pattern, and the lengths without which it does not count. */
const ofLength = (lengths: readonly number[], pattern: string): string =>
  `(?=(?:${lengths.map((length) => `\\d{${length}}`).join("|")})$)(?:${pattern})`;
