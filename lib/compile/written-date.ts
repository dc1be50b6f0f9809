import { literal } from "../data/sql.ts";
import type { Condition, Field, Migration } from "../define/definition.ts";

type Dated = Extract<Condition, { dated: string }>;

/** What a date that a definition writes down has to be to be held against a field, by how that is staged. */
type Written = "day" | "clock" | "instant";

const sqlTypes = { day: "date", clock: "timestamp", instant: "timestamptz" } as const;
const wanted = {
  day: "a day, with what is none: write it as 2015-01-01",
  clock:
    "what a clock showed, with what no clock shows: write it as 2015-01-01 or 2015-01-01T18:30, without an offset",
  instant:
    "an instant, with what is none: write it with its offset, as 2015-01-01T00:00:00+01:00 or 2014-12-31T23:00:00Z",
} as const;

const DATE = /^(\d{4}-\d\d-\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** A date that a definition writes down, as SQL of the type of the field that it is held against. */
export const writtenDate = ({ dated, isBefore }: Dated, { entity }: Migration): string =>
  `${literal(isBefore)}::${sqlTypes[writtenAs(entity.fields[dated])]}`;

/** A day and a time of day exist, and an offset stands behind an instant and nothing else. */
export function writtenDateProblems(
  { dated, isBefore }: Dated,
  { entity }: Migration,
  where: string,
): string[] {
  const as = writtenAs(entity.fields[dated]);
  return isWritten(isBefore, as)
    ? []
    : [`${where} compares “${dated}”, ${wanted[as]} instead of “${isBefore}”.`];
}

function writtenAs(field: Field | undefined): Written {
  if (field?.kind === "date" || field?.kind === "birth_date") return "day";
  return field?.kind === "timestamp" && field.zone !== undefined ? "instant" : "clock";
}

function isWritten(text: string, as: Written): boolean {
  const [, day = "", hour, minute = "0", second = "0", offset] = DATE.exec(text) ?? [];
  const exists =
    isDay(day) &&
    Number(hour ?? 0) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60 &&
    (offset === undefined || isOffset(offset));
  if (!exists) return false;
  if (as === "day") return hour === undefined;
  return (offset !== undefined) === (as === "instant");
}

/** Whether the calendar has this day; there is no year 0. */
function isDay(day: string): boolean {
  const at = new Date(`${day}T00:00:00Z`);
  return !day.startsWith("0000") && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}

/** None of any zone is further from Greenwich than 14 hours. */
const isOffset = (text: string): boolean =>
  text === "Z" ||
  (Number(text.slice(4)) < 60 && Number(text.slice(1, 3)) * 60 + Number(text.slice(4)) <= 840);
