import type { SqlParameter } from "@aws-sdk/client-rds-data";

/**
 * A SQL text with typed parameters, built by the {@link sql} tag. The Data API binds by name and by
 * type, and so does this: no value ever becomes part of the text.
 */
export interface Sql {
  readonly kind: "sql";
  readonly parts: readonly string[];
  readonly values: readonly SqlValue[];
}

/** A value with the type the Data API is told. */
export type SqlValue = Sql | Typed;

interface Typed {
  readonly kind: "typed";
  readonly parameter: Omit<SqlParameter, "name">;
  /** Cast written behind the parameter, as a typed parameter is not coerced. */
  readonly cast: string;
}

/** A whole number above 2^53 was to be bound as a number, which has rounded it already: a defect. */
export class InexactInteger extends Error {
  override readonly name = "InexactInteger";

  constructor() {
    super(
      "A whole number above 2^53 would be written rounded. Nothing was written; it has to come as its digits.",
    );
  }
}

type Plain = string | number | boolean | null;

/** Builds a statement: plain values become typed parameters, {@link Sql} values are spliced in. */
export function sql(parts: TemplateStringsArray, ...values: readonly (SqlValue | Plain)[]): Sql {
  return { kind: "sql", parts: [...parts], values: values.map(typed) };
}

function typed(value: SqlValue | Plain): SqlValue {
  if (value === null) return { kind: "typed", parameter: { value: { isNull: true } }, cast: "" };
  switch (typeof value) {
    case "string":
      return { kind: "typed", parameter: { value: { stringValue: value } }, cast: "" };
    case "boolean":
      return { kind: "typed", parameter: { value: { booleanValue: value } }, cast: "" };
    case "number":
      if (Number.isSafeInteger(value)) {
        return { kind: "typed", parameter: { value: { longValue: value } }, cast: "" };
      }
      if (Number.isInteger(value)) throw new InexactInteger();
      return { kind: "typed", parameter: { value: { doubleValue: value } }, cast: "" };
    default:
      return value;
  }
}

const cast =
  (type: string) =>
  (value: string | null): SqlValue => ({
    kind: "typed",
    parameter: { value: value === null ? { isNull: true } : { stringValue: value } },
    cast: `::${type}`,
  });

/** A uuid. */
export const uuid = cast("uuid");
/** A date as `YYYY-MM-DD`. */
export const date = cast("date");
/** A moment as ISO 8601. */
export const timestamp = cast("timestamptz");
/** Text that may be null. */
export const text = cast("text");
/** A 64-bit integer that may be null or beyond what a JavaScript number keeps. */
export const bigint = (value: number | bigint | string | null): SqlValue => {
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new InexactInteger();
  return cast("bigint")(value === null ? null : String(value));
};
/** Any JSON value, as jsonb. */
export const json = (value: unknown): SqlValue => cast("jsonb")(JSON.stringify(value));

/** SQL text of our own (compiled, or a constant): never a value from outside. */
export const raw = (text: string): Sql => ({ kind: "sql", parts: [text], values: [] });

/** Joins statements' parts, e.g. conditions with ` and `. */
export function join(list: readonly Sql[], separator: string): Sql {
  const [first = raw(""), ...others] = list;
  // One beside the other: within each other some thousands are too deep to be rendered.
  return {
    kind: "sql",
    parts: ["", ...others.map(() => separator), ""],
    values: [first, ...others],
  };
}

/**
 * Parts of a statement in as few lists as statements take, where all of them may be longer than one: each list has one
 * part at least, and in all no more than so many characters.
 */
export function inLists<Part extends Sql | string>(parts: readonly Part[], most: number): Part[][] {
  const lists: Part[][] = [];
  let room = 0;
  for (const part of parts) {
    const { length } = typeof part === "string" ? part : render(part).sql;
    if (lists.length === 0 || length > room) {
      lists.push([]);
      room = most;
    }
    lists.at(-1)?.push(part);
    room -= length;
  }
  return lists;
}

/** A quoted identifier. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A quoted text literal for compiled SQL. */
export const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/**
 * A column of the platform's as its text, letter by letter: by a collation of its own letters of another case may be the
 * same, and then no pattern can be looked for in it.
 */
export const plainText = (column: string): string =>
  `${identifier(column)}::text collate "default"`;

/** What a function of PostgreSQL takes. */
export const argumentsAtMost = 100;

/**
 * A JSON object of texts, each by its name and as SQL: a function takes a hundred arguments at most, and these are
 * arrays.
 */
export const textObject = (pairs: readonly (readonly [name: string, text: string])[]): string =>
  pairs.length <= argumentsAtMost / 2
    ? `jsonb_build_object(${pairs.map(([name, text]) => `${literal(name)}, ${text}`).join(", ")})`
    : `jsonb_object(array[${pairs.map(([name]) => literal(name)).join(", ")}]::text[], array[${pairs.map(([, text]) => text).join(", ")}]::text[])`;

/** Texts with something between them; what is null is left out. However many. */
export const joinedTexts = (separator: string, texts: readonly string[]): string =>
  texts.length < argumentsAtMost
    ? `concat_ws(${literal(separator)}, ${texts.join(", ")})`
    : `array_to_string(array[${texts.join(", ")}]::text[], ${literal(separator)})`;

/** A list of quoted text literals for `in (…)`. */
export const literals = (values: readonly string[]): string => values.map(literal).join(", ");

/**
 * Tables as `(name, oid)`, whose number is null where none of the name is there. In one list: of a select for each the
 * database makes a plan for each.
 */
export const tablesNamed = (names: readonly string[]): string =>
  `select t.name, to_regclass(quote_ident(t.name))::oid as oid from unnest(array[${literals(names)}]::text[]) t(name)`;

/**
 * That a column, by its table's name and its own, is one of some. As a list of pairs each would be weighed by itself
 * against what is known of all columns, which took most of the time to plan what a wave looks at.
 */
export const isOneOf = (
  table: string,
  column: string,
  columns: readonly (readonly [table: string, column: string])[],
): string =>
  `exists (select from unnest(array[${literals(columns.map(([of]) => of))}]::text[], array[${literals(columns.map(([, name]) => name))}]::name[]) o(of, name) where o.of = ${table} and o.name = ${column})`;

/** A statement as a text by itself, its values as literals: for functions of the database that are given one. */
export const asText = ({ parts, values }: Sql): string =>
  parts.reduce((text, next, index) => {
    const value = values[index - 1];
    if (value === undefined) return text + next;
    if (value.kind === "sql") return text + asText(value) + next;
    const { isNull, stringValue, ...other } = value.parameter.value ?? {};
    const [plain] = Object.values(other);
    const shown = isNull ? "null" : stringValue === undefined ? `${plain}` : literal(stringValue);
    return text + shown + value.cast + next;
  });

/** The statement as the Data API takes it. */
export function render(statement: Sql): { sql: string; parameters: SqlParameter[] } {
  const parameters: SqlParameter[] = [];
  const write = (part: Sql): string =>
    part.parts.reduce((text, next, index) => {
      const value = part.values[index - 1];
      if (value === undefined) return text + next;
      if (value.kind === "sql") return text + write(value) + next;
      const name = `p${parameters.length + 1}`;
      parameters.push({ name, ...value.parameter });
      return `${text}:${name}${value.cast}${next}`;
    });
  return { sql: write(statement), parameters };
}
