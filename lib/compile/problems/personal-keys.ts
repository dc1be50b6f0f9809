import type { Field, Migration, Value } from "../../define/definition.ts";
import { columnsRead } from "../../define/fields.ts";
import { keyColumns } from "../../define/keys.ts";
import { piecesOf } from "../../define/pieces.ts";
import { sayingTheSame } from "../../define/saying-the-same.ts";
import { givenKey } from "../../define/target-key.ts";
import { fieldColumns } from "../columns.ts";
import { legacyIdType } from "../keys.ts";
import { ofField } from "../pin/used-columns.ts";
import { parentOf } from "../references/above.ts";

/** Kinds of fields that say who somebody is, as sentences name them. */
const says: Partial<Record<Field["kind"], string>> = {
  name: "a name",
  phone: "a phone number",
  email: "an e-mail address",
  birth_date: "a birth date",
};

const why =
  "it says who somebody is, and keys stand in lists, logs and bundles as they are, and stay when people are erased (D20, W14)";

/**
 * Keys of the platform by which rows would be told apart, and that are masked everywhere else: of new rows, of people. Rows of
 * the source that have such a one are staged by its digest, but as a number.
 */
export const personalKeyProblems = (migration: Migration): string[] => [
  ...ofSource(migration),
  ...ofNewRows(migration),
  ...ofPeople(migration),
];

const fieldsOfPeople = ({ entity }: Migration) =>
  Object.entries(entity.fields).filter(([, { kind }]) => says[kind] !== undefined);

function ofSource(migration: Migration): string[] {
  if (legacyIdType(migration) !== "bigint") return [];
  return migration.entity.from.flatMap((table) =>
    keyColumns(migration.source[table]?.key ?? []).flatMap((column) => {
      const kind = kindOfColumns(migration, [column]);
      return kind === undefined
        ? []
        : [
            `Rows of “${table}” are known by “${column}”, which is ${says[kind]}, as a whole number: ${why}. Say “${column}” without integerKey: a digest stands for it then.`,
          ];
    }),
  );
}

function ofNewRows(migration: Migration): string[] {
  return Object.entries(migration.entity.actions).flatMap(([name, { into, id }]) => [
    ...Object.entries(givenKey(id)).flatMap(([column, value]) => {
      const kind = kindOf(migration, value);
      if (kind !== undefined)
        return [
          `The action “${name}” gives rows of “${into}” ${says[kind]} as their key, in “${column}”: ${why}. Let the platform draw the key, or derive it from legacy_id.`,
        ];
      return tried(migration, name, into, column, digestedOf(migration, value));
    }),
    ...(typeof id === "object" && "derived" in id
      ? tried(migration, name, into, id.derived, id.from)
      : []),
  ]);
}

/** Keys that are made of what says who somebody is by a way that everybody knows. */
function tried(
  migration: Migration,
  name: string,
  into: string,
  column: string,
  from: readonly string[],
): string[] {
  const kind = from.flatMap((staged) => kindOfMade(migration, staged) ?? [])[0];
  return kind === undefined
    ? []
    : [
        `The action “${name}” makes the key of rows of “${into}” of ${says[kind]}, in “${column}”: whoever has a bundle can try every one until the same key comes of it (D20, W14). Let the platform draw the key, or derive it from legacy_id.`,
      ];
}

/** The staged columns of which a value is a digest or a UUID. */
function digestedOf(migration: Migration, value: Value): readonly string[] {
  if ("uuid" in value) return value.from;
  return "staged" in value && migration.entity.fields[value.staged] !== undefined
    ? [value.staged]
    : [];
}

/** {@link kindOfStaged}, also of a digest of such columns, and of a UUID that is made of a row's key. */
function kindOfMade(migration: Migration, staged: string): Field["kind"] | undefined {
  const field = migration.entity.fields[staged];
  if (field?.kind === "digest")
    return kindOfColumns(
      migration,
      piecesOf(field.of).flatMap((piece) => ("column" in piece ? [piece.column] : [])),
    );
  if (field?.kind === "uuid" && field.derived)
    return kindOfColumns(
      migration,
      migration.entity.from.flatMap((table) => keyColumns(migration.source[table]?.key ?? [])),
    );
  return kindOfStaged(migration, staged);
}

const kindOfColumns = (
  migration: Migration,
  columns: readonly string[],
): Field["kind"] | undefined => {
  const alike = sayingTheSame(migration.source, migration.entity.from, columns);
  return fieldsOfPeople(migration).find(([, people]) => {
    // The country beside a number says of nobody who it is.
    const own = "parts" in people ? people.parts : columnsRead(people);
    return own.some((column) => alike.includes(column));
  })?.[1].kind;
};

/** Which kind of these a value is, be it that of a row above; undefined for none. */
function kindOf(migration: Migration, value: Value): Field["kind"] | undefined {
  if ("of" in value) {
    if (!Object.hasOwn(migration.entity.refs ?? {}, value.of)) return undefined;
    const above = parentOf(migration, value.of);
    const [action] = Object.values(above.entity.actions);
    const taken = value.column === undefined ? undefined : action?.values[value.column];
    return taken === undefined ? undefined : kindOf(above, taken);
  }
  if (!("staged" in value)) return undefined;
  return kindOfStaged(migration, value.staged);
}

/** The same of a field or a staged column: what is read of somebody, or of a column that is. */
export function kindOfStaged(migration: Migration, staged: string): Field["kind"] | undefined {
  const field = Object.entries(migration.entity.fields).find(([name, field]) =>
    [
      name,
      `${name}_normalized`,
      ...fieldColumns(migration, name, field).map((column) => column.name),
    ].includes(staged),
  )?.[1];
  // A digest says of nobody who it is.
  if (field === undefined || field.kind === "digest") return undefined;
  if (says[field.kind] !== undefined) return field.kind;
  return kindOfColumns(migration, ofField(field));
}

const ofPeople = ({ entity }: Migration): string[] =>
  entity.match.against.flatMap(({ table, id, name, phone, email, birthDate }) => {
    const kinds = { name, phone, email, birth_date: birthDate } as const;
    const kind = (Object.keys(kinds) as (keyof typeof kinds)[]).find((each) => kinds[each] === id);
    return kind === undefined
      ? []
      : [
          `People of “${table}” are known by “${id}”, which is ${says[kind]}: ${why}. Name another column that tells them apart.`,
        ];
  });
