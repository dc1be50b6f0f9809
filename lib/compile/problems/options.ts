import type { Field, Migration } from "../../define/definition.ts";
import { listed } from "./listed.ts";

type Kind = Field["kind"];
type KeysOf<Of> = Of extends unknown ? Exclude<keyof Of, "kind"> : never;

/** What a field of a kind may say, which types hold against {@link Field}: whatever else stands there nobody reads. */
const optionsOf: {
  readonly [K in Kind]: Readonly<Record<KeysOf<Extract<Field, { kind: K }>>, 1>>;
} = {
  name: { parts: 1, placeholders: 1, typed: 1, longest: 1, damaged: 1, as: 1 },
  phone: { from: 1, region: 1, country: 1, regions: 1, plus: 1, shared: 1 },
  email: { from: 1, placeholders: 1, sharedBy: 1 },
  birth_date: { from: 1, implausible: 1, youngest: 1, none: 1, format: 1, zone: 1 },
  status: { from: 1, as: 1 },
  created_at: { from: 1, format: 1 },
  reference: { from: 1, to: 1, absent: 1, none: 1 },
  text: {
    from: 1,
    longest: 1,
    lines: 1,
    lower: 1,
    upper: 1,
    without: 1,
    digits: 1,
    placeholders: 1,
  },
  number: {
    ...{ from: 1, whole: 1, decimal: 1, group: 1, beside: 1, places: 1, least: 1, most: 1 },
    ...{ per: 1, times: 1, absent: 1, none: 1 },
  },
  boolean: { from: 1, yes: 1, no: 1, absent: 1, none: 1 },
  uuid: { from: 1, derived: 1, absent: 1, none: 1 },
  json: { from: 1 },
  digest: { by: 1, of: 1, parts: 1 },
  template: { of: 1, parts: 1 },
  composed: {
    of: 1,
    parts: 1,
    with: 1,
    longest: 1,
    lines: 1,
    lower: 1,
    upper: 1,
    folded: 1,
    placeholders: 1,
  },
  list: { parts: 1, by: 1, most: 1, repeated: 1, means: 1, empty: 1 },
  file: { from: 1, within: 1, says: 1, types: 1, most: 1 },
  date: { from: 1, format: 1, zone: 1, since: 1, until: 1, absent: 1, none: 1 },
  time: { from: 1, format: 1, absent: 1, none: 1 },
  duration: { from: 1, unit: 1, absent: 1, none: 1 },
  timestamp: { from: 1, at: 1, format: 1, zone: 1, since: 1, until: 1, absent: 1, none: 1 },
  range: { parts: 1, starts: 1, ends: 1, last: 1, open: 1, whole: 1 },
  choice: { from: 1, means: 1, case: 1, firstOf: 1, beginnings: 1, containing: 1, otherwise: 1 },
};

/** What is no column of one: nobody would say it. */
const itself = new Set(["from", "parts", "of", "to"]);

/** Options that fields say and that mean nothing there: types see them where they are written out, and not where a name stands for several. */
export const optionProblems = ({ entity }: Migration): string[] =>
  Object.entries(entity.fields).flatMap(([name, field]) =>
    // Both bounds of a range that one column holds are one field.
    [...new Set([field, ...fieldsIn(field)])].flatMap((each) => {
      const known = Object.keys(optionsOf[each.kind]);
      return Object.entries(each)
        .filter(
          ([option, value]) => option !== "kind" && value !== undefined && !known.includes(option),
        )
        .map(([option]) => {
          const may = known.filter((other) => !itself.has(other));
          return `The field “${name}” says “${option}”, which means nothing of it: it may say ${listed(may, option)}.`;
        });
    }),
  );

/** The fields that a field is made of: bounds of a range, and the time of day beside a day. */
const fieldsIn = (field: Field): readonly Field[] =>
  Object.values(field).flatMap((value: unknown) => {
    const inside = value as Partial<Field> | null | undefined;
    return typeof inside === "object" && inside?.kind !== undefined && inside.kind in optionsOf
      ? [inside as Field, ...fieldsIn(inside as Field)]
      : [];
  });
