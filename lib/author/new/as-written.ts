import { type Field, fieldName, type Guessed, nearlyAll, quote, share } from "../guess.ts";
import { truths } from "../guess-truth.ts";
import type { TargetColumn, TargetTable } from "../target.ts";
import { columnFor, withoutCents } from "./alike.ts";

/**
 * A field as the column that it goes into has it: a phone with its plus where it takes no other, what is digits as a text where
 * that is one, and an amount in cents where one of both has it so.
 */
const asWritten =
  (into: TargetTable | undefined) =>
  (field: Field): Field => {
    const to = columnFor(field, into?.columns ?? []);
    if (field.kind === "phone" && to?.plus === true)
      return {
        ...field,
        code: field.code.replace(/ \}\)$/u, ", plus: true })"),
        because: `${field.because}; the platform takes it with its plus alone`,
      };
    const [, column] = /^integer\(("(?:[^"\\]|\\.)*")\)$/u.exec(field.code) ?? [];
    if (column !== undefined && /^(text|character varying|character)$/u.test(to?.basic ?? "")) {
      const because = `${field.because}, which the platform has as a text`;
      return { ...field, kind: "text", code: `text(${column})`, because };
    }
    return to === undefined ? field : inCents(field, to);
  };

/** Cents of one side are whole amounts of the other, by what both are called. */
function inCents(field: Field, to: TargetColumn): Field {
  const [theirs, ours] = [fieldName(to.name), field.field];
  const [, args = ""] = /^(?:integer|decimal)\((.*)\)$/u.exec(field.code) ?? [];
  if (args === "") return field;
  const as = (word: string, option: string, because: string) => ({
    ...field,
    code: `${word}(${args.endsWith(" }") ? `${args.slice(0, -2)}, ${option} }` : `${args}, { ${option} }`})`,
    because: `${field.because}; ${because}`,
  });
  const whole = /^(smallint|integer|bigint)$/u.test(to.basic);
  if (withoutCents(ours) !== ours && withoutCents(theirs) === theirs && !whole)
    return as("decimal", "per: 100", "cents, which the platform has as 12.50");
  if (withoutCents(ours) === ours && withoutCents(theirs) !== theirs && whole)
    return as("integer", "times: 100", "the platform counts it in cents");
  return field;
}

/** Days of which the time of day stands in a column of its own, by what both are called. */
export function withClocks(fields: readonly Field[]): readonly Field[] {
  const stem = (field: string) => field.replace(ofDayOrTime, "");
  return fields.map((day) => {
    const clock = fields.find(
      (each) =>
        day.kind === "date" &&
        each.kind === "time" &&
        (stem(each.field) === stem(day.field) || stem(each.field) === day.field),
    );
    const [, from] = /^date\(("(?:[^"\\]|\\.)*")/u.exec(day.code) ?? [];
    return clock === undefined || from === undefined
      ? day
      : {
          ...day,
          because: `${day.because}; timestamp(${from}, { at: ${clock.code} }) is the moment, with its time of day`,
        };
  });
}

const ofDayOrTime =
  /_?(date|day|on|at|time|hour|datum|tag|am|um|uhrzeit|zeit|dato|tid|kl|jour|heure|dia|hora|data|ora)$/u;

/** Words that several hands wrote into one column, where the platform says that it is of yes and no. */
const said = {
  yes: new Set(["-1", ...(truths[0]?.[0] ?? [])]),
  no: new Set(truths[0]?.[1] ?? []),
};

/**
 * A field that goes into a column of yes and no: words of several languages beside each other, and of a column that has
 * only marks, such as `x`, an empty cell as no.
 */
const asTruth =
  (main: Guessed, into: TargetTable | undefined) =>
  (field: Field): Field => {
    const to = columnFor(field, into?.columns ?? []);
    const from = main.guesses.find((guess) => guess.field === field.field)?.column;
    if (to?.basic !== "boolean" || from === undefined || !["choice", "text"].includes(field.kind))
      return field;
    const at = main.columns.indexOf(from);
    const values = main.sample.map((row) => row[at]?.trim() ?? "");
    const held = values.filter((value) => value !== "");
    const of = (known: ReadonlySet<string>) =>
      [...new Set(held)].filter((value) => known.has(value.toLowerCase()));
    const [yes, no] = [of(said.yes), of(said.no)];
    const known = share(held, (value) => yes.includes(value) || no.includes(value));
    if (yes.length === 0 || known < nearlyAll) return field;
    const empty = no.length === 0 && held.length < values.length;
    if (no.length === 0 && !empty) return field;
    return {
      ...field,
      kind: "boolean",
      code: `boolean(${quote(from)}, { yes: [${yes.map(quote).join(", ")}], no: [${(empty ? [""] : no).map(quote).join(", ")}] })`,
      because: `words for yes and no, as the platform has it${empty ? "; an empty cell as no: look" : ""}${known < 1 ? "; what else stands there is held" : ""}`,
    };
  };

/** What stands between the words of a list that is written into one column. */
const marks = [";", "|", ",", "/", "\n"];

/** A field that goes into a column of lists: a text by the marks between its words. */
const asList =
  (main: Guessed, into: TargetTable | undefined) =>
  (field: Field): Field => {
    const to = columnFor(field, into?.columns ?? []);
    const from = main.guesses.find((guess) => guess.field === field.field)?.column;
    if (!to?.basic.endsWith("[]") || from === undefined || !["choice", "text"].includes(field.kind))
      return field;
    const at = main.columns.indexOf(from);
    const found = marks.filter((mark) => main.sample.some((row) => row[at]?.includes(mark)));
    const by = found.length === 1 ? quote(found[0] as string) : `[${found.map(quote).join(", ")}]`;
    return {
      ...field,
      kind: "list",
      code: `list(${quote(from)}${found.length === 0 ? "" : `, { by: ${by} }`})`,
      because: `the platform has a list${found.length === 0 ? "" : "; say what stands between its words"}`,
    };
  };

/** A field that goes into a column of a fixed length, as postcodes have: a number lost the zeros before it. */
const withZeros =
  (main: Guessed, into: TargetTable | undefined) =>
  (field: Field): Field => {
    const to = columnFor(field, into?.columns ?? []);
    const [, digits] = /^character\((\d+)\)$/u.exec(to?.type ?? "") ?? [];
    const [, from] = /^text\("((?:[^"\\]|\\.)*)"\)$/u.exec(field.code) ?? [];
    const at = main.columns.indexOf(from ?? "");
    if (digits === undefined || at < 0) return field;
    const held = main.sample.map((row) => row[at]?.trim() ?? "").filter((value) => value !== "");
    const short = (value: string) => /^\d+$/u.test(value) && value.length < Number(digits);
    return held.some(short) && share(held, (value) => /^\d+$/u.test(value)) >= nearlyAll
      ? {
          ...field,
          code: `text(${quote(from as string)}, { digits: ${digits} })`,
          because: `${field.because}; the platform has ${digits} signs, with the zeros that a number lost`,
        }
      : field;
  };

/** A field as the column that it goes into has it. */
export const written = (main: Guessed, into: TargetTable | undefined) => {
  const ways = [asWritten(into), asTruth(main, into), asList(main, into), withZeros(main, into)];
  return (field: Field): Field => ways.reduce((of, way) => way(of), field);
};
