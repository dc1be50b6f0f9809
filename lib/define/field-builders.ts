import type {
  BoundField,
  DurationUnit,
  Else,
  Field,
  Lasting,
  LastingUnit,
  Moment,
  TimestampField,
} from "./fields.ts";
import { columnsRead } from "./fields.ts";
import { piecesOf } from "./pieces.ts";

type Kind = Field["kind"];
type Of<K extends Kind> = Extract<Field, { readonly kind: K }>;
/** A field whose columns types know by their names. */
type From<K extends Kind, Column extends string> = Of<K> & { readonly from: Column };
type Parts<K extends Kind, Column extends string> = Of<K> & { readonly parts: readonly Column[] };

/** The same of a field that may name columns which count where its own is empty. */
type OrElse<Field, Options> = Omit<Field, "absent"> & Pick<Options, "absent" & keyof Options>;

/** Columns, and what else is to be said of them. */
type ColumnsThen<Options> = readonly [...string[], string | Options];
const split = <Given extends readonly unknown[]>(given: Given) => ({
  columns: given.filter((each) => typeof each === "string") as Extract<Given[number], string>[],
  options: given.find((each) => typeof each === "object") as
    | Exclude<Given[number], string>
    | undefined,
});

/** Its columns, last name first; the last argument may say what is none. */
export const name = <const Given extends ColumnsThen<Omit<Of<"name">, "kind" | "parts">>>(
  ...given: Given
): Parts<"name", Extract<Given[number], string>> => {
  const { columns, options } = split(given);
  return { kind: "name", parts: columns, ...options };
};
export const phone = <
  const Column extends string,
  const Options extends Omit<Of<"phone">, "kind" | "from">,
>(
  from: Column,
  options: Options,
): Omit<From<"phone", Column>, "country"> & Pick<Options, "country" & keyof Options> => ({
  kind: "phone",
  from,
  ...options,
});
export const email = <const Column extends string>(
  from: Column,
  { placeholders = [], sharedBy = 5 }: { placeholders?: string[]; sharedBy?: number } = {},
): From<"email", Column> => ({ kind: "email", from, placeholders, sharedBy });
export const birthDate = <const Column extends string>(
  from: Column,
  options: {
    implausible?: string[];
    youngest?: number;
    format?: string;
    zone?: string;
    none?: readonly string[];
  } = {},
): From<"birth_date", Column> => ({ kind: "birth_date", from, ...options });
export const status = <const Column extends string>(
  from: Column,
  options: { as?: string } = {},
): From<"status", Column> => ({
  kind: "status",
  from,
  ...options,
});
export const createdAt = <const Column extends string>(
  from: Column,
  options: { format?: string } = {},
): From<"created_at", Column> => ({
  kind: "created_at",
  from,
  ...options,
});
/** A text of the legacy system. */
export const text = <const Column extends string>(
  from: Column,
  options: {
    longest?: number;
    lines?: boolean;
    lower?: boolean;
    upper?: boolean;
    without?: string[];
    digits?: number;
    placeholders?: string[];
  } = {},
): From<"text", Column> => ({ kind: "text", from, ...options });
type NumberOptions = Omit<Of<"number">, "kind" | "from" | "whole">;
/** `integer("score")`; `integer("seats", { absent: "places" })` is that of the other column where this one is empty. */
export const integer = <const Column extends string, const Options extends NumberOptions>(
  from: Column,
  options?: Options,
): OrElse<From<"number", Column>, Options> => ({
  kind: "number",
  from,
  whole: true,
  ...(options as Options),
});
export const decimal = <const Column extends string, const Options extends NumberOptions>(
  from: Column,
  options?: Options,
): OrElse<From<"number", Column>, Options> => ({
  kind: "number",
  from,
  whole: false,
  ...(options as Options),
});
/** `boolean("newsletter", { yes: ["Y"], no: ["N", ""] })`. */
export const boolean = <
  const Column extends string,
  const Words extends { readonly yes: readonly string[]; readonly no: readonly string[] } & Else,
>(
  from: Column,
  words: Words,
): OrElse<From<"boolean", Column>, Words> => ({
  kind: "boolean",
  from,
  ...words,
});
/** `sha1("post:{id}:{room|none}")`, as hex: the keys of platforms that make them so. */
export const sha1 = <const Text extends string>(of: Text) => digest("sha1", of);
/** The same by SHA-256. */
export const sha256 = <const Text extends string>(of: Text) => digest("sha256", of);
const digest = <Text extends string>(
  by: "sha1" | "sha256",
  of: Text,
): Parts<"digest", ColumnsIn<Text>> => ({
  kind: "digest",
  by,
  of,
  parts: columnsIn(of),
});
const columnsIn = <Text extends string>(...texts: Text[]): ColumnsIn<Text>[] => [
  ...new Set(
    texts.flatMap((text) =>
      piecesOf(text).flatMap((piece) =>
        "column" in piece ? [piece.column as ColumnsIn<Text>] : [],
      ),
    ),
  ),
];
/** The columns that a text names in braces, as types see them: of braces in braces the inner ones. */
type ColumnsIn<Text extends string> = string extends Text
  ? string
  : Text extends `${string}{${infer Inside}}${infer Rest}`
    ? Inside extends `${string}{${infer Inner}`
      ? ColumnsIn<`{${Inner}}${Rest}`>
      : Exclude<Inside extends `${infer Column}|${string}` ? Column : Inside, ""> | ColumnsIn<Rest>
    : never;
/** `template("{item.title}", "{item.filename}", "Untitled")`: the first text all of whose columns are there. */
export const template = <const Text extends string>(
  ...of: Text[]
): Parts<"template", ColumnsIn<Text>> => ({
  kind: "template",
  of,
  parts: columnsIn(...of),
});
/**
 * `composed("{street} {house_no}", "{zip} {town}", { with: ", " })`: a text composed of columns, without what is missing;
 * `composed("{title} – {year}", { longest: 80 })`.
 */
export const composed = <
  const Given extends ColumnsThen<Omit<Of<"composed">, "kind" | "of" | "parts">>,
>(
  ...given: Given
): Parts<"composed", ColumnsIn<Extract<Given[number], string>>> => {
  const { columns: of, options } = split(given);
  return { kind: "composed", of, parts: columnsIn(...of), ...options };
};
type FileOptions = Omit<Of<"file">, "kind" | "from">;
/** `file("item.path", { within: "materials", types: ["application/pdf"], says: { size: "item.size" } })`. */
export const file = <const Column extends string, const Options extends FileOptions>(
  from: Column,
  options: Options,
): Omit<From<"file", Column>, "says"> & Pick<Options, "says" & keyof Options> => ({
  kind: "file",
  from,
  ...options,
});
/**
 * `list("criteria", { most: 10 })`: the texts of a list, each once, in order; of several columns the first that has one.
 * Of a text such as `crime,novel`, which a SET is, `list("genres", { by: "," })`.
 */
export const list = <const Given extends ColumnsThen<Omit<Of<"list">, "kind" | "parts">>>(
  ...given: Given
): Parts<"list", Extract<Given[number], string>> => {
  const { columns, options } = split(given);
  return { kind: "list", parts: columns, ...options };
};
export const uuid = <
  const Column extends string,
  const Options extends { readonly derived?: true } & Else,
>(
  from: Column,
  options?: Options,
): OrElse<From<"uuid", Column>, Options> => ({
  kind: "uuid",
  from,
  ...(options as Options),
});
export const json = <const Column extends string>(from: Column): From<"json", Column> => ({
  kind: "json",
  from,
});
/** `date("joined")`; `date("valued", { absent: ["booked", "entered"] })` is the first of them that is there. */
export const date = <const Column extends string, const Options extends Moment & Else>(
  from: Column,
  options?: Options,
): OrElse<From<"date", Column>, Options> => ({
  kind: "date",
  from,
  ...(options as Options),
});
/** `time("starts")`, `time("starts", { format: "H.mm" })`: a time of day. */
export const time = <
  const Column extends string,
  const Options extends { readonly format?: string } & Else,
>(
  from: Column,
  options?: Options,
): OrElse<From<"time", Column>, Options> => ({
  kind: "time",
  from,
  ...(options as Options),
});
/** `duration("loan_period")`, `duration("nights", { unit: "days" })`: how long something takes. */
export const duration = <
  const Column extends string,
  const Options extends { readonly unit?: DurationUnit } & Else,
>(
  from: Column,
  options?: Options,
): OrElse<From<"duration", Column>, Options> => ({
  kind: "duration",
  from,
  ...(options as Options),
});
/**
 * `timestamp("seen", { zone: "Europe/London" })`; of a day in one column and a time of day in another
 * `timestamp("day", { at: time("starts"), zone: "Europe/London" })`.
 */
export const timestamp = <
  const Column extends string,
  const Options extends Moment & Else & Pick<TimestampField, "at">,
>(
  from: Column,
  options?: Options,
): Omit<OrElse<From<"timestamp", Column>, Options>, "at"> &
  Pick<Options, "at" & keyof Options> => ({
  kind: "timestamp",
  from,
  ...(options as Options),
});
/**
 * `range(timestamp("slot", { zone: "Europe/London" }))`: of a column of PostgreSQL's ranges, of days, times or numbers, as it is.
 */
export function range<const Starts extends BoundField>(
  of: Starts,
  options?: { readonly open?: string[] },
): Parts<"range", ColumnsRead<Starts>>;
/**
 * `range(date("first_day"), date("last_day"))`, of two days, times or numbers; the last of days and numbers is in it, of
 * times it is not, unless `last` says so: `range(timestamp("from", { zone }), timestamp("to", { zone }), { last: "in" })`.
 */
export function range<
  const Starts extends BoundField,
  const Ends extends Extract<BoundField, { readonly kind: Starts["kind"] }> | Lasting,
>(
  starts: Starts,
  ends: Ends,
  options?: { readonly last?: "in" | "out"; readonly open?: string[] },
): Parts<"range", ColumnsRead<Starts> | ColumnsRead<Ends>>;
export function range(
  starts: BoundField,
  second: BoundField | Lasting | { readonly open?: string[] } = {},
  options: { readonly last?: "in" | "out"; readonly open?: string[] } = {},
): Of<"range"> {
  if (!("kind" in second))
    return {
      kind: "range",
      starts,
      ends: starts,
      whole: true,
      parts: columnsRead(starts),
      ...second,
      last: "out",
    };
  const days = starts.kind !== "timestamp" && second.kind !== "lasting";
  return {
    kind: "range",
    starts,
    ends: second,
    parts: [
      ...columnsRead(starts),
      ...(second.kind === "lasting" ? [second.from] : columnsRead(second)),
    ],
    ...options,
    last: options.last ?? (days ? "in" : "out"),
  };
}
type ColumnsRead<Bound extends { readonly from: string }> =
  | Bound["from"]
  | (Bound extends { readonly at: infer At extends { readonly from: string } }
      ? At["from"]
      : never);
/**
 * How long a range lasts, as its end: `range(date("arrives"), lasting("nights", "days"))`. Where it ends is not in it, unless
 * `last` says so: three nights from the 1st are up to the 4th, that day not among them.
 */
export const lasting = <const Column extends string>(
  from: Column,
  unit: LastingUnit,
): Omit<Lasting, "from"> & { readonly from: Column } => ({ kind: "lasting", from, unit });
/**
 * `choice("plan", { Gold: "gold", Junior: "concession" })`; of a list of words the first one,
 * `choice("tags", {}, { firstOf: ";", beginnings: [["Hik", "outdoor"]], otherwise: "general" })`.
 */
export const choice = <const Column extends string>(
  from: Column,
  means: Readonly<Record<string, string>>,
  options: Omit<Of<"choice">, "kind" | "from" | "means"> = {},
): From<"choice", Column> => ({ kind: "choice", from, means, ...options });
export const reference = <const Column extends string, const Options extends Else>(
  from: Column,
  to: string,
  options?: Options,
): OrElse<From<"reference", Column>, Options> => ({
  kind: "reference",
  from,
  to,
  ...(options as Options),
});
