import { normalizeEmail } from "../normalize/email.ts";
import { normalizePhone } from "../normalize/phone.ts";
import { holdsSomebody } from "../review/shape.ts";

/** What a column of the source probably is: how it is written in a definition, and why. */
export interface Guess {
  readonly column: string;
  /** The field of the definition. */
  readonly field: string;
  readonly kind: string;
  /** As it stands in the definition, e.g. `email("mail", { placeholders: [] })`. */
  readonly code: string;
  readonly because: string;
}

/** Of a column's values nearly all have to look alike; the rest is noted when rows are read. */
const nearlyAll = 0.9;
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

type Found = Pick<Guess, "kind" | "code" | "because"> | undefined;

export const quote = (text: string): string =>
  // Unlike JSON's other readers, some of TypeScript's take these for ends of lines.
  JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");

/** A text as the key of an object; `__proto__` is one only in brackets. */
export const keyOf = (text: string): string => {
  if (text === "__proto__") return `["__proto__"]`;
  return /^[A-Za-z_$][\w$]*$/u.test(text) ? text : quote(text);
};

/** A name has so many letters. */
export const lettersAtMost = 40;

/** Letters of Latin that are none of ASCII with a mark. */
const written: Readonly<Record<string, string>> = {
  ...{ ø: "o", æ: "ae", œ: "oe", ß: "ss", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i" },
};

/** A column as a field is called: `Date Joined` → `date_joined`, `Prénom` → `prenom`, `2nd phone` → `field_2nd_phone`. */
export const fieldName = (column: string): string =>
  column
    .replaceAll(/([a-z0-9])([A-Z])/gu, "$1_$2")
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .replaceAll(/[^\p{ASCII}]/gu, (letter) => written[letter.toLowerCase()] ?? letter)
    .replaceAll(/[^\p{L}\p{N}]+/gu, "_")
    .replaceAll(/^_+|_+$/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]/gu, "")
    .replace(/^(?=\d)/u, "field_")
    .slice(0, lettersAtMost) || "field";

const share = (values: readonly string[], fits: (value: string) => boolean): number =>
  values.length === 0 ? 0 : values.filter(fits).length / values.length;
const called = (column: string, words: RegExp): boolean =>
  fieldName(column)
    .split("_")
    .some((word) => words.test(word));

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
  const looked = values.slice(0, 200);
  const best = regions
    .map(([region, code]) => ({
      region,
      fits: share(looked, (value) => normalizePhone(value, region).phone !== null),
      // Of two that fit alike it is that whose code some of the numbers carry.
      said: share(looked, (value) => value.replace(/[\s()]/gu, "").startsWith(`+${code}`)),
    }))
    .reduce((one, other) =>
      other.fits > one.fits || (other.fits === one.fits && other.said > one.said) ? other : one,
    );
  if (!named && best.fits < 0.5) return undefined;
  return {
    kind: "phone",
    code: `phone(${quote(column)}, { region: ${quote(best.region)} })`,
    because: `${Math.round(best.fits * 100)} % of the values are numbers of ${best.region}`,
  };
}

const days: readonly (readonly [format: string, looks: RegExp])[] = [
  ["iso", /^\d{4}-\d\d-\d\d$/u],
  ["dd/MM/yyyy", /^\d\d\/\d\d\/\d{4}$/u],
  ["d/M/yyyy", /^\d{1,2}\/\d{1,2}\/\d{4}$/u],
  ["dd.MM.yyyy", /^\d\d\.\d\d\.\d{4}$/u],
  ["dd-MM-yyyy", /^\d\d-\d\d-\d{4}$/u],
];
const moments = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?$/u;

const offset = /:\d\d(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)$/u;

function byDay(column: string, values: readonly string[]): Found {
  const made = called(column, /^(created|inserted|cree)$/u);
  if (share(values, (value) => moments.test(value)) >= nearlyAll) {
    if (made)
      return {
        kind: "created_at",
        code: `createdAt(${quote(column)})`,
        because: "times, and its name",
      };
    // An instant is one in any zone; without one an offset could not be read.
    if (share(values, (value) => offset.test(value)) >= nearlyAll)
      return {
        kind: "timestamp",
        code: `timestamp(${quote(column)}, { zone: "UTC" })`,
        because: "days with times and their offset; the zone is that of times without one",
      };
    return {
      kind: "timestamp",
      code: `timestamp(${quote(column)})`,
      because: "days with times; say the zone where the clock hung",
    };
  }
  const found = days.find(([, looks]) => share(values, (value) => looks.test(value)) >= nearlyAll);
  if (!found) return undefined;
  const [first] = found;
  // 31/12 tells days from months; without such a day nobody can.
  const swapped =
    first.startsWith("d") && values.some((value) => Number(value.split(/\D/u)[1]) > 12);
  const format = swapped ? first.replace(/^d+/u, "MM").replace(/M+(?=\W+yyyy)/u, "dd") : first;
  const sure =
    first === "iso" || swapped || values.some((value) => Number(value.split(/\D/u)[0]) > 12);
  const options = format === "iso" ? "" : `, { format: ${quote(format)} }`;
  const born = called(
    column,
    /^(birth|born|dob|naissance|geburtsdatum|geboren|fodt|fodselsdato|fodd|nacimiento|nascita|birthdate|birthday)$/u,
  );
  const kind = born ? "birth_date" : made ? "created_at" : "date";
  const word = born ? "birthDate" : made ? "createdAt" : "date";
  return {
    kind,
    code: `${word}(${quote(column)}${options})`,
    because: `days as ${format === "iso" ? "2026-11-20" : format}${sure ? "" : "; no value tells days from months: look"}`,
  };
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
  // What begins with a zero is no number, as its zero would be lost, but where it is nothing else: a year that nobody knows.
  if (values.some((value) => /^0\d*[1-9]/u.test(value))) return undefined;
  if (share(values, (value) => /^-?\d{1,15}$/u.test(value)) >= nearlyAll) {
    return { kind: "number", code: `integer(${quote(column)})`, because: "whole numbers" };
  }
  if (share(values, (value) => /^-?\d{1,15}(\.\d+)?$/u.test(value)) < nearlyAll) return undefined;
  return { kind: "number", code: `decimal(${quote(column)})`, because: "numbers" };
}

const yes = new Set(["1", "y", "yes", "t", "true", "on", "oui", "ja", "x"]);
const no = new Set(["0", "n", "no", "f", "false", "off", "non", "nein", "-"]);

function byWords(column: string, values: readonly string[]): Found {
  const words = [...new Set(values)];
  const few = words.length <= wordsAtMost && values.length >= rowsForWords;
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
