import { identifier, literal, literals } from "../data/sql.ts";
import type { CodedReference, Condition, Migration, Reference } from "../define/definition.ts";
import { stagedTable } from "./rows.ts";

/** The alias under which a condition finds a column. */
export type AliasOf = (column: string) => string;

/** Every column stands on the staged row itself. */
const asStaged: AliasOf = () => "s";
/** Yes/no columns: a definition compares them with "yes" and "no". */
const booleanColumns = new Set(["moved_before", "later_of_person", "another_person"]);

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
export function referenceJoins(migration: Migration): string {
  return Object.entries(migration.references)
    .map(([name, { staging }]) => {
      const alias = referenceAlias(name);
      const column = identifier(referenceColumn(migration, name));
      return `left join wavegate.${identifier(staging.table)} ${alias}
    on ${alias}.run_id = s.run_id and ${alias}.${identifier(staging.id)} = s.${column}`;
    })
    .join("\n  ");
}

/** The FROM clause every condition is compiled for: staged row `s`, and one alias for each reference. */
export const stagedFrom = (migration: Migration): string =>
  `${stagedTable(migration)} s
  ${referenceJoins(migration)}`;

/**
 * What kind of session a row points at: real, placeholder, unknown or none (M5, D26). One that cannot be
 * read is unknown, not none (D33).
 */
export function sessionType(migration: Migration): string {
  const [name, reference] = codedReference(migration);
  const column = `s.${identifier(referenceColumn(migration, name))}`;
  const ids = reference.placeholder.ids.join(", ") || "null";
  return `coalesce(${referenceAlias(name)}.session_type,
    case when ${column} is null and s.findings ? ${literal(`${referenceColumn(migration, name)}_unreadable`)} then 'unknown_session'
         when ${column} is null then 'none'
         when ${column} in (${ids}) then 'placeholder_session'
         else 'unknown_session' end)`;
}

/** The reference by code of a migration. */
export function codedReference(migration: Migration): [string, CodedReference] {
  for (const [name, reference] of Object.entries(migration.references)) {
    if (reference.kind === "by_code") return [name, reference];
  }
  throw new Error(`“${migration.name}” declares no reference by code.`);
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
  if ("missing" in condition) return `(${column(condition.missing, at)} is null)`;
  if ("present" in condition) return `(${column(condition.present, at)} is not null)`;
  if ("noted" in condition)
    return `coalesce(${column("findings", at)} ? ${literals([condition.noted])}, false)`;
  if ("field" in condition) return fieldIs(condition.field, condition.is, at);
  return referenceIs(condition.reference, condition.is, migration);
}

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

const column = (name: string, at: AliasOf): string => `${at(name)}.${identifier(name)}`;

function fieldIs(name: string, values: readonly string[], at: AliasOf): string {
  const value = booleanColumns.has(name)
    ? `case when ${column(name, at)} then 'yes' else 'no' end`
    : column(name, at);
  return `coalesce(${value} in (${literals(values)}), false)`;
}

function referenceIs(name: string, values: readonly string[], migration: Migration): string {
  const alias = referenceAlias(name);
  const status = `coalesce(${alias}.status in (${literals(values)}), false)`;
  if (referenceOf(migration, name).kind === "by_name") return status;
  // A mapping's status counts only for a real session: a placeholder is never a cohort (M5).
  if (values.length === 1 && values[0] === "unreadable")
    return `coalesce(${alias}.parent_unreadable, false)`;
  const type = sessionType(migration);
  return `(${type} in (${literals(values)}) or (${type} = 'real_session' and ${status}))`;
}
