import { called, type Found, fieldName, nearlyAll, quote, share } from "./guess.ts";

/** What a month is called for short. */
const month = "jan feb mar apr may jun jul aug sep oct nov dec"
  .split(" ")
  .flatMap((name) => [
    name,
    name.toUpperCase(),
    name.replace(/^./u, (first) => first.toUpperCase()),
  ])
  .join("|");

/** A day's parts with a sign between them, and how they look. */
const days = ["/", ".", "-", " "].flatMap((sign): [format: string, looks: string][] => {
  const between = sign === "." ? "\\." : sign;
  const named: [string, string][] = [
    [`dd${sign}MMM${sign}yyyy`, `\\d\\d${between}(${month})${between}\\d{4}`],
    [`d${sign}MMM${sign}yyyy`, `\\d{1,2}${between}(${month})${between}\\d{4}`],
    [`dd${sign}MMM${sign}yy`, `\\d\\d${between}(${month})${between}\\d\\d`],
  ];
  if (sign === " ") return named;
  return [
    ...named,
    [`dd${sign}MM${sign}yyyy`, `\\d\\d${between}\\d\\d${between}\\d{4}`],
    [`d${sign}M${sign}yyyy`, `\\d{1,2}${between}\\d{1,2}${between}\\d{4}`],
    [`dd${sign}MM${sign}yy`, `\\d\\d${between}\\d\\d${between}\\d\\d`],
    [`d${sign}M${sign}yy`, `\\d{1,2}${between}\\d{1,2}${between}\\d\\d`],
    ...(sign === "-"
      ? []
      : ([[`yyyy${sign}MM${sign}dd`, `\\d{4}${between}\\d\\d${between}\\d\\d`]] as [
          string,
          string,
        ][])),
  ];
});
const clocks = [
  [" HH:mm", " \\d\\d:\\d\\d"],
  [" HH:mm:ss", " \\d\\d:\\d\\d:\\d\\d"],
  [" H:mm", " \\d{1,2}:\\d\\d"],
  [" H:mm:ss", " \\d{1,2}:\\d\\d:\\d\\d"],
  [" h:mm a", " \\d{1,2}:\\d\\d [AaPp][Mm]"],
  [" h:mm:ss a", " \\d{1,2}:\\d\\d:\\d\\d [AaPp][Mm]"],
] as const;

const isShort = (format: string): boolean => /(?<!y)yy(?!y)/u.test(format);

/** Of years of two digits nobody knows the hundred: somebody says its first. */
const firstYear = 1930;

interface Shape {
  readonly format: string;
  readonly looks: RegExp;
  readonly times: boolean;
}

/** Days first, as what they look like is said by fewer parts; then with a time of day, always and sometimes. */
const shapes: readonly Shape[] = [
  { format: "iso", looks: /^\d{4}-\d\d-\d\d$/u, times: false },
  ...days.map(([format, looks]) => ({ format, looks: whole(looks), times: false })),
  ...days.flatMap(([format, looks]) =>
    clocks.map(([clock, shows]) => ({
      ...{ format: format + clock, looks: whole(looks + shows), times: true },
    })),
  ),
  ...days.flatMap(([format, looks]) =>
    clocks.map(([clock, shows]) => ({
      ...{ format: `${format}[${clock}]`, looks: whole(`${looks}(${shows})?`), times: true },
    })),
  ),
];

function whole(looks: string): RegExp {
  return new RegExp(`^${looks}$`, "u");
}

const moments = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|UTC|GMT|[+-]\d\d(:?\d\d)?))?$/u;
const offset = /:\d\d(\.\d+)? ?(Z|UTC|GMT|[+-]\d\d(:?\d\d)?)$/u;
/** So late a day that was midnight elsewhere is another one (D9). */
const late = / ?(?:T| )2[0-3]:\d\d.*(?:Z|UTC|GMT|[+-]\d\d)/u;
const midnights =
  "some are late in the evening, and may be the midnight before a day elsewhere: such rows are held, unless it is said where (`zone`)";
/** What a column of days is called that looks like numbers. */
const dated =
  /^(date|dates|day|jour|datum|dato|fecha|data|created|updated|modified|inserted|cree|joined|since|hired)$/u;
const written = /^(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/u;
/** Days from 1900 on, as spreadsheets count them, and seconds or milliseconds from 1970. */
const counted = /^[1-6]\d{4}([.,]\d+)?$/u;
/** Days, some of which a program wrote with the time of their midnight. */
const dayOrTime: Shape = {
  format: "iso",
  looks: new RegExp(`${moments.source}|^\\d{4}-\\d\\d-\\d\\d$`, "u"),
  times: false,
};
const countedDay: Shape = { format: "serial", looks: /^[1-6]\d{4}$/u, times: false };
const inDigits: Shape = { format: "yyyyMMdd", looks: written, times: false };
const asCounted = "as spreadsheets count them (32874 is 1990-01-01)";
const seconds = /^\d{9,10}$/u;
const milliseconds = /^\d{12,13}$/u;
const inOtherLanguage = /^\d{1,2}(er|º|\.)?[ ./-]*(de )?\p{L}{3,10}\.?[ ./-]*(de )?\d{2,4}$/u;
const born =
  /^(birth|born|dob|naissance|geb|gebdat|geburt|geburtstag|geburtsdatum|geboren|fodt|fodselsdato|fodd|nacimiento|nascita|birthdate|birthday|geboortedatum|nascimento|urodzenia|narozen[iy]?|narodenia)$/u;

/** “Né le”, which is no word by itself. */
const bornOn = /^(date_)?nee?(_e)?(_le)?$/u;

/** What a column of days, or of days with times, is, by its name and its values. */
export function byDay(column: string, values: readonly string[]): Found {
  const made = called(column, /^(created|inserted|cree)$/u);
  const word =
    called(column, born) || bornOn.test(fieldName(column))
      ? "birthDate"
      : made
        ? "createdAt"
        : undefined;
  const asNumbers =
    word !== undefined || called(column, dated) ? byCount(column, word, values) : undefined;
  if (asNumbers) return asNumbers;
  if (share(values, (value) => moments.test(value)) >= nearlyAll) {
    if (made)
      return {
        kind: "created_at",
        code: `createdAt(${quote(column)})`,
        because: "times, and its name",
      };
    if (word === "birthDate")
      return {
        kind: "birth_date",
        code: `birthDate(${quote(column)})`,
        because: values.some((value) => late.test(value))
          ? `days with times, and its name; ${midnights}`
          : "days with times, which are left out, and its name",
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
  const fits = ({ looks }: Shape) => share(values, (value) => looks.test(value));
  const fitting = shapes.filter(
    (shape) =>
      fits(shape) >= nearlyAll &&
      // Of two digits the last ones are a year where some are no day.
      (!isShort(shape.format) || isYear(shape, values, [])),
  );
  // Of days, or of times, the one that reads most: `3.1.2021` is none of two digits, be it rare.
  const [found] = fitting
    .filter(({ times }) => times === fitting[0]?.times)
    .sort((one, other) => fits(other) - fits(one));
  if (!found) {
    const several = bySeveral(column, word ?? "date", values);
    return several ?? byOtherMonths(column, values);
  }
  const told = inOrder(
    found.format,
    values.filter((value) => found.looks.test(value)),
  );
  const short = isShort(told.format);
  const format = short ? `${told.format} from ${firstYear}` : told.format;
  const doubt = short
    ? `${told.doubt}; say the first of the hundred years they are of`
    : told.doubt;
  const old = share(values, (value) => Number(/\d{4}/u.exec(value)?.[0] ?? 2000) < 1700);
  const calendar =
    format.includes("yyyy") && old >= nearlyAll
      ? "; the years are those of another calendar, which no format reads: convert them in a view"
      : "";
  const said = format === "iso" ? "" : `, { format: ${quote(format)} }`;
  const written = word ?? (found.times ? "timestamp" : "date");
  return {
    kind: kinds[written],
    code: `${written}(${quote(column)}${said})`,
    because: `days as ${format === "iso" ? "2026-11-20" : format}${doubt}${calendar}${found.times && word === undefined ? "; say the zone where the clock hung" : ""}`,
  };
}

/** Days and times that look like numbers, in a column that is called as one of those. */
function byCount(
  column: string,
  word: "birthDate" | "createdAt" | undefined,
  values: readonly string[],
): Found {
  const all = (looks: RegExp) => share(values, (value) => looks.test(value)) >= nearlyAll;
  if (all(written)) {
    const of = word ?? "date";
    return {
      kind: kinds[of],
      code: `${of}(${quote(column)}, { format: "yyyyMMdd" })`,
      because: "days as yyyyMMdd",
    };
  }
  if (all(counted)) {
    const timed = values.some((value) => /\D/u.test(value));
    const of = word ?? (timed ? "timestamp" : "date");
    const where = of === "timestamp" ? "; say the zone where the clock hung" : "";
    return {
      kind: kinds[of],
      code: `${of}(${quote(column)}, ${options("serial", of)})`,
      because: `days ${asCounted}${word === undefined ? bounded : ""}${where}`,
    };
  }
  const unit = all(seconds) ? "unix" : all(milliseconds) ? "unix-ms" : undefined;
  if (unit === undefined || word === "birthDate") return undefined;
  return {
    kind: "timestamp",
    code: `timestamp(${quote(column)}, { format: ${quote(unit)}, zone: "UTC", since: "1980-01-01", until: "2099-12-31" })`,
    because: `${unit === "unix" ? "seconds" : "milliseconds"} from 1970; say between which days they are believed`,
  };
}

/** What is said of a format; where it counts days, also between which they are believed, if the kind of field does not know. */
function options(format: string, of: keyof typeof kinds): string {
  const counts = format.split(" or ").includes("serial") && (of === "date" || of === "timestamp");
  return `{ format: ${quote(format)}${counts ? ', since: "1980-01-01", until: "2099-12-31"' : ""} }`;
}
const bounded = "; say between which they are believed";

/** Days with names of months that no format knows. */
function byOtherMonths(column: string, values: readonly string[]): Found {
  if (share(values, (value) => inOtherLanguage.test(value)) < nearlyAll) return undefined;
  return {
    kind: "text",
    code: `text(${quote(column)})`,
    because:
      "perhaps days with the names of months in another language than English, which no format reads: write them in digits in a view",
  };
}

/** Formats beyond which a column's days are nobody's to list, and the share of its values below which one is an accident. */
const formatsAtMost = 3;
const hardlyAny = 0.02;
/** So many of the values of a column that is called as one of birth dates are some: what else stands there is held. */
const most = 0.5;

/** Days that several hands wrote, each in its own way; no two of the formats read one text. */
function bySeveral(
  column: string,
  word: "birthDate" | "createdAt" | "date",
  values: readonly string[],
): Found {
  const formats: { readonly format: string; readonly doubt: string }[] = [];
  let left = values;
  while (formats.length < formatsAtMost) {
    const of = ({ looks }: Shape) => left.filter((value) => looks.test(value));
    const known = formats.map(({ format }) => format);
    const [best] = [...(word === "birthDate" ? [dayOrTime] : []), ...shapes, countedDay, inDigits]
      .filter(
        (shape) => !shape.times && (!isShort(shape.format) || isYear(shape, of(shape), known)),
      )
      .sort((one, other) => of(other).length - of(one).length);
    if (best === undefined || of(best).length < Math.max(2, hardlyAny * values.length)) break;
    formats.push(oneOfSeveral(best, isShort(best.format) ? values : of(best)));
    left = left.filter((value) => !best.looks.test(value));
  }
  const [fewest, enough] = word === "birthDate" ? [1, most] : [2, nearlyAll];
  if (formats.length < fewest || left.length > values.length * (1 - enough)) return undefined;
  const read = 1 - left.length / values.length;
  const format = formats.map((each) => each.format).join(" or ");
  const [doubt = ""] = formats.map((each) => each.doubt).filter((each) => each !== "");
  return {
    kind: kinds[word],
    code: `${word}(${quote(column)}, ${options(format, word)})`,
    because: `${read < nearlyAll ? `${Math.round(read * 100)} % of the values are ` : ""}days as ${format}${doubt}${format.endsWith("serial") && word === "date" ? bounded : ""}`,
  };
}

/** What stands between the parts of a day's format. */
const signOf = (format: string): string => /[^dMy]/u.exec(format)?.[0] ?? "";

/** Whether the last of two digits are a year: some are no day, or beside them years have four digits behind the same sign. */
const isYear = ({ format }: Shape, values: readonly string[], known: readonly string[]): boolean =>
  values.some((value) => /\D(?:00|3[2-9]|[4-9]\d)$/u.test(value)) ||
  known.some((other) => /^[dM]/u.test(other) && signOf(other) === signOf(format));

/** One of several formats as it is written, and what is in doubt; of all days with its sign it is told what is a month. */
function oneOfSeveral({ format }: Shape, values: readonly string[]) {
  if (format === "iso") {
    if (!values.some((value) => moments.test(value))) return { format: "yyyy-MM-dd", doubt: "" };
    return { format, doubt: values.some((value) => late.test(value)) ? `; ${midnights}` : "" };
  }
  const alike = new RegExp(`^\\d{1,2}[${signOf(format)}]\\d{1,2}\\D`, "u");
  const told = inOrder(
    format,
    isShort(format) ? values.filter((value) => alike.test(value)) : values,
  );
  if (!isShort(format)) return told;
  return {
    format: `${told.format} from ${firstYear}`,
    doubt: `${told.doubt}; say the first of the hundred years they are of`,
  };
}

const kinds = {
  ...{ birthDate: "birth_date", createdAt: "created_at", timestamp: "timestamp", date: "date" },
} as const;

/**
 * 31/12 tells days from months; without such a day nobody can. Where values tell both, as some are written by somebody
 * else, what most of them tell counts, and it is said.
 */
function inOrder(format: string, values: readonly string[]) {
  if (!format.startsWith("d") || format.includes("MMM")) return { format, doubt: "" };
  const beyondMonths = (at: number) =>
    values.filter((value) => Number(value.split(/\D/u)[at]) > 12).length;
  const [first, second] = [beyondMonths(0), beyondMonths(1)];
  const doubt =
    first === 0 && second === 0
      ? "; no value tells days from months: look"
      : first > 0 && second > 0
        ? "; some values have the month first, others the day: look"
        : "";
  if (second <= first) return { format, doubt };
  const [days = "dd", months = "MM"] = format.split(/[^dM]/u);
  const swapped = `${months}${format.slice(days.length).replace(months, days)}`;
  return { format: swapped, doubt };
}
