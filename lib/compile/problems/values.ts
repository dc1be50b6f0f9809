import type { InsertAction, Migration, TargetKey, Value } from "../../define/definition.ts";
import { isSpan, isTimeSpan, updatesOf } from "../../define/identity.ts";
import { givenKey } from "../../define/target-key.ts";
import { hasDefault, innerValues } from "../../define/value.ts";
import { columnProblems, type Scope } from "./names.ts";

/** Columns of a row that is there which one entry of the ledger holds against the row, and one statement takes back. */
export const updatedAtMost = 50;

/** What is wrong with the values that new rows, their keys and rows that are there are given, or are found by. */
export function valueProblems(migration: Migration, scope: Scope): string[] {
  const { actions, is: ways = [] } = migration.entity;
  const updated = Object.keys(updatesOf(migration.entity)).length;
  const news = Object.values(actions);
  const elsewhere = [
    ...news.flatMap(({ id, identity = {} }) => [
      ...Object.values(givenKey(id)),
      ...Object.values(identity),
    ]),
    ...Object.values(updatesOf(migration.entity)),
    ...ways.flatMap((same) => same.map(([, value]) => value)),
    ...news.flatMap(({ values }) =>
      Object.values(values).flatMap((value) => ("object" in value ? innerValues(value) : [])),
    ),
  ];
  return [
    ...defaultProblems(migration, elsewhere),
    ...(updated > updatedAtMost
      ? [
          `${updated} columns of a row that is there are brought up to date, and ${updatedAtMost} are the most: leave out what need not be.`,
        ]
      : []),
    ...Object.entries(actions).flatMap(([name, { identity = {} }]) =>
      identityProblems(migration, name, identity),
    ),
    ...madeUuids(Object.values(updatesOf(migration.entity)), "What is brought up to date is given"),
    ...ways.flatMap((same) =>
      madeUuids(
        same.map(([, value]) => value),
        "`is` tells what is there",
      ),
    ),
    ...Object.entries(actions).flatMap(([name, action]) =>
      written(action).flatMap((value) =>
        ofValue(value, `The action “${name}”`, "writes", migration, scope),
      ),
    ),
    ...Object.values(updatesOf(migration.entity)).flatMap((value) =>
      ofValue(value, "What is brought up to date", "writes", migration, scope),
    ),
    ...ways.flatMap((same) =>
      same.flatMap(([column, value]) => [
        ...ofValue(value, "`is`", "looks for", migration, scope),
        ...(value.within === undefined || isSpan(value.within) || isTimeSpan(value.within)
          ? []
          : [`\`is\` takes “${column}” within “${value.within}”, which is no distance.`]),
      ]),
    ),
  ];
}

/**
 * What tells which legacy row was moved is what the source has of it, to which what is decided about a row does not belong,
 * nor what becomes known of things that it refers to: by less than all of it other rows would be taken for moved.
 */
function identityProblems(
  { entity }: Migration,
  name: string,
  identity: Readonly<Record<string, Value>>,
): string[] {
  const says = `The action “${name}” tells what was moved`;
  const columns = Object.entries(identity);
  const told = ([, value]: readonly [string, Value]) =>
    "staged" in value && !Object.hasOwn(entity.decide, value.staged);
  const made = madeUuids(Object.values(identity), says);
  const other = columns
    .filter((each) => !told(each) && !("constant" in each[1] || "uuid" in each[1]))
    .map(
      ([column]) =>
        `${says} by “${column}”, which the source does not have of it: name columns that are written from fields, or with a constant.`,
    );
  return [
    ...made,
    ...other,
    ...(columns.length > 0 && made.length + other.length === 0 && !columns.some(told)
      ? [`${says} by what all its rows have: every row would be taken for moved.`]
      : []),
  ];
}

/** A column's default stands in that column of a new row, for a field that may be missing. */
function defaultProblems({ entity }: Migration, elsewhere: readonly Value[]): string[] {
  const beside = elsewhere
    .filter(hasDefault)
    .map(
      ({ staged }) =>
        `\`orDefault("${staged}")\` stands where no column of a new row is written by itself: the platform has a default for columns of new rows alone, and no key is left to it so.`,
    );
  const never = Object.values(entity.actions).flatMap(({ values }) =>
    Object.values(values)
      .filter(hasDefault)
      .filter(
        ({ staged }) =>
          ["legacy_id", "source_table"].includes(staged) ||
          Object.hasOwn(entity.decide, staged) ||
          entity.fields[staged]?.kind === "list",
      )
      .map(
        ({ staged }) =>
          `\`orDefault("${staged}")\` is never missing: every row has one. Write \`staged("${staged}")\`.`,
      ),
  );
  return [...new Set([...beside, ...never])];
}

/** A UUID is made of new rows alone: nobody else knows it. */
const madeUuids = (values: readonly Value[], says: string): string[] =>
  values.some((value) => "uuid" in value)
    ? [`${says} by a UUID that new rows are made with: take what the legacy system has.`]
    : [];

/** Everything that a new row is given. */
const written = ({ id, values, identity = {} }: InsertAction): Value[] => [
  ...Object.values(values),
  ...Object.values(identity),
  ...ofKey(id),
];

function ofKey(id: TargetKey): Value[] {
  return typeof id === "object" && "derived" in id
    ? id.from.map((staged) => ({ staged }))
    : Object.values(givenKey(id));
}

function ofValue(
  value: Value,
  where: string,
  does: string,
  migration: Migration,
  scope: Scope,
): string[] {
  const { entity, references } = migration;
  if ("object" in value)
    return innerValues(value).flatMap((each) =>
      "of" in each
        ? [
            `${where} puts what “${each.of}” is into a JSON object: what a row above is stands in a column of its own.`,
          ]
        : ofValue(each, where, does, migration, scope),
    );
  if ("staged" in value) return columnProblems(value.staged, [], scope, where);
  if ("uuid" in value)
    return value.from.length === 0
      ? [`${where} ${does} a UUID that is made of nothing: every row would have the same.`]
      : value.from.flatMap((column) => columnProblems(column, [], scope, where));
  if ("linked" in value)
    return entity.match.against.some(({ table }) => table === value.linked)
      ? []
      : [
          `${where} ${does} who a row is linked to in “${value.linked}”, which \`match\` does not name.`,
        ];
  if ("of" in value)
    return Object.hasOwn(entity.refs ?? {}, value.of)
      ? []
      : [`${where} ${does} what “${value.of}” is, and \`refs\` declares no such reference.`];
  const reference = "mapped" in value ? value.mapped : "label" in value ? value.label : undefined;
  return reference === undefined || Object.hasOwn(references, reference)
    ? []
    : [`${where} ${does} what “${reference}” is, which is no reference.`];
}
