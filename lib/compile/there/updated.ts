import { literal } from "../../data/sql.ts";
import type { Migration, Same } from "../../define/definition.ts";
import { type Updated, updatesOf } from "../../define/identity.ts";
import { rowJustFound, standingValue, standsIn } from "../references/above.ts";
import { aheadJoins, comesOfAbove, type Targets } from "../target/ahead.ts";
import { lossFor } from "../target/loss.ts";
import { isNone, readAs } from "../target/type-fit.ts";
import { type ColumnThere, type ColumnTypes, typeOf, updatedTo, valueAt } from "./value.ts";

type OfAbove = Extract<Updated, { readonly of: string }>;

/** Joins that say what the rows above are, or will be, of which something is written into a row that is there. */
export function updatedJoins(migration: Migration, targets: Targets): string {
  const told: Same = Object.entries(updatesOf(migration.entity)).filter(
    ([, value]) => "of" in value,
  );
  return targets.size === 0 || told.length === 0
    ? ""
    : aheadJoins(migration, targets, { rowOf: rowJustFound, oneByOne: true, told });
}

/**
 * What would be written of a row that is there, as an image: no column that the legacy system knows nothing for, and
 * none that does not take its value.
 *
 * @param beside whether of those columns that are written beside others alone, or of all others
 * @param targets where it is asked what rows above will be, beside {@link updatedJoins}
 */
export function afterOf(
  migration: Migration,
  types: ColumnTypes,
  targets: Targets,
  beside: boolean,
): string {
  const each = Object.entries(updatesOf(migration.entity))
    .filter(([, { only }]) => (only === "beside") === beside)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([column, value]) => {
      const there = typeOf(types, column);
      const { type } = there;
      if ("nothing" in value) return `jsonb_build_object(${literal(column)}, null)`;
      const is = valueAt(migration, value);
      const now = `(c.image ->> ${literal(column)})`;
      if (typeof value.only === "object" && "at" in value.only) {
        const whole = placedIn(value.only.at, readable(now), is);
        return `case when (${is}) is not null and ${holdsPlace(value.only.at, now)} then jsonb_build_object(${literal(column)}, (${whole})::text) else '{}' end`;
      }
      if ("of" in value) return afterAbove(migration, targets, value, { column, now, there });
      const text = updatedTo(migration, value, types, column);
      return `case when (${is}) is not null and pg_input_is_valid((${text})::text, ${literal(type)})${oneWay(value, readAs(text, type), now, type)} then jsonb_build_object(${literal(column)}, (${readAs(text, type)})::text) else '{}' end`;
    });
  return ["'{}'::jsonb", ...each].join("\n             || ");
}

/** What a row above has for a column: what it holds, or what a wave will make it hold. */
function comingOf(
  migration: Migration,
  targets: Targets,
  value: OfAbove,
  there: ColumnThere,
): { readonly text: string; readonly known: string; readonly stays: string } {
  const is = standingValue(migration, value);
  const coming = comesOfAbove(migration, targets, value, there);
  if (coming === undefined)
    return { text: `(${is})::text`, known: `(${is}) is not null`, stays: "true" };
  const key = standingValue(migration, { of: value.of });
  return { ...coming, stays: `${key} is not null and ${coming.stays}` };
}

/** A column that gets what a row above has; `false` for what a wave alone can look up, as that one is still to be written. */
function afterAbove(
  migration: Migration,
  targets: Targets,
  value: OfAbove,
  {
    column,
    now,
    there,
  }: { readonly column: string; readonly now: string; readonly there: ColumnThere },
): string {
  const { type } = there;
  const { text, known, stays } = comingOf(migration, targets, value, there);
  const is = readAs(text, type);
  const image = `jsonb_build_object(${literal(column)}, (${is})::text)`;
  const later = `jsonb_build_object(${literal(column)}, false)`;
  // What nobody knows yet is neither earlier nor further upwards.
  const blind =
    value.only === "missing"
      ? ` and ${now} is null`
      : value.only === undefined || value.only === "beside"
        ? ""
        : " and false";
  return `case when ${known} then
                 case when ${text} is not null and pg_input_is_valid(${text}, ${literal(type)})${oneWay(value, is, now, type)}
                      then case when ${stays} or (${is})::text is not distinct from ${now} then ${image} else ${later} end else '{}' end
                when ${rowJustFound(value.of)} is not null${blind} then ${later} else '{}' end`;
}

/** Whether a column of which the row holds `now` may become what it would be, in the one way that is said. */
function oneWay({ only }: Updated, is: string, now: string, type: string): string {
  if (only === "missing") return ` and ${now} is null`;
  if (only === "earlier") return ` and (${now} is null or ${is} < ${now}::${type})`;
  if (typeof only !== "object" || !("upwards" in only)) return "";
  const order = `array[${only.upwards.map((word) => literal(word)).join(", ")}]`;
  return ` and array_position(${order}, (${is})::text) > array_position(${order}, ${now})`;
}

/** JSON as it is there; none where nothing, or a text that says so, stands there. */
const readable = (now: string): string =>
  `(case when ${now} is null or ${now} in ('null', '"null"') then '{}' else ${now} end)::jsonb`;

/** JSON with a value at a place, beside all that stands in it. */
function placedIn(at: readonly string[], base: string, is: string): string {
  const [key = "", ...inner] = at;
  const under = `(case when jsonb_typeof(${base} -> ${literal(key)}) = 'object' then ${base} -> ${literal(key)} else '{}' end)`;
  const value = inner.length === 0 ? `to_jsonb(${is})` : placedIn(inner, under, is);
  return `(${base} || jsonb_build_object(${literal(key)}, ${value}))`;
}

/** Whether nothing but objects stands on the way to a place: whatever else does is never overwritten. */
function holdsPlace(at: readonly string[], now: string): string {
  const ways = at.map((_, n) => at.slice(0, n));
  return `(${ways
    .map(
      (way) =>
        `coalesce(jsonb_typeof(${readable(now)} #> array[${way.map((key) => literal(key)).join(", ")}]::text[]), 'null') in ('object', 'null')`,
    )
    .join(" and ")})`;
}

/** The first column that does not take its value, in words (B6); null for none. */
export function unfitOf(migration: Migration, types: ColumnTypes, targets: Targets): string {
  const { into } = standsIn(migration);
  const each = Object.entries(updatesOf(migration.entity)).flatMap(([column, value]) => {
    const says = `${into}.${column}`;
    const there = typeOf(types, column);
    if ("nothing" in value)
      return there.required ? [`when true then ${literal(`${says} must not be null`)}`] : [];
    const is = valueAt(migration, value);
    if (typeof value.only === "object" && "at" in value.only) {
      const holds = holdsPlace(value.only.at, `(c.image ->> ${literal(column)})`);
      return [
        `when (${is}) is not null and not ${holds} then ${literal(`${says} holds something else where it would be written`)}`,
      ];
    }
    const { text, known } =
      "of" in value
        ? comingOf(migration, targets, value, there)
        : {
            text: `(${updatedTo(migration, value, types, column)})::text`,
            known: `(${is}) is not null`,
          };
    const tooLong =
      there.longest === undefined
        ? []
        : [
            `when ${known} and substr(${text}, ${there.longest + 1}) ~ '[^ ]' then ${literal(`${says} holds ${there.longest} characters`)}`,
          ];
    const loss = lossFor(migration, value, there, is);
    return [
      ...tooLong,
      `when ${known} and ${isNone(text, there.type, there.base)} then ${literal(`${says} holds no such value`)}`,
      ...(loss === undefined
        ? []
        : [`when ${loss.loses} then ${literal(`${says} holds ${loss.holds}`)}`]),
    ];
  });
  return each.length === 0 ? "null::text" : `case ${each.join("\n              ")} end`;
}
