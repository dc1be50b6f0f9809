import { parseArray } from "./array-text.ts";
import type { ColumnType, Kind } from "./column-types.ts";

/** `resultSetOptions` of a request. */
interface ResultOptions {
  readonly decimals: "STRING" | "DOUBLE_OR_LONG";
  readonly longs: "LONG" | "STRING";
}

/** Turns a column's text from the database into JSON text: values are never parsed in between. */
export type Encoder = (raw: string) => string;

/** What of `resultSetOptions` is asked for; its words are the model's. */
export const resultOptions = (
  given: Readonly<Record<string, unknown>> | null | undefined,
): ResultOptions => ({
  decimals: given?.decimalReturnType === "DOUBLE_OR_LONG" ? "DOUBLE_OR_LONG" : "STRING",
  longs: given?.longReturnType === "STRING" ? "STRING" : "LONG",
});

/** The JSON of a `Field` for columns of this type. */
export function fieldEncoder(type: ColumnType, options: ResultOptions): Encoder {
  const value = valueEncoder(type.kind, options);
  if (type.array) {
    return (raw) => `{"arrayValue":{"${arrayMember(type.kind, options)}":${elements(raw, value)}}}`;
  }
  if (type.kind === "decimal" && options.decimals === "DOUBLE_OR_LONG") {
    return (raw) => `{"${isWhole(raw) ? "longValue" : "doubleValue"}":${value(raw)}}`;
  }
  const member = scalarMember(type.kind, options);
  return (raw) => `{"${member}":${value(raw)}}`;
}

/** The plain JSON of a value, for `formatRecordsAs: JSON`. */
export function jsonEncoder(type: ColumnType, options: ResultOptions): Encoder {
  const value = valueEncoder(type.kind, options);
  return type.array ? (raw) => elements(raw, value) : value;
}

function valueEncoder(kind: Kind, options: ResultOptions): Encoder {
  switch (kind) {
    case "long":
      return options.longs === "STRING" ? quoted : (raw) => raw;
    case "decimal":
      return options.decimals === "STRING" ? quoted : number;
    case "double":
      return number;
    case "boolean":
      return (raw) => (raw === "t" ? "true" : "false");
    case "blob":
      return (raw) => `"${Buffer.from(raw.slice(2), "hex").toString("base64")}"`;
    case "time":
      return (raw) => quoted(withFraction(raw));
    case "zoned":
      // Connections are set to UTC, so that the zone is always +00.
      return (raw) => quoted(withFraction(raw.replace(/\+00( BC)?$/, "$1")));
    case "text":
      return quoted;
  }
}

const quoted: Encoder = (raw) => JSON.stringify(raw);

/** JSON has no word for NaN and Infinity; the protocol writes them as strings. */
const number: Encoder = (raw) => (/[a-z]{2}/i.test(raw) ? quoted(raw) : raw);

/** No fraction, milliseconds, or microseconds: as many places as the value needs, in threes. */
function withFraction(raw: string): string {
  return raw.replace(/\.\d+/, (found) => {
    const places = found.slice(1).padEnd(6, "0");
    if (places === "000000") return "";
    return places.endsWith("000") ? `.${places.slice(0, 3)}` : `.${places}`;
  });
}

const isWhole = (raw: string) => /^-?\d+$/.test(raw);

function scalarMember(kind: Kind, options: ResultOptions): string {
  switch (kind) {
    case "long":
      return options.longs === "STRING" ? "stringValue" : "longValue";
    case "double":
      return "doubleValue";
    case "boolean":
      return "booleanValue";
    case "blob":
      return "blobValue";
    default:
      return "stringValue";
  }
}

function arrayMember(kind: Kind, options: ResultOptions): string {
  if (kind === "decimal" && options.decimals === "DOUBLE_OR_LONG") return "doubleValues";
  return `${scalarMember(kind, options)}s`;
}

const elements = (raw: string, value: Encoder) =>
  `[${parseArray(raw)
    .map((element) => (element === null ? "null" : value(element)))
    .join(",")}]`;
