import type { Field } from "../guess.ts";
import type { TargetTable } from "../target.ts";

const anyOf = (words: readonly string[]): RegExp =>
  new RegExp(`(^|_)(${words.join("|")})(_|$)`, "u");

/** What the beginning and the end of something are called, here and there. */
const starts = anyOf([
  ...[
    "start",
    "starts",
    "begin",
    "begins",
    "from",
    "since",
    "first",
    "arrival",
    "arrives",
    "debut",
  ],
  ...["du", "von", "beginn", "ab", "fra", "inicio", "desde", "inizio", "dal", "van"],
]);
const ends = anyOf([
  ...["end", "ends", "until", "to", "till", "last", "departure", "departs", "leaves", "fin", "au"],
  ...["bis", "ende", "til", "slut", "hasta", "fine", "al", "tot", "einde"],
]);
/** What so many of a unit are called. */
const units = [
  ["weeks", anyOf(["weeks", "semaines", "wochen", "uger", "semanas", "settimane", "weken"])],
  [
    "days",
    anyOf(["days", "nights", "jours", "nuits", "tage", "naechte", "dage", "naetter", "dagen"]),
  ],
  ["months", anyOf(["months", "mois", "monate", "maaneder", "meses", "mesi", "maanden"])],
  ["years", anyOf(["years", "jahre", "aar", "anni", "jaren"])],
] as const;

/** The kinds of fields that bounds are, by the range that takes them. */
const bounds: Readonly<Record<string, string>> = {
  ...{ daterange: "date", tsrange: "timestamp", numrange: "number" },
};

/**
 * Fields in which a beginning and an end, or how long it lasts, are one range where a platform has one column of ranges, and
 * none for either: what begins and what ends is told by names, where one of each kind is there and no more.
 */
export function withRange(
  fields: readonly Field[],
  into: TargetTable | undefined,
): readonly Field[] {
  const columns = into?.columns ?? [];
  const [column, ...others] = columns.filter(({ basic, made }) => basic in bounds && !made);
  if (column === undefined || others.length > 0) return fields;
  const kind = bounds[column.basic];
  const free = fields.filter(({ field }) => columns.every(({ name }) => name !== field));
  const only = (found: readonly Field[]): Field | undefined =>
    found.length === 1 ? found[0] : undefined;
  const start = only(free.filter((each) => each.kind === kind && starts.test(each.field)));
  const end = only(free.filter((each) => each.kind === kind && ends.test(each.field)));
  const lasts = only(
    free.filter(({ code, field }) => code.startsWith("integer(") && unitOf(field) !== undefined),
  );
  const other = end ?? (kind === "number" ? undefined : lasts);
  if (start === undefined || other === undefined || (end !== undefined && start === end))
    return fields;
  const last =
    other === end
      ? other.code
      : `lasting(${/^integer\(("(?:[^"\\]|\\.)*")/u.exec(other.code)?.[1]}, "${unitOf(other.field)}")`;
  const range = {
    field: column.name,
    kind: "range",
    code: `range(${start.code}, ${last})`,
    because: "where it begins and ends, by their names; say whether the last one is in it",
  };
  return fields.flatMap((each) => (each === start ? [range] : each === other ? [] : [each]));
}

const unitOf = (field: string): string | undefined =>
  units.find(([, looks]) => looks.test(field))?.[0];
