import type { Migration, Value } from "../../define/definition.ts";
import { importedColumns, valueColumn } from "../columns.ts";
import type { TargetColumn } from "./table.ts";
import { exactNumber, isWhole, readAs } from "./type-fit.ts";

/** What of a value a column would not keep. */
interface Loss {
  /** What the column holds, in words: “2 digits behind the point”. */
  readonly holds: string;
  /** When a value would lose something, as SQL. */
  readonly loses: string;
}

/**
 * What a column would leave out of a field's value without a word, as an insert does it: digits that it does not keep, of
 * numbers and of seconds, in lists too; of an instant the time of its day, which is another day in each zone; what stands behind
 * the bytes of a name; a key that JSON has twice. Undefined where it keeps all.
 */
export function lossFor(
  migration: Migration,
  value: Value,
  { base }: Pick<TargetColumn, "base">,
  is: string,
): Loss | undefined {
  if (!("staged" in value)) return undefined;
  const column = valueColumn(migration, value.staged);
  // A row's values as they came are JSON already.
  if (column === "raw_payload") return undefined;
  const own = importedColumns(migration).find(({ name }) => name === column)?.type ?? "text";
  if (own !== "jsonb" || !base.endsWith("[]")) return lossOf(own, base, is);
  const element = lossOf("text", base.slice(0, -"[]".length), "e.v");
  return (
    element && {
      holds: element.holds,
      loses: `exists (select from jsonb_array_elements_text(case jsonb_typeof(${is}) when 'array' then ${is} else '[]' end) e(v) where ${element.loses})`,
    }
  );
}

/** The same of a value of a type. */
function lossOf(own: string, base: string, is: string): Loss | undefined {
  if (base === "date" && own === "timestamptz")
    return { holds: "a day and no time", loses: `(${is})::date::timestamptz <> (${is})` };
  if (own === "text") return lossOfText(base, is);
  const clock = clockOf(base);
  if (clock !== undefined) return /^time/.test(own) ? lossOfTime(own, clock, is) : undefined;
  return exactNumber.test(own) ? lossOfNumber(own, base, is, `(${is})::numeric`) : undefined;
}

function lossOfText(base: string, is: string): Loss | undefined {
  const clock = clockOf(base);
  if (base === "date" || clock !== undefined) {
    const time = `(${readAs(is, clock?.whole ?? "timestamp without time zone")})`;
    const less = clock === undefined ? `date_trunc('day', ${time})` : `(${readAs(is, base)})`;
    // What is read as another time tomorrow is no value at all.
    const changing = `(${is}) ~* '\\m(now|today|tomorrow|yesterday)\\M'`;
    return {
      holds: clock === undefined ? "a day and no time" : digitsOfSecond(clock.digits),
      loses: `${changing} or ${time} <> ${less}${clock === undefined ? "" : beyondMicroseconds(is)}`,
    };
  }
  if (base.startsWith("interval") && !base.endsWith("]"))
    return {
      holds: "lengths of time that are less exact",
      loses: `(${readAs(is, "interval")}) <> (${readAs(is, base)})${beyondMicroseconds(is)}`,
    };
  if (base === "name") return { holds: "63 bytes", loses: `octet_length(${is}) > 63` };
  if (base === '"char"') return { holds: "1 byte", loses: `octet_length(${is}) > 1` };
  if (base === "jsonb")
    return {
      holds: "each key once",
      loses: `case when pg_input_is_valid(${is}, 'jsonb') then not (${is}) is json with unique keys end`,
    };
  return lossOfNumber("text", base, is, `(${readAs(is, "numeric")})`);
}

/** Of a time or an instant: digits of a second, and of a time of day alone the day. */
function lossOfTime(own: string, { whole, base, digits }: Clock, is: string): Loss | undefined {
  const kind = (type: string) => (type.startsWith("timestamp") ? "timestamp" : "time");
  if (kind(own) !== kind(base))
    return kind(base) === "time"
      ? { holds: "a time and no day", loses: `(${is}) is not null` }
      : undefined;
  if (digits === 6) return undefined;
  return { holds: digitsOfSecond(digits), loses: `(${is})::${whole} <> (${is})::${base}` };
}

function lossOfNumber(own: string, base: string, is: string, number: string): Loss | undefined {
  if (floating.test(base))
    return { holds: "fewer digits", loses: `${number} <> (${readAs(is, base)})::text::numeric` };
  const digits = digitsKept(base);
  // A text with such digits, or a whole number into another type of those, is none of the column's, or the same.
  if (digits === undefined || (isWhole(base) && own !== "numeric")) return undefined;
  return {
    holds: digits > 0 ? behindThePoint(digits) : wholeBy(10 ** -digits),
    loses: `${number} <> round(${number}, ${digits})`,
  };
}

/** A type of times, as one below all domains: the same to its last digit, and how many digits of a second it keeps. */
interface Clock {
  readonly base: string;
  readonly whole: string;
  readonly digits: number;
}

function clockOf(base: string): Clock | undefined {
  const [, kind, digits = "6", zone] =
    /^(timestamp|time)(?:\((\d)\))? (with(?:out)? time zone)$/.exec(base) ?? [];
  return kind === undefined
    ? undefined
    : { base, whole: `${kind} ${zone}`, digits: Number(digits) };
}

const digitsOfSecond = (digits: number): string =>
  digits === 0 ? "whole seconds" : `${digits} digit${digits === 1 ? "" : "s"} of a second`;
/** PostgreSQL itself keeps six. */
const beyondMicroseconds = (is: string): string => ` or (${is}) ~ '[.,][0-9]{6}0*[1-9]'`;

const behindThePoint = (digits: number): string =>
  `${digits === 1 ? "1 digit" : `${digits} digits`} behind the point`;
const wholeBy = (step: number): string =>
  step === 1 ? "whole numbers" : `whole numbers that end with ${`${step}`.slice(1)}`;

const floating = /^(real|double precision)$/;

/** How many digits behind the point a type of exact numbers keeps; undefined of other types, and where it keeps all. */
function digitsKept(base: string): number | undefined {
  if (isWhole(base)) return 0;
  if (base === "money") return 2;
  const scale = /^numeric\(\d+,(-?\d+)\)$/.exec(base)?.[1];
  return scale === undefined ? undefined : Number(scale);
}
