import { normalizeEmail } from "../normalize/email.ts";
import { normalizePhone } from "../normalize/phone.ts";
import { holdsSomebody } from "../review/shape.ts";
import {
  called,
  type Found,
  fieldName,
  type Guess,
  keyOf,
  nearlyAll,
  quote,
  share,
} from "./guess.ts";
import { byDay } from "./guess-day.ts";
import { byAccount, byAmount } from "./guess-number.ts";

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
  for (const guess of [
    byEmail,
    byDay,
    byPhone,
    byStatus,
    byUuid,
    byAccount,
    byJson,
    byList,
    byNumber,
    byWords,
  ]) {
    const found = guess(column, held);
    if (found) return { column, field, ...found };
  }
  const shape = { kind: "text", code: `text(${quote(column)})` };
  return {
    column,
    field,
    ...shape,
    because: held.length === 0 ? "no values" : "nothing else fits",
  };
}

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
  const digits = share(values, (value) => /^\+?[\d\s()./-]{7,20}$/u.test(value));
  if (!named && (digits < nearlyAll || share(values, (value) => /^[+(0]/u.test(value)) < 0.5)) {
    return undefined;
  }
  const best = likeliest(fitting(values));
  if (!named && best.fits < 0.5) return undefined;
  return {
    kind: "phone",
    code: `phone(${quote(column)}, { region: ${quote(best.region)} })`,
    because: `${Math.round(best.fits * 100)} % of the values are numbers of ${best.region}`,
  };
}

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
  columns: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<string, string>> {
  const all = Object.entries(columns).map(([column, values]) => ({ column, of: fitting(values) }));
  const saying = all.map(({ of }) => likeliest(of)).filter(({ said }) => said > 0);
  const [told] = saying.sort((one, other) => other.said - one.said);
  return Object.fromEntries(
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

function byJson(column: string, values: readonly string[]): Found {
  const parses = (value: string): boolean => {
    if (!/^[[{]/u.test(value)) return false;
    try {
      return typeof JSON.parse(value) === "object";
    } catch {
      return false;
    }
  };
  // An array of PostgreSQL's that is empty looks like an object that is.
  if (values.every((value) => value === "{}") || share(values, parses) < nearlyAll)
    return undefined;
  return { kind: "json", code: `json(${quote(column)})`, because: "lists or objects" };
}

/** An array as PostgreSQL writes it; an object of JSON has a name and a colon. */
function byList(column: string, values: readonly string[]): Found {
  if (share(values, (value) => /^\{.*\}$/su.test(value)) < nearlyAll) return undefined;
  return {
    kind: "list",
    code: `list(${quote(column)})`,
    because: "arrays: a text of each element",
  };
}

function byNumber(column: string, values: readonly string[]): Found {
  const words = new Set(values.map((value) => value.toLowerCase()));
  if (words.size === 2 && [...words].every((word) => yes.has(word) || no.has(word))) {
    const of = (known: ReadonlySet<string>) =>
      [...new Set(values)].filter((value) => known.has(value.toLowerCase())).map(quote);
    return {
      kind: "boolean",
      code: `boolean(${quote(column)}, { yes: [${of(yes).join(", ")}], no: [${of(no).join(", ")}] })`,
      because: `two words: ${[...words].join(", ")}`,
    };
  }
  return byAmount(column, values);
}

const yes = new Set(["1", "y", "yes", "t", "true", "on", "oui", "ja", "x"]);
const no = new Set(["0", "n", "no", "f", "false", "off", "non", "nein", "-"]);

function byWords(column: string, values: readonly string[]): Found {
  const words = [...new Set(values)];
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
    because: `${words.length} words, again and again; say what each is called on the platform`,
  };
}
