import { identifier, literal, literals } from "../data/sql.ts";
import type {
  CodedReference,
  Condition,
  Migration,
  Reference,
  ReferenceTypes,
} from "../define/definition.ts";
import { stateColumn } from "./above-columns.ts";
import { valueColumn } from "./columns.ts";
import { listedIds } from "./placeholder.ts";
import { stagedTable } from "./rows.ts";
import { writtenDate } from "./written-date.ts";

/** The alias under which a condition finds a column. */
export type AliasOf = (column: string) => string;

/** The run of a row that an alias names: its id, or when it was started. */
export const ofRun = (what: "id" | "started", row: string): string =>
  what === "id"
    ? `${row}.run_id`
    : `(select r.created_at from wavegate.legacy_import_runs r where r.id = ${row}.run_id)`;

/** Every column stands on the staged row itself. */
const asStaged: AliasOf = () => "s";
/** Yes/no columns of every migration: a definition compares them with "yes" and "no". */
const booleanColumns = new Set(["moved_before", "later_of_person", "another_person"]);

const isBoolean = ({ entity }: Migration, name: string): boolean =>
  booleanColumns.has(name) || entity.fields[name]?.kind === "boolean";

/** Alias of a reference's mapping in {@link stagedFrom}. */
export const referenceAlias = (name: string): string => identifier(`ref_${name}`);

/** The staged column that holds the legacy id of a reference. */
export function referenceColumn(migration: Migration, reference: string): string {
  for (const [column, field] of Object.entries(migration.entity.fields)) {
    if (field.kind === "reference" && field.to === reference) return column;
  }
  throw new Error(`No field of “${migration.name}” refers to “${reference}”.`);
}

/** A reference by its name. */
export function referenceOf(migration: Migration, name: string): Reference {
  const reference = migration.references[name];
  if (!reference) throw new Error(`“${migration.name}” declares no reference “${name}”.`);
  return reference;
}

/** Joins of a row's mappings to the alias `s`: one alias a reference, null where nothing is mapped. */
export const referenceJoins = (migration: Migration): string =>
  Object.keys(migration.references)
    .map((name) => referenceJoin(migration, name))
    .join("\n  ");

/** The same of one reference. */
export function referenceJoin(migration: Migration, name: string): string {
  const { staging } = referenceOf(migration, name);
  const alias = referenceAlias(name);
  const column = identifier(referenceColumn(migration, name));
  return `left join wavegate.${identifier(staging.table)} ${alias}
    on ${alias}.run_id = s.run_id and ${alias}.${identifier(staging.id)} = s.${column}`;
}

/** The FROM clause every condition is compiled for: staged row `s`, and one alias for each reference. */
export const stagedFrom = (migration: Migration): string =>
  `${stagedTable(migration)} s
  ${referenceJoins(migration)}`;

/** The words for what a reference by code is. */
export const typesOf = ({ types }: CodedReference): ReferenceTypes =>
  types ?? { real: "real", placeholder: "placeholder", unknown: "unknown" };

/** The quoted column of a mapping that keeps which of its types it is. */
export const typeColumn = ({ staging }: CodedReference): string =>
  identifier(staging.type ?? "type");

/**
 * What the thing is that a row refers to by code: real, a placeholder, unknown or `none` (M5, D26). One
 * that cannot be read is unknown, not none (D33).
 */
function typeOf(name: string, reference: CodedReference, migration: Migration): string {
  const { placeholder, unknown } = typesOf(reference);
  const legacy = referenceColumn(migration, name);
  const column = `s.${identifier(legacy)}`;
  const ids = reference.placeholder?.ids ?? [];
  const listed =
    ids.length === 0 ? "" : `when ${column} in (${listedIds(ids)}) then ${literal(placeholder)}`;
  return `coalesce(${referenceAlias(name)}.${typeColumn(reference)},
    case when ${column} is null and jsonb_exists(s.findings, ${literal(`${legacy}_unreadable`)}) then ${literal(unknown)}
         when ${column} is null then 'none'
         ${listed}
         else ${literal(unknown)} end)`;
}

/** Whether a row's reference is one that something can be written for: mapped, or real and confirmed. */
export function isKnown(migration: Migration, name: string): string {
  const reference = referenceOf(migration, name);
  const alias = referenceAlias(name);
  return reference.kind === "by_name"
    ? `${alias}.status in ('mapped', 'confirmed')`
    : `${alias}.status = 'confirmed' and ${typeOf(name, reference, migration)} = ${literal(typesOf(reference).real)}`;
}

/** A reference by code, by its name. */
export function referenceByCode(migration: Migration, name: string): CodedReference {
  const reference = referenceOf(migration, name);
  if (reference.kind === "by_code") return reference;
  throw new Error(`The reference “${name}” of “${migration.name}” is not by code.`);
}

/**
 * A condition as a SQL predicate over the aliases of {@link stagedFrom}, or over others that `at`
 * names; never null, true or false only.
 */
export function compileCondition(
  condition: Condition,
  migration: Migration,
  at: AliasOf = asStaged,
): string {
  if ("all" in condition) return combine(condition.all, "and", "true", migration, at);
  if ("any" in condition) return combine(condition.any, "or", "false", migration, at);
  if ("not" in condition) return `(not ${compileCondition(condition.not, migration, at)})`;
  const column = (name: string) => stands(valueColumn(migration, name), at);
  // A list without elements is none.
  const held = (name: string) =>
    migration.entity.fields[name]?.kind === "list" ? `nullif(${column(name)}, '[]')` : column(name);
  if ("missing" in condition) return `(${held(condition.missing)} is null)`;
  if ("present" in condition) return `(${held(condition.present)} is not null)`;
  if ("noted" in condition)
    return `coalesce(jsonb_exists(${column("findings")}, ${literals([condition.noted])}), false)`;
  if ("passed" in condition)
    return `coalesce(${column(condition.passed)} < ${ofRun("started", at("run_id"))}, false)`;
  if ("said" in condition) return `(${settingText(condition.said, at("run_id"))} is not null)`;
  if ("changes" in condition)
    return `coalesce((select jsonb_exists(t.after, ${literal(condition.changes)}) from wavegate.rows_there t where t.run_id = ${at("run_id")}.run_id and t.staged_id = ${at("id")}.id), false)`;
  if ("other" in condition)
    return `coalesce(${column(condition.other)}::text <> ${settingText(condition.thanSetting, at("run_id"))}, false)`;
  if ("there" in condition) {
    const there = seen(condition.there, at);
    if (!("before" in condition)) return `coalesce(${there} in (${literals(condition.is)}), false)`;
    // What is there is a time of any type: what was read of it is compared as one.
    return `coalesce(case when pg_input_is_valid(${there}, 'timestamptz') then ${there}::timestamptz < ${column(condition.before)} end, false)`;
  }
  if ("before" in condition)
    return `coalesce(${column(condition.before)} < ${column(condition.than)}, false)`;
  if ("time" in condition)
    return `coalesce(${column(condition.time)} < ${settingOf(condition.earlierThan, at("run_id"))}, false)`;
  if ("dated" in condition)
    return `coalesce(${column(condition.dated)} < ${writtenDate(condition, migration)}, false)`;
  if ("number" in condition) {
    const [than, number] =
      "below" in condition ? ["<", condition.below] : [">=", condition.atLeast];
    return `coalesce(${column(condition.number)} ${than} ${literal(String(number))}::numeric, false)`;
  }
  if ("field" in condition) {
    const yesNo = isBoolean(migration, condition.field);
    return fieldIs(column(condition.field), condition.is, yesNo);
  }
  if (Object.hasOwn(migration.entity.refs ?? {}, condition.reference))
    return fieldIs(stands(stateColumn(condition.reference), at), condition.is, false);
  return referenceIs(condition.reference, condition.is, migration);
}

/** A column of the row of the platform that a row is already, as the dry run saw it. */
const seen = (name: string, at: AliasOf): string =>
  `(select t.seen ->> ${literal(name)} from wavegate.rows_there t where t.run_id = ${at("run_id")}.run_id and t.staged_id = ${at("id")}.id)`;

/** A setting of the row's run; null where nobody said it. */
const settingOf = (name: string, row: string): string => `${settingText(name, row)}::timestamptz`;
const settingText = (name: string, row: string): string =>
  `(select r.settings ->> ${literal(name)} from wavegate.legacy_import_runs r where r.id = ${row}.run_id)`;

function combine(
  conditions: readonly Condition[],
  operator: "and" | "or",
  none: string,
  migration: Migration,
  at: AliasOf,
): string {
  if (conditions.length === 0) return none;
  const each = conditions.map((condition) => compileCondition(condition, migration, at));
  return `(${each.join(` ${operator} `)})`;
}

const stands = (name: string, at: AliasOf): string => `${at(name)}.${identifier(name)}`;

function fieldIs(column: string, values: readonly string[], yesNo: boolean): string {
  if (values.length === 0) return "false";
  const value = yesNo ? `case when ${column} then 'yes' when not ${column} then 'no' end` : column;
  return `coalesce(${value} in (${literals(values)}), false)`;
}

function referenceIs(name: string, values: readonly string[], migration: Migration): string {
  if (values.length === 0) return "false";
  const alias = referenceAlias(name);
  const reference = referenceOf(migration, name);
  if (reference.kind === "by_name") {
    // What names a thing that the legacy system lacks is as unmapped as one that it has.
    const lacking = values.includes("unmapped")
      ? `s.${identifier(referenceColumn(migration, name))} is not null`
      : "false";
    return `coalesce(${alias}.status in (${literals(values)}), ${lacking})`;
  }
  if (values.length === 1 && values[0] === "unreadable")
    return `coalesce(${alias}.parent_unreadable, false)`;
  const { real, placeholder, unknown } = typesOf(reference);
  const type = typeOf(name, reference, migration);
  const types = values.filter((value) => [real, placeholder, unknown, "none"].includes(value));
  const statuses = values.filter((value) => codedStatuses.includes(value));
  const each = [
    ...(types.length === 0 ? [] : [`${type} in (${literals(types)})`]),
    // A mapping's status counts only for a real one: a placeholder is never what it stands for (M5).
    ...(statuses.length === 0
      ? []
      : [
          `(coalesce(${alias}.status in (${literals(statuses)}), false) and ${type} = ${literal(real)})`,
        ]),
  ];
  return each.length === 0 ? "false" : `(${each.join(" or ")})`;
}

/** What a mapping by code may be, beside its types: words that a column of each is checked for. */
const codedStatuses = ["confirmed", "suggested", "needs_review", "rejected"];
