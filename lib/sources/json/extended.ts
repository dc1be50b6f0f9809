import { Members, type Node, Plain } from "./node.ts";

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WHOLE = /^-?\d{1,15}$/;
/** Milliseconds from 1970 that a date of JavaScript's has, either way. */
const mostMs = 8.64e15;

/**
 * What MongoDB's extended JSON writes as an object, `{"$oid": "…"}`, or Firestore of a time, as the plain value that is
 * meant; any other object as it is. <https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/>
 */
export function plainOf(members: Members): Node {
  const [first] = members.of;
  if (first?.[0].startsWith("_") === true && members.of.size === 2)
    return firestoreTime(members) ?? members;
  if (first === undefined || !first[0].startsWith("$") || members.twice !== undefined)
    return members;
  const [name, value] = first;
  const type = members.of.get("$type");
  // The form of before 2017 says the kind of bytes beside them.
  if (name === "$binary" && typeof value === "string" && typeof type === "string") return value;
  if (members.of.size > 1) return members;
  return readings[name]?.(value) ?? (name === "$undefined" ? null : members);
}

const text = (value: Node): Node | undefined => (typeof value === "string" ? value : undefined);

/** A number to its last digit; a text where it is none that JSON has, such as `NaN`. */
function number(value: Node): Node | undefined {
  if (value instanceof Plain) return value;
  if (typeof value !== "string") return undefined;
  return NUMBER.test(value) ? new Plain(value) : value;
}

const readings: Readonly<Record<string, (value: Node) => Node | undefined>> = {
  $oid: text,
  $uuid: text,
  $symbol: text,
  $date: date,
  $numberInt: number,
  $numberLong: number,
  $numberDouble: number,
  $numberDecimal: number,
  $binary: binary,
};

/** ISO 8601: as it stands, or of milliseconds from 1970; digits beyond all dates as they are, which nothing reads as one. */
function date(value: Node): Node | undefined {
  if (typeof value === "string") return value;
  const long = value instanceof Members ? value.of.get("$numberLong") : value;
  const digits = long instanceof Plain ? long.text : long;
  if (typeof digits !== "string" || !/^-?\d+$/.test(digits)) return undefined;
  const ms = Number(digits);
  return Math.abs(ms) > mostMs ? digits : new Date(ms).toISOString();
}

/** A time of Firestore's, `{"_seconds": …, "_nanoseconds": …}`, as ISO 8601 to its last digit. */
function firestoreTime({ of, twice }: Members): string | undefined {
  const [seconds, nanos] = [of.get("_seconds"), of.get("_nanoseconds")];
  if (twice !== undefined || !(seconds instanceof Plain) || !(nanos instanceof Plain)) return;
  if (!WHOLE.test(seconds.text) || !/^\d{1,9}$/.test(nanos.text)) return;
  const ms = Number(seconds.text) * 1_000;
  if (Math.abs(ms) > mostMs) return;
  const fraction = nanos.text.padStart(9, "0").replace(/(?:000){1,2}$/, "");
  return new Date(ms).toISOString().replace(".000Z", `.${fraction}Z`);
}

/** Bytes as base64; of 16 that are a UUID its digits. */
function binary(value: Node): Node | undefined {
  if (!(value instanceof Members)) return undefined;
  const [base64, kind] = [value.of.get("base64"), value.of.get("subType")];
  if (typeof base64 !== "string") return undefined;
  const hex = Buffer.from(base64, "base64").toString("hex");
  if (kind !== "04" || hex.length !== 32) return base64;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
