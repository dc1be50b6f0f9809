import { asciiDigits } from "../normalize/digits.ts";
import { normalizeEmail } from "../normalize/email.ts";
import { normalizePhone } from "../normalize/phone.ts";
import { saysNothing } from "../normalize/phone-field.ts";
import { isSpoilt } from "../normalize/spoilt.ts";
import { holdsSomebody } from "../review/shape.ts";
import {
  called,
  type Found,
  fieldName,
  type Guess,
  inUtc,
  keyOf,
  nearlyAll,
  quote,
  share,
} from "./guess.ts";
import { byDay } from "./guess-day.ts";
import { byJson, byList, byParts } from "./guess-json.ts";
import { byAccount, byAmount } from "./guess-number.ts";
import { byRange } from "./guess-range.ts";
import { byDuration, byTime } from "./guess-time.ts";
import { byTruth } from "./guess-truth.ts";

/** A list of words has at most so many. */
const wordsAtMost = 12;
const rowsForWords = 10;

/**
 * Guesses what a column is by its name and by values of it.
 *
 * @param type what the source calls its type, where that is known: `set`, `year`, `time`
 */
export function guessField(
  column: string,
  values: readonly (string | null)[],
  type?: string,
): Guess {
  const held = values.flatMap((value) =>
    value === null || value.trim() === "" ? [] : [value.trim()],
  );
  const field = fieldName(column);
  const typed = byType(column, type);
  if (typed) return { column, field, ...typed };
  const found = inUtc(unlessProse(byValues(column, held), type), column, type);
  // An empty list is a value of lists, and what is none is held.
  if (found?.kind === "json" || found?.kind === "list") return { column, field, ...found };
  const said = [...new Set(held.filter(saysNothing))];
  const left = found?.kind === "boolean" ? [] : held.filter((value) => !saysNothing(value));
  // Beside what says that there is nothing, such as `-`, the others may be what a column is made of.
  const beside = left.length > 0 && said.length > 0 ? byValues(column, left) : undefined;
  if (beside !== undefined && !["choice", "status"].includes(beside.kind)) {
    const many = Math.round(share(held, saysNothing) * 100);
    const some = `${many < 1 ? "some" : `${many} %`} of the values`;
    const shown = said.slice(0, 3).join(", ");
    const told = ["json", "list"].includes(beside.kind)
      ? `${some} are none (${shown}), and such rows are held`
      : `${some} say that there is none (${shown})`;
    const because = `${beside.because}; ${told}`;
    if (!takesNone.has(beside.kind)) return { column, field, ...beside, because };
    return {
      column,
      field,
      ...beside,
      code: withNone(beside.code, said),
      because: `${because}: look`,
    };
  }
  if (found) return { column, field, ...found };
  const shape = { kind: "text", code: `text(${quote(column)})` };
  return {
    column,
    field,
    ...shape,
    because: held.length === 0 ? "no values" : "nothing else fits",
  };
}

/** What a MySQL or MariaDB has as a long text is no list of words, be they few. */
const unlessProse = (found: Found, type: string | undefined): Found =>
  found?.kind === "choice" && /^(medium|long)?text$/u.test(type ?? "") ? undefined : found;

/** Kinds of fields that are told which texts stand for nothing. */
const takesNone = new Set([
  "birth_date",
  "date",
  "time",
  "timestamp",
  "duration",
  "number",
  "boolean",
  "uuid",
]);

function withNone(code: string, said: readonly string[]): string {
  const none = `none: [${[...new Set(said.map((word) => word.toLowerCase()))].map(quote).join(", ")}]`;
  return code.endsWith(" })")
    ? code.replace(/ \}\)$/u, () => `, ${none} })`)
    : code.replace(/\)$/u, () => `, { ${none} })`);
}

function byValues(column: string, held: readonly string[]): Found {
  // Days and numbers are written in digits and blanks of many kinds; what stands in a definition is as it was written.
  const plain = held.map((value) => (ASCII.test(value) ? value : asciiDigits(value)));
  const guesses: (() => Found)[] = [
    () => byEmail(column, held),
    () => byDay(column, plain),
    () => byTime(column, plain),
    () => byDuration(column, plain),
    () => byPhone(column, plain),
    () => byStatus(column, held),
    () => byUuid(column, held),
    () => byRange(column, held),
    () => byAccount(column, held),
    () => byJson(column, held),
    () => byList(column, held),
    () => byParts(column, held),
    () => byTruth(column, held),
    () => byAmount(column, plain),
    () => byWords(column, held),
  ];
  for (const guess of guesses) {
    const found = guess();
    if (found) return found;
  }
  return undefined;
}
const ASCII = /^[ -~]*$/u;

/** Types of MySQL and MariaDB that say what their values do not. */
function byType(column: string, type: string | undefined): Found {
  if (type === "set")
    return {
      kind: "list",
      code: `list(${quote(column)}, { by: "," })`,
      because: "a SET: its words with commas between them",
    };
  if (type === "time")
    return {
      kind: "time",
      code: `time(${quote(column)})`,
      because: "a TIME: of day, unless it is how long something takes",
    };
  if (type === "year")
    return {
      kind: "number",
      code: `integer(${quote(column)}, { least: 1 })`,
      because: "a YEAR: 0 where nobody knows it",
    };
  return undefined;
}

function byEmail(column: string, values: readonly string[]): Found {
  const looks = share(values, (value) => normalizeEmail(value, []).email !== null);
  const named = called(column, /^(e?mails?|epost|courriel|correo|mailadresse)$/u);
  if (looks < (named ? 0.3 : nearlyAll)) return undefined;
  return {
    kind: "email",
    code: `email(${quote(column)}, { placeholders: [] })`,
    because: `${Math.round(looks * 100)} % of the values are addresses`,
  };
}

/** Where numbers without a country code may be from, the first that fits most; and the codes of these countries. */
const regions = [
  ["GB", "44"],
  ["FR", "33"],
  ["DE", "49"],
  ["US", "1"],
  ["DZ", "213"],
  ["ES", "34"],
  ["IT", "39"],
  ["NL", "31"],
  ["PL", "48"],
  ["IN", "91"],
  ...([
    ["DK", "45"],
    ["NO", "47"],
    ["SE", "46"],
    ["FI", "358"],
    ["BE", "32"],
    ["CH", "41"],
    ["AT", "43"],
    ["PT", "351"],
    ["IE", "353"],
    ["CZ", "420"],
    ["MA", "212"],
    ["TN", "216"],
    ["TR", "90"],
    ["BR", "55"],
    ["MX", "52"],
    ["AU", "61"],
    ["JP", "81"],
  ] as const),
] as const;

function byPhone(column: string, values: readonly string[]): Found {
  const named = called(
    column,
    /^(phones?|tel|tlf|tele(ph|f)on[eo]?|telefoon|mob|mobi(l|le|el)|movil|celular|gsm|cell|handy|natel|portable)$/u,
  );
  if (!named && called(column, otherNumber)) return undefined;
  const digits = share(values, (value) => /^\+?[\d\s()./-]{7,40}$/u.test(value));
  if (!named && (digits < nearlyAll || share(values, (value) => /^[+(0]/u.test(value)) < 0.5)) {
    return undefined;
  }
  const fits = fitting(values);
  const best = likeliest(fits);
  if (!named && best.fits < 0.5) return undefined;
  const others = fits.filter((each) => each !== best && each.fits > 0 && each.fits >= best.fits);
  const doubt =
    best.said === 0 && others.length > 0
      ? `, and as many of ${others
          .slice(0, 3)
          .map(({ region }) => region)
          .join(", ")}: say which`
      : "";
  const short = share(values, (value) => SHORTENED.test(value));
  const lost =
    short === 0
      ? ""
      : `; ${Math.ceil(short * 100)} % were shortened by a spreadsheet, as 2.13559E+11: their digits are lost, export the column as text`;
  return {
    kind: "phone",
    code: `phone(${quote(column)}, { region: ${quote(best.region)} })`,
    because:
      values.length === 0
        ? "its name; there are no values"
        : `${Math.round(best.fits * 100)} % of the values are numbers of ${best.region}${doubt}${lost}`,
  };
}

/** Columns whose digits are no phone's. */
const otherNumber =
  /^(ccp|rip|rib|iban|nin|imei|matricule|siret|siren|compte|account|cin|cni|passport|passeport|invoice|facture|order|commande)$/u;
/** A number as a spreadsheet shows one that is too long for it. */
const SHORTENED = /^\d([.,]\d+)?E\+?\d+$/iu;

interface Fitting {
  readonly region: string;
  /** Of the numbers the share that are some of the region's, and that carry its code. */
  readonly fits: number;
  readonly said: number;
}

function fitting(values: readonly string[]): readonly Fitting[] {
  const looked = values.slice(0, 200);
  return regions.map(([region, code]) => ({
    region,
    fits: share(looked, (value) => normalizePhone(value, region).phone !== null),
    said: share(looked, (value) => value.replace(/[\s()]/gu, "").startsWith(`+${code}`)),
  }));
}

/** Of those that fit nearly as well as any it is that whose code most of the numbers carry. */
function likeliest(all: readonly Fitting[]): Fitting {
  const most = Math.max(...all.map(({ fits }) => fits));
  return all
    .filter(({ fits }) => fits >= most - 0.1)
    .reduce((one, other) =>
      other.said > one.said || (other.said === one.said && other.fits > one.fits) ? other : one,
    );
}

/**
 * Where the numbers of a table are from: of columns of which none says it, and that fit another region as well, it is the
 * region of those that do.
 *
 * @param columns of the columns of phones, by their names, the values
 */
export function regionsOf(
  columns: readonly (readonly [column: string, values: readonly string[]])[],
): ReadonlyMap<string, string> {
  const all = columns.map(([column, values]) => ({ column, of: fitting(values) }));
  const saying = all.map(({ of }) => likeliest(of)).filter(({ said }) => said > 0);
  const [told] = saying.sort((one, other) => other.said - one.said);
  return new Map(
    all.flatMap(({ column, of }) => {
      const own = likeliest(of);
      const same = of.find(({ region }) => region === told?.region);
      return own.said === 0 && same && same.fits >= own.fits - 0.1
        ? [[column, same.region] as const]
        : [];
    }),
  );
}

function byStatus(column: string, values: readonly string[]): Found {
  if (!called(column, /^(status|state|statut|etat|stage)$/u)) return undefined;
  if (new Set(values).size > 4 * wordsAtMost) return undefined;
  return {
    kind: "status",
    code: `status(${quote(column)})`,
    because: `its name; ${new Set(values).size} words`,
  };
}

function byUuid(column: string, values: readonly string[]): Found {
  const looks = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;
  if (share(values, (value) => looks.test(value)) < nearlyAll) return undefined;
  return { kind: "uuid", code: `uuid(${quote(column)})`, because: "all look like one" };
}

function byWords(column: string, values: readonly string[]): Found {
  const words = [...new Set(values)].filter((word) => !isSpoilt(word));
  const spoilt = words.length < new Set(values).size;
  // One word again and again is no list of words.
  const few = words.length > 1 && words.length <= wordsAtMost && values.length >= rowsForWords;
  if (!few || words.length > values.length / 3 || words.some((word) => word.length > 40)) {
    return undefined;
  }
  // A definition is read by many: whose contact or number somebody is often listed with stands in none.
  if (words.some((word) => holdsSomebody(word))) return undefined;
  const means = words.map((word) => `${keyOf(word)}: ${quote(word)}`).join(", ");
  return {
    kind: "choice",
    code: `choice(${quote(column)}, { ${means} })`,
    because: `${words.length} words, again and again; say what each is called on the platform${spoilt ? "; what a spreadsheet left of one, such as #N/A, is none and held" : ""}`,
  };
}
