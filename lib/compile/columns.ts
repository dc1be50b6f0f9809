import { identifier } from "../data/sql.ts";
import type { Field, MainKind, Migration } from "../define/definition.ts";
import { isUpdated } from "../define/identity.ts";
import { decisionColumns } from "../define/looked-at.ts";
import { aboveColumns } from "./above-columns.ts";
import { idType, type KeyType } from "./keys.ts";
import { keyedPeople } from "./people-keys.ts";

/** A staged column: its name and its PostgreSQL type. */
export interface Column {
  readonly name: string;
  readonly type: string;
  /** The source column whose text it is as it stands; the importer sends the others made. */
  readonly from?: string;
  /** It holds JSON of the source's, encoded as a text; other columns of JSON are lists, empty where null. */
  readonly document?: true;
  /** A list that is null where it has no element. */
  readonly orNull?: true;
}

/** The staging columns a field is kept in, in the order in which the importer makes them. */
export function fieldColumns(migration: Migration, name: string, field: Field): readonly Column[] {
  switch (field.kind) {
    case "name":
      return [
        { name, type: "text" },
        // Folded, in the order given and with all words sorted (D5).
        { name: field.as?.folded ?? `${name}_folded`, type: "text" },
        { name: field.as?.key ?? `${name}_key`, type: "text" },
      ];
    case "phone":
      return [
        { name: `${name}_raw`, type: "text", from: field.from },
        { name: `${name}_normalized`, type: "text" },
        { name: `${name}_alternates`, type: "jsonb" },
        ...(field.plus ? [{ name: `${name}_plus`, type: "text" }] : []),
      ];
    case "email":
      return [
        { name: `${name}_raw`, type: "text", from: field.from },
        // What the address is by itself; validation decides whether too many rows share it (D4).
        { name: `${name}_candidate`, type: "text" },
      ];
    case "birth_date":
      return [{ name, type: "date" }];
    case "status":
      // As it was written, and as it is compared (D2).
      return [
        { name, type: "text", from: field.from },
        { name: field.as ?? `${name}_key`, type: "text" },
      ];
    case "created_at":
      return [{ name, type: "timestamp" }];
    case "reference":
      return [{ name, type: referenceType(migration, field.to) }];
    case "number":
      // Never a bigint: that is an id, and ids outlive an erasure (B13).
      return [{ name, type: "numeric" }];
    case "timestamp":
      return [{ name, type: field.zone === undefined ? "timestamp" : "timestamptz" }];
    case "json":
      return [{ name, type: "jsonb", document: true }];
    case "digest":
    case "template":
    case "composed":
    // As ISO 8601, which a column of intervals reads.
    case "duration":
    // As PostgreSQL reads a range: what of it a column takes is that column's.
    case "range":
      return [{ name, type: "text" }];
    case "list":
      return [{ name, type: "jsonb", ...(field.empty === "null" ? { orNull: true } : {}) }];
    case "file":
      return [
        { name, type: "text" },
        { name: `${name}_key`, type: "text" },
        { name: `${name}_type`, type: "text" },
        { name: `${name}_size`, type: "numeric" },
        { name: `${name}_sha256`, type: "text" },
      ];
    case "choice":
      // What it means, and as it was written.
      return [
        { name: `${name}_raw`, type: "text", from: field.from },
        { name, type: "text" },
      ];
    default:
      return [{ name, type: field.kind }];
  }
}

/**
 * The staged column that holds what a field, or whatever else is named, is: a phone's number, not its
 * text; a status as it is compared.
 */
export function valueColumn({ entity }: Migration, name: string): string {
  const field = Object.hasOwn(entity.fields, name) ? entity.fields[name] : undefined;
  if (field?.kind === "phone" || field?.kind === "email") return `${name}_normalized`;
  return field?.kind === "status" ? (field.as ?? `${name}_key`) : name;
}

/** What a field is by itself, as the import made it: an address also where too many rows share it, which is found later. */
export const importedColumn = (migration: Migration, name: string): string =>
  migration.entity.fields[name]?.kind === "email"
    ? `${name}_candidate`
    : valueColumn(migration, name);

/** The fields of a kind, by name: a database keeps no order of them. */
export const fieldsOf = <K extends Field["kind"]>({ entity }: Migration, kind: K) =>
  Object.entries(entity.fields)
    .filter((entry): entry is [string, Extract<Field, { kind: K }>] => entry[1].kind === kind)
    .sort(([one], [other]) => (one < other ? -1 : 1));

/** The name of the field of a kind that is meant where one has to be, if the definition has any. */
export const mainField = (migration: Migration, kind: MainKind): string | undefined =>
  migration.entity.main?.[kind] ?? fieldsOf(migration, kind)[0]?.[0];

/** The columns with a name as it is compared: its words in the order given, and sorted (D5). */
export function nameColumns(
  { entity }: Migration,
  name: string,
): { readonly folded: string; readonly key: string } {
  const field = entity.fields[name];
  const { folded = `${name}_folded`, key = `${name}_key` } =
    (field?.kind === "name" ? field.as : undefined) ?? {};
  return { folded, key };
}

/** The same, quoted. */
export function nameForms(migration: Migration, name: string): { folded: string; key: string } {
  const { folded, key } = nameColumns(migration, name);
  return { folded: identifier(folded), key: identifier(key) };
}

/** The columns that tell whether a contact of the row is shared by too many (D4, D31). */
export const sharedFlags = (migration: Migration): string[] =>
  [...fieldsOf(migration, "email"), ...fieldsOf(migration, "phone")].map(
    ([name]) => `${name}_shared`,
  );

/** The columns that say what a legacy row holds: those of its fields, and what was noticed. */
export function importedColumns(migration: Migration): readonly Column[] {
  return [
    ...Object.entries(migration.entity.fields).flatMap(([name, field]) =>
      fieldColumns(migration, name, field),
    ),
    { name: "findings", type: "jsonb" },
    // Spellings that damaged text decodes to, by the source's column: for people, never taken by themselves.
    { name: "proposals", type: "jsonb" },
  ];
}

/** Those of some columns that are a source column as it stands. */
export const asTheyStand = (
  columns: readonly Column[],
): readonly (Column & { readonly from: string })[] =>
  columns.filter(
    (column): column is Column & { readonly from: string } => column.from !== undefined,
  );

/** The type of ids of what a reference names. */
export function referenceType(migration: Migration, name: string): KeyType {
  const reference = migration.references[name];
  return reference === undefined ? "bigint" : idType(migration, reference);
}

/** The columns that keep ids of the platform, with their types: integers unless a key is of another kind. */
export const linkTypes = (migration: Migration): readonly Column[] =>
  linkColumns(migration).map((name) => {
    const other =
      Object.values(migration.entity.actions).some(
        ({ id, importedAs }) => importedAs === name && typeof id !== "string",
      ) || keyedPeople(migration).some(({ linkedAs }) => linkedAs === name);
    return { name, type: other ? "text" : "bigint" };
  });

/** The columns that keep ids of the platform (D30). */
export const linkColumns = ({ entity }: Migration): string[] => [
  ...new Set([
    ...entity.match.against.map((target) => target.linkedAs),
    ...Object.values(entity.actions).map((action) => action.importedAs),
  ]),
];

/**
 * Every column of a staged row as D30 and the definitions name it, and where it comes from: `s` is the
 * row's source, `d` what was decided about it, which is not there before validation.
 */
export function stagedColumns(migration: Migration): readonly [name: string, from: string][] {
  const emails = fieldsOf(migration, "email").map(([name]) => name);
  const phones = fieldsOf(migration, "phone").map(([name]) => name);
  const anyShared = (names: readonly string[]) =>
    names.map((name) => `d.${identifier(`${name}_shared`)}`).join(" or ") || "false";
  const noted = "coalesce(s.findings, '[]')";
  const own = importedColumns(migration).map(
    ({ name, type, document, orNull }): [string, string] => [
      name,
      type === "jsonb" && !document && !orNull
        ? `coalesce(s.${identifier(name)}, '[]')`
        : `s.${identifier(name)}`,
    ],
  );
  return [
    ["id", "s.id"],
    ["run_id", "s.run_id"],
    ["source_table", "s.source_table"],
    ["legacy_id", "s.legacy_id"],
    ...own.filter(([name]) => name !== "findings" && name !== "proposals"),
    [
      "findings",
      // Nearly every row has only its own: nothing is put together for those.
      `case when not coalesce(${anyShared(emails)}, false) and not coalesce(${anyShared(phones)}, false) then ${noted}
            else ${noted} || case when ${anyShared(emails)} then '["email_shared"]'::jsonb else '[]' end
                 || case when ${anyShared(phones)} then '["phone_shared"]'::jsonb else '[]' end end`,
    ],
    ...emails.map((name): [string, string] => [
      `${name}_normalized`,
      `case when d.${identifier(`${name}_shared`)} then null else s.${identifier(`${name}_candidate`)} end`,
    ]),
    ["raw_payload", rawPayload],
    ["validation_status", "coalesce(d.validation_status, 'pending')"],
    ["validation_issues", "coalesce(d.validation_issues, '[]')"],
    ...decisionColumns(migration).map((name): [string, string] => [name, `d.${identifier(name)}`]),
    ["duplicate_confidence", "coalesce(d.duplicate_confidence, 'none')"],
    ["duplicate_evidence", duplicateEvidence(migration)],
    ["high_hits", "coalesce(d.high_hits, 'none')"],
    ["link_table", "d.link_table"],
    ["link_id", "d.link_id"],
    ["source_duplicate_confidence", "coalesce(d.source_duplicate_confidence, 'none')"],
    ["source_duplicate_evidence", sourceEvidence],
    ["later_of_person", "coalesce(d.later_of_person, false)"],
    ["moved_before", "coalesce(d.moved_before, false)"],
    ["planned", "d.planned"],
    ["planned_action", "d.planned_action"],
    ["planned_reason", "d.planned_reason"],
    ["import_state", "coalesce(d.import_state, 'pending')"],
    ["state_reason", "d.state_reason"],
    ["wave", "d.wave"],
    ...linkColumns(migration).map((name): [string, string] => [name, `d.${identifier(name)}`]),
    ["proposals", "coalesce(s.proposals, '{}')"],
    ["another_person", "coalesce(d.another_person, false)"],
    // At the end, as a view that is there already takes new columns nowhere else.
    ["state_detail", "d.state_detail"],
    ...aboveColumns(migration).map(([name]): [string, string] => [name, `d.${identifier(name)}`]),
    ...(isUpdated(migration.entity) ? [["there_changes", changesThere] as [string, string]] : []),
  ];
}

/** What would be changed of a row that is there: by column what it holds, and what would be written (B2). */
const changesThere = `(select jsonb_object_agg(c.key, jsonb_build_array(c.value, t.after -> c.key))
         from wavegate.rows_there t, jsonb_each(t.before) c where t.run_id = s.run_id and t.staged_id = s.id)`;

/**
 * A staged row's values as they came, as an array's text: what rows hold in their columns is read from it. Rows of
 * before have them as a list of JSON.
 */
export const rawText = (alias: string): string =>
  `coalesce(${alias}.raw_values, case when ${alias}.source_values is not null then array(select jsonb_array_elements_text(${alias}.source_values))::text end)`;

/** The source's values under the names that its columns had when the run was pinned; null once erased (B13). */
const rawPayload = `case when num_nonnulls(s.raw_values, s.source_values) > 0 then jsonb_object(
      (select c.columns from wavegate.source_columns c
        where c.run_id = s.run_id and c.source_table = s.source_table),
      ${rawText("s")}::text[]) end`;

/** Hints with what they rest on, as they were found (M7): read from where matching wrote them. */
const duplicateEvidence = (migration: Migration): string => `coalesce(
      (select jsonb_agg(jsonb_build_object('level', h.level, 'rule', h.rule, 'table', h.target_table,
                                           'id', ${hintedId(migration)}, 'hits', h.hits)
                        order by h.rule, h.target_table, h.target_id)
         from wavegate.duplicate_hints h where h.run_id = s.run_id and h.staged_id = s.id), '[]')`;

/** The id of the person that a hint is about, as the platform has it. */
const hintedId = (migration: Migration): string =>
  keyedPeople(migration).length === 0
    ? "h.target_id"
    : `coalesce((select to_jsonb(m.target_key) from wavegate.match_people m
                  where m.run_id = h.run_id and m.target_table = h.target_table and m.target_id = h.target_id), to_jsonb(h.target_id))`;

const sourceEvidence = `coalesce(
      (select jsonb_agg(jsonb_build_object('level', h.level, 'rule', h.rule, 'first', h.first_id,
                                           'rows', h.hits) order by h.rule, h.first_id)
         from wavegate.source_hints h where h.run_id = s.run_id and h.staged_id = s.id), '[]')`;
