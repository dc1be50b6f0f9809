import type { Field } from "../../define/definition.ts";
import type { Else } from "../../define/fields.ts";
import type { Fault } from "../../define/findings.ts";
import { splitAt } from "../../define/marks.ts";
import { durationReader } from "../../normalize/duration.ts";
import { textReader } from "../../normalize/free-text.ts";
import { normalizeJson } from "../../normalize/json.ts";
import { dateReader, momentReader } from "../../normalize/moment.ts";
import { numberReader } from "../../normalize/number.ts";
import { stripInvisible } from "../../normalize/text.ts";
import { timeOfDayReader } from "../../normalize/time-of-day.ts";
import { normalizeUuid } from "../../normalize/uuid.ts";
import { wordReader } from "../../normalize/words.ts";

/** What a field's value is, and what is wrong with it. */
export type Reader = (raw: string | null) => {
  readonly value: string | null;
  readonly reason: Fault | "missing" | null;
};

export type ReadField = Exclude<
  Field,
  {
    kind:
      | "name"
      | "phone"
      | "email"
      | "birth_date"
      | "status"
      | "created_at"
      | "reference"
      | "digest"
      | "template"
      | "composed"
      | "range"
      | "list"
      | "file";
  }
>;

/** Makes the function that reads a field of one value. */
export const valueReader = (field: ReadField): Reader => butNone(field, ofKind(field));

/** The same of what is not one of the texts that stand for nothing in a field. */
export function butNone<Read>(
  field: object,
  read: (raw: string | null) => Read,
): (raw: string | null) => Read {
  const { none = [] } = field as Else;
  if (none.length === 0) return read;
  const asCompared = (text: string) => stripInvisible(text).trim().toLowerCase();
  const words = new Set(none.map(asCompared));
  return (raw) => read(raw !== null && words.has(asCompared(raw)) ? null : raw);
}

function ofKind(field: ReadField): Reader {
  switch (field.kind) {
    case "text":
      return textReader(field);
    case "number":
      return numberReader(field);
    case "boolean":
      return wordReader({ ...meaning(field.yes, "true"), ...meaning(field.no, "false") });
    case "uuid":
      return normalizeUuid;
    case "json":
      return normalizeJson;
    case "date":
      return dateReader(field);
    case "time":
      return timeOfDayReader(field.format);
    case "duration":
      return durationReader(field);
    case "timestamp":
      return momentReader(field);
    case "choice":
      return wordReader(field.means, {
        ...field,
        firstOf: field.firstOf === undefined ? undefined : splitAt(field.firstOf),
      });
  }
}

const meaning = (words: readonly string[], means: string) =>
  Object.fromEntries(words.map((word) => [word, means]));

/** A date of a declared format, or zone, as databases write it; what cannot be read stays as it is not read there. */
export function asIso(
  { format, zone }: { readonly format?: string; readonly zone?: string },
  reader: (form: { format?: string; zone?: string }) => Reader,
): (raw: string | null) => string | null {
  if (format === undefined && zone === undefined) return (raw) => raw;
  const read = reader({ ...(format && { format }), ...(zone && { zone }) });
  return (raw) => {
    const { value, reason } = read(raw);
    if (reason === "zero") return "0000-00-00";
    // What has no digit is no date in any notation: a word for nobody knows is known as one.
    if (reason === "unreadable" && raw !== null && !/\p{Nd}/u.test(raw)) return raw;
    return value ?? (reason === "missing" ? null : "unreadable");
  };
}
