import type { Field, Migration, Value } from "../../define/definition.ts";
import { givenKey } from "../../define/target-key.ts";
import { fieldColumns } from "../columns.ts";
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
 * the source that have such a one are staged by its digest.
 */
export const personalKeyProblems = (migration: Migration): string[] => [
  ...ofNewRows(migration),
  ...ofPeople(migration),
];

const fieldsOfPeople = ({ entity }: Migration) =>
  Object.entries(entity.fields).filter(([, { kind }]) => says[kind] !== undefined);

function ofNewRows(migration: Migration): string[] {
  return Object.entries(migration.entity.actions).flatMap(([name, { into, id }]) =>
    Object.entries(givenKey(id)).flatMap(([column, value]) => {
      const kind = kindOf(migration, value);
      return kind === undefined
        ? []
        : [
            `The action “${name}” gives rows of “${into}” ${says[kind]} as their key, in “${column}”: ${why}. Let the platform draw the key, or derive it.`,
          ];
    }),
  );
}

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
  const columns = ofField(field);
  return fieldsOfPeople(migration).find(([, people]) =>
    ofField(people).some((column) => columns.includes(column)),
  )?.[1].kind;
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
