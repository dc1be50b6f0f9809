import { badRequest } from "./errors.ts";

/** A parameter as it comes in the request's JSON. */
export interface SqlParameter {
  readonly name?: string | null;
  readonly value?: Readonly<Record<string, unknown>> | null;
  readonly typeHint?: string | null;
}

/** The PostgreSQL types that parameters are cast to. */
type Cast =
  | "bigint"
  | "text"
  | "double precision"
  | "boolean"
  | "bytea"
  | "date"
  | "time"
  | "timestamp"
  | "numeric"
  | "jsonb"
  | "uuid";

/** A parameter as the database gets it: always typed, as the service's driver does. */
export interface TypedParameter {
  readonly cast: Cast;
  readonly value: string | Buffer | null;
}

interface Hint {
  readonly cast: Cast;
  readonly accepts: RegExp;
}

/** Type hints with the formats that the service documents for them. */
const HINTS: Readonly<Record<string, Hint>> = {
  DATE: { cast: "date", accepts: /^\d{4}-\d{2}-\d{2}$/ },
  TIME: { cast: "time", accepts: /^\d{2}:\d{2}:\d{2}(\.\d{1,3})?$/ },
  TIMESTAMP: { cast: "timestamp", accepts: /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,3})?$/ },
  DECIMAL: { cast: "numeric", accepts: /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/ },
  // The database itself judges JSON: parsing a megabyte twice would be paid on every chunk of rows.
  JSON: { cast: "jsonb", accepts: /^/ },
  UUID: { cast: "uuid", accepts: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i },
};

/**
 * Types a call's parameters by name. A null is typed `text` unless a hint says otherwise.
 *
 * @throws {ServiceError} BadRequestException for arrays, missing values, unknown or wrong hints.
 */
export function typedParameters(
  parameters: readonly SqlParameter[] | null | undefined,
): Map<string, TypedParameter> {
  const typed = new Map<string, TypedParameter>();
  for (const parameter of parameters ?? []) {
    const name = parameter?.name;
    if (typeof name !== "string") throw badRequest("Parameter name is missing");
    typed.set(name, typeParameter(name, parameter));
  }
  return typed;
}

function typeParameter(name: string, { value, typeHint }: SqlParameter): TypedParameter {
  const [kind, content] = fieldOf(name, value);
  if (typeHint === undefined || typeHint === null) return withoutHint(name, kind, content);
  const hint = HINTS[typeHint];
  if (!hint) throw badRequest(`Parameter "${name}" has the unknown type hint ${typeHint}`);
  if (kind === "isNull") return { cast: hint.cast, value: null };
  if (kind !== "stringValue" || typeof content !== "string" || !hint.accepts.test(content)) {
    throw badRequest(`Parameter "${name}" does not have the format of type hint ${typeHint}`);
  }
  return { cast: hint.cast, value: content };
}

function withoutHint(name: string, kind: string, content: unknown): TypedParameter {
  switch (kind) {
    case "isNull":
      return { cast: "text", value: null };
    case "stringValue":
      if (typeof content === "string") return { cast: "text", value: content };
      break;
    case "longValue":
      if (isLong(content)) return { cast: "bigint", value: String(content) };
      break;
    case "doubleValue":
      if (typeof content === "number" || isSpecialDouble(content)) {
        return { cast: "double precision", value: String(content) };
      }
      break;
    case "booleanValue":
      if (typeof content === "boolean") return { cast: "boolean", value: String(content) };
      break;
    case "blobValue":
      if (typeof content === "string") {
        return { cast: "bytea", value: Buffer.from(content, "base64") };
      }
      break;
    case "arrayValue":
      throw badRequest("Array parameters are not supported.");
  }
  throw badRequest(`Parameter "${name}" has a value that is not a ${kind}`);
}

/** The one member that a value may have. The SDK sends no others; other clients may send nulls. */
function fieldOf(name: string, value: SqlParameter["value"]): [string, unknown] {
  const set = Object.entries(value ?? {}).filter(
    ([kind, content]) => content !== null && !(kind === "isNull" && content === false),
  );
  const [first] = set;
  if (!first) throw badRequest(`Parameter "${name}" has value with no field set`);
  if (set.length > 1) throw badRequest(`Parameter "${name}" has value with several fields set`);
  return first;
}

/** A 64-bit integer, which comes as a bigint where a number would round it. */
function isLong(content: unknown): content is number | bigint {
  if (typeof content === "bigint") return BigInt.asIntN(64, content) === content;
  return Number.isSafeInteger(content);
}

const isSpecialDouble = (content: unknown) =>
  content === "NaN" || content === "Infinity" || content === "-Infinity";
