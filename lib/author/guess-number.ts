import { called, type Found, nearlyAll, quote, share } from "./guess.ts";

/** Currencies as they stand before or behind a number. */
const currency =
  /^(\p{Sc}|%|zł|kč|ft|kr\.?|fr\.?|chf|eur|euros?|usd|gbp|dkk|sek|nok|pln|czk|huf|da|dzd|dinars?|دج|د\.ج|dh|dhs|mad|dt|tnd|fcfa|xof|xaf|try|tl|ron|lei|rs\.?|inr)$/iu;
const beside =
  /^-?\s*(\p{L}+\.?|\p{L}\.\p{L}|\p{Sc})\s*-?\s*(?=\d)|(?<=\d)\s*(\p{L}+\.?|\p{L}\.\p{L}|\p{Sc}|%)$/u;
const wordsAtMost = 4;

interface Decimals {
  readonly options: readonly string[];
  readonly looks: RegExp;
  /** What tells a number that is written so from one that is written otherwise. */
  readonly tells: RegExp;
  readonly unsure?: true;
}

/** How numbers with a fraction are written. `1,234` alone may be a thousand, or a little more than one. */
const decimals: readonly Decimals[] = [
  { options: [], looks: /^-?\d{1,15}(\.\d+)?$/u, tells: /\.(?!\d{3}$)|^-?(0|\d{4,})\./u },
  {
    options: [`decimal: ","`],
    looks: /^-?\d{1,15}(,\d+)?$/u,
    tells: /,(?!\d{3}$)|^-?(0|\d{4,}),/u,
  },
  {
    options: [`decimal: ","`, `group: "."`],
    looks: /^-?(\d{1,3}(\.\d{3})+|\d{1,15})(,\d+)?$/u,
    tells: /\..*[.,]/u,
  },
  {
    options: [`group: ","`],
    looks: /^-?(\d{1,3}(,\d{3})+|\d{1,15})(\.\d+)?$/u,
    tells: /,.*[.,]/u,
  },
  {
    options: [`decimal: ","`, `group: " "`],
    looks: /^-?(\d{1,3}( \d{3})+|\d{1,15})(,\d+)?$/u,
    tells: / /u,
  },
  {
    options: [`group: "'"`],
    looks: /^-?(\d{1,3}('\d{3})+|\d{1,15})(\.\d+)?$/u,
    tells: /'/u,
  },
  { options: [], looks: /^-?\d{1,15}(\.\d+)?$/u, tells: /\./u, unsure: true },
  { options: [`decimal: ","`], looks: /^-?\d{1,15}(,\d+)?$/u, tells: /,/u, unsure: true },
];

/** Numbers, whole or with a fraction, and with a currency beside some of them. */
export function byAmount(column: string, values: readonly string[]): Found {
  // What begins with a zero is no number, as its zero would be lost, but where it is nothing else: a year that nobody knows.
  if (values.some((value) => /^0\d*[1-9]/u.test(value)) || called(column, postcode))
    return undefined;
  const words = new Set<string>();
  const bare = values.map((value) => {
    const [, before, behind] = beside.exec(value) ?? [];
    const word = before ?? behind;
    if (word === undefined || !currency.test(word)) return value;
    words.add(word);
    return value.replace(word, "").replaceAll(/^(-?)\s+|\s+$/gu, "$1");
  });
  if (words.size > wordsAtMost) return undefined;
  const stands = words.size === 0 ? [] : [`beside: [${[...words].map(quote).join(", ")}]`];
  const as = (word: string, options: readonly string[], because: string) => {
    const all = [...options, ...stands];
    const said = all.length === 0 ? "" : `, { ${all.join(", ")} }`;
    return { kind: "number", code: `${word}(${quote(column)}${said})`, because };
  };
  if (bare.length === 0) return undefined;
  const rowsOf = (looks: RegExp) => bare.filter((value) => looks.test(value)).length;
  const enough = decimals
    .filter(
      ({ looks, tells }) =>
        rowsOf(looks) >= nearlyAll * bare.length &&
        bare.some((value) => looks.test(value) && tells.test(value)),
    )
    .map((each) => ({ ...each, rows: rowsOf(each.looks) }));
  // As most of them are written: what few have, such as marks of thousands, counts as well.
  const sure = enough.filter(({ unsure }) => unsure === undefined);
  const most = Math.max(...sure.map(({ rows }) => rows));
  const found = sure.find(({ rows }) => rows === most) ?? enough[0];
  const whole = rowsOf(/^-?\d{1,15}$/u);
  if (whole >= nearlyAll * bare.length && !(whole < most))
    return as("integer", [], words.size === 0 ? "whole numbers" : "whole numbers, of a currency");
  if (found === undefined) return undefined;
  const because = found.unsure ? "numbers; their mark may be one of thousands: look" : "numbers";
  return as("decimal", found.options, because);
}

/** What names a place, and is a text though it looks like a number. */
const postcode = /^(postcode|zip|zipcode|npa|plz|postnr|postnummer|cap)$/u;

/** International numbers of bank accounts: whatever groups they are written in. */
const account = /^[A-Z]{2}\d{2}(?:\s?[A-Z0-9]){11,30}$/u;

/** Numbers of bank accounts, of which blanks are no part. */
export function byAccount(column: string, values: readonly string[]): Found {
  if (share(values, (value) => account.test(value)) < nearlyAll) return undefined;
  const grouped = values.some((value) => /\s/u.test(value));
  return {
    kind: "account",
    code: `text(${quote(column)}${grouped ? `, { without: [" "] }` : ""})`,
    because: grouped
      ? "numbers of accounts, in groups: their blanks are left out"
      : "numbers of accounts",
  };
}
