/**
 * Holds a request against a service's model, in the words of AWS: every constraint that does not hold
 * is told in one `ValidationException`, and a value of another JSON type is a
 * `SerializationException`. The words of the first are recorded in many places; those of the second,
 * and the order of several violations, are assumed.
 */
import type { Shape, Structure } from "./shapes.ts";

/** What is wrong with a request, by the name of AWS's error. */
interface Violation {
  readonly name: "ValidationException" | "SerializationException";
  readonly message: string;
}

/** The first thing that is wrong with a request, or undefined. */
export function violationOf(shape: Structure, request: unknown): Violation | undefined {
  const wrongType = typeProblem(shape, request);
  if (wrongType !== undefined) return { name: "SerializationException", message: wrongType };
  const broken = constraints(shape, request, "");
  if (broken.length === 0) return undefined;
  const errors = broken.length === 1 ? "error" : "errors";
  const message = `${broken.length} validation ${errors} detected: ${broken.join("; ")}`;
  return { name: "ValidationException", message };
}

const JSON_TYPES: Readonly<Record<Shape["type"], readonly string[]>> = {
  string: ["string"],
  blob: ["string"],
  integer: ["number"],
  boolean: ["boolean"],
  // Seconds as a number, or text, by the protocol.
  timestamp: ["number", "string"],
  list: ["array"],
  structure: ["object"],
};

/** How messages call what a member has to be. */
const CALLED: Readonly<Record<Shape["type"], string>> = {
  string: "a String",
  blob: "a Blob",
  integer: "an Integer",
  boolean: "a Boolean",
  timestamp: "a Timestamp",
  list: "a List",
  structure: "a Structure",
};

/** A value that JSON has under another type; `undefined` when all fit. */
function typeProblem(shape: Shape, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const type = jsonType(value);
  if (!JSON_TYPES[shape.type].includes(type)) return problem(type, shape.type);
  if (shape.type === "integer" && !Number.isInteger(value)) return problem(type, shape.type);
  if (shape.type === "list") {
    return first((value as unknown[]).map((item) => typeProblem(shape.of, item)));
  }
  if (shape.type !== "structure") return undefined;
  const given = value as Record<string, unknown>;
  return first(
    Object.entries(shape.members).map(([name, member]) => typeProblem(member, given[name])),
  );
}

function problem(type: string, wanted: Shape["type"]): string {
  if (type === "object") return "Start of structure or map found where not expected.";
  if (type === "array") return "Start of list found where not expected";
  const found = type === "boolean" ? "TRUE_VALUE or FALSE_VALUE" : `${type.toUpperCase()}_VALUE`;
  return `${found} can not be converted to ${CALLED[wanted]}`;
}

/** Every constraint that does not hold. `at` is the place of the value, empty for the request itself. */
function constraints(shape: Shape, value: unknown, at: string): string[] {
  if (value === undefined || value === null) return [];
  switch (shape.type) {
    case "structure":
      return members(shape, value as Record<string, unknown>, at);
    case "list": {
      const items = value as unknown[];
      return [
        ...length(shape, items.length, `'[…]' at '${at}'`),
        ...items.flatMap((item, index) =>
          item === null
            ? [mustNotBeNull(`${at}.${index + 1}.member`)]
            : constraints(shape.of, item, `${at}.${index + 1}.member`),
        ),
      ];
    }
    case "string": {
      const text = value as string;
      const named = shape.sensitive ? `at '${at}'` : `'${text}' at '${at}'`;
      if (shape.values !== undefined && !shape.values.includes(text)) {
        const set = `[${shape.values.join(", ")}]`;
        return [fails(named, `Member must satisfy enum value set: ${set}`)];
      }
      // Characters are counted only where counting units of UTF-16 does not settle it.
      const tooMany = text.length > (shape.max ?? Number.POSITIVE_INFINITY);
      return length(shape, tooMany ? [...text].length : text.length, named);
    }
    case "blob":
      return length(shape, Buffer.from(value as string, "base64").length, `at '${at}'`);
    case "integer": {
      const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = shape;
      const named = `'${value}' at '${at}'`;
      const number = value as number;
      if (number < min) {
        return [fails(named, `Member must have value greater than or equal to ${min}`)];
      }
      if (number > max)
        return [fails(named, `Member must have value less than or equal to ${max}`)];
      return [];
    }
    default:
      return [];
  }
}

function members(shape: Structure, given: Record<string, unknown>, at: string): string[] {
  const placeOf = (name: string) => {
    // Messages begin every name with a small letter, whatever the model does.
    const small = name[0]?.toLowerCase() + name.slice(1);
    return at === "" ? small : `${at}.${small}`;
  };
  const missing = shape.required.filter(
    (name) => given[name] === undefined || given[name] === null,
  );
  return [
    ...missing.map((name) => mustNotBeNull(placeOf(name))),
    ...Object.entries(shape.members).flatMap(([name, member]) =>
      constraints(member, given[name], placeOf(name)),
    ),
  ];
}

function length(
  { min = 0, max = Number.POSITIVE_INFINITY }: { min?: number; max?: number },
  actual: number,
  named: string,
): string[] {
  if (actual < min)
    return [fails(named, `Member must have length greater than or equal to ${min}`)];
  if (actual > max) return [fails(named, `Member must have length less than or equal to ${max}`)];
  return [];
}

const mustNotBeNull = (at: string): string => fails(`null at '${at}'`, "Member must not be null");

const fails = (named: string, rule: string): string =>
  `Value ${named} failed to satisfy constraint: ${rule}`;

const first = (problems: readonly (string | undefined)[]): string | undefined =>
  problems.find((one) => one !== undefined);

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "bigint" ? "number" : typeof value;
}
