import { identifier, literal, literals } from "../data/sql.ts";
import type { InsertAction, Migration, Value } from "../define/definition.ts";
import { importedColumns, valueColumn } from "./columns.ts";
import { isKnown, ofRun, referenceAlias, referenceOf } from "./condition.ts";
import { isKeyed, linkKey } from "./people-keys.ts";
import { keyColumnsOf } from "./target-key.ts";

/** A target table as the catalogue describes it; `stages/target-rules.ts` reads it. */
export interface TargetTable {
  readonly name: string;
  readonly columns: readonly TargetColumn[];
  readonly checks: readonly TargetCheck[];
  readonly references: readonly TargetReference[];
  readonly keys: readonly TargetKey[];
}

export interface TargetColumn {
  readonly name: string;
  /** As `format_type` writes it, e.g. `character varying(40)`. */
  readonly type: string;
  /** Whether null is refused, by the column or by its domain. */
  readonly required: boolean;
  /** Whether it gets a value where none is given: a default, an identity, a generated value. */
  readonly filled: boolean;
  /** Characters it holds, where that is limited. */
  readonly longest: number | null;
  /** The labels of an enumeration. */
  readonly labels: readonly string[] | null;
}

/** A condition over a row's own columns. */
export interface TargetCheck {
  readonly name: string;
  readonly columns: readonly string[];
  readonly expression: string;
}

/** A foreign key: what is referred to, quoted with its schema. */
export interface TargetReference {
  readonly name: string;
  readonly columns: readonly string[];
  readonly table: string;
  readonly others: readonly string[];
}

/** A unique index, with its columns, and its parts and condition as the catalogue writes them. */
export interface TargetKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly parts: readonly string[];
  readonly where: string | null;
  readonly nullsDistinct: boolean;
}

/** What a target refuses of a row's own values: SQL over the aliases of conditions, true where it would. */
export interface TargetRule {
  readonly by: string;
  readonly refuses: string;
  /** Whether it may end in an error itself, as an expression of the platform's or a cast may. */
  readonly mayFail?: true;
}

/** Values that are never missing and fit by what they are. */
const sure = (value: Value): boolean =>
  "constant" in value ||
  "object" in value ||
  "run" in value ||
  ("staged" in value && ["source_table", "legacy_id"].includes(value.staged));

/** What the target of an action refuses, in the order in which it is looked at (B6). */
export function targetRules(
  migration: Migration,
  action: InsertAction,
  table: TargetTable,
): readonly TargetRule[] {
  const given = (name: string) => writtenInto(migration, action, name);
  const keys = keyColumnsOf(action.id);
  const rules: TargetRule[] = [];
  for (const column of table.columns) {
    // What a new row's key is the wave says: drawn, kept or derived.
    if (keys.includes(column.name)) continue;
    const value = action.values[column.name];
    const says = `${table.name}.${column.name}`;
    if (column.required && value === undefined && !column.filled)
      rules.push({ by: `${says} must not be null`, refuses: "true" });
    // What a row above is on the platform may not be there yet: the wave knows it.
    if (value === undefined || "of" in value) continue;
    const is = given(column.name);
    if (column.required && !sure(value))
      rules.push({ by: `${says} must not be null`, refuses: `(${is}) is null` });
    if (column.longest !== null)
      // Spaces beyond the limit are cut off, as the standard has it.
      rules.push({
        by: `${says} holds ${column.longest} characters`,
        refuses: `coalesce(substr((${is})::text, ${column.longest + 1}) ~ '[^ ]', false)`,
      });
    if (column.labels !== null)
      rules.push({
        by: `${says} is none of its values`,
        refuses: `coalesce((${is})::text not in (${literals([...column.labels])}), false)`,
      });
    const unfit = unfitFor(migration, value, column, is);
    if (typeof unfit === "string")
      rules.push({ by: `${says} holds no such value`, refuses: `coalesce(${unfit}, false)` });
    const most = { smallint: 32_767, integer: 2_147_483_647 }[column.type];
    if (most !== undefined && isId(value))
      rules.push({
        by: `${says} holds no such number`,
        // Ids of the platform are texts where its keys are no numbers.
        refuses: `case when (${is})::text ~ '^-?[0-9]{1,30}$' then (${is})::text::numeric not between ${-most - 1} and ${most} else false end`,
      });
  }
  for (const check of table.checks) {
    const row = rowOf(migration, action, table, check.columns);
    if (row !== undefined)
      rules.push({
        by: check.name,
        refuses: `coalesce((select (${check.expression}) is false from (select ${row}) ${identifier(table.name)}), false)`,
        mayFail: true,
      });
  }
  for (const { name, columns, table: other, others } of table.references) {
    // A link's target is looked at once more by the wave itself (D28).
    if (columns.some((column) => "linked" in (action.values[column] ?? {}))) continue;
    const own = columns.map((column) => castOf(migration, action, table, column));
    if (own.includes(undefined)) continue;
    const there = (value: (at: number) => string | undefined) =>
      `exists (select from ${other} o where ${others.map((column, at) => `o.${identifier(column)} = ${value(at)}`).join(" and ")})`;
    const mapped = onlyMapped(migration, action, table, columns);
    const refuses = mapped
      ? // Mappings are few: those whose target is gone are looked up once for all rows.
        `coalesce(${own[0]} = any (array(select ${mapped.target} from ${mapped.from} where case when ${mapped.known} then not ${there(() => mapped.target)} end)), false)`
      : `case when num_nulls(${own.join(", ")}) = 0 then not ${there((at) => own[at])} else false end`;
    rules.push({ by: name, refuses, mayFail: true });
  }
  return rules;
}

/** The mappings behind a foreign key of one column that holds what a reference is mapped to. */
function onlyMapped(
  migration: Migration,
  action: InsertAction,
  table: TargetTable,
  columns: readonly string[],
): { target: string; known: string; from: string } | undefined {
  const value = columns.length === 1 ? action.values[columns[0] as string] : undefined;
  if (value === undefined || !("mapped" in value)) return undefined;
  const { staging } = referenceOf(migration, value.mapped);
  const type = table.columns.find(({ name }) => name === columns[0])?.type;
  const target = `m.${identifier(staging.target)}`;
  return {
    target: `cast(${target} as ${type})`,
    // A domain may take no null, and a cast of one would end the dry run.
    known: `${target} is not null`,
    from: `wavegate.${identifier(staging.table)} m`,
  };
}

/** Types that take any text, or cut it off where nobody asked for more. */
const takesText = /^(text|character( varying)?(\(\d+\))?|citext)$/;

/**
 * When a staged value is none of a column's type, as SQL; `true` where every value is one, and `false` where
 * nothing can be said.
 */
function unfitFor(
  migration: Migration,
  value: Value,
  { type, labels }: TargetColumn,
  is: string,
): string | boolean {
  if (!("staged" in value)) return true;
  if (value.staged === "legacy_id" && type === "bigint") return true;
  const column = valueColumn(migration, value.staged);
  const staged = importedColumns(migration).find(({ name }) => name === column)?.type ?? "text";
  if (takesText.test(type) || labels !== null || staged === type) return true;
  if (staged === "text") return `not pg_input_is_valid((${is})::text, ${literal(type)})`;
  if (staged === "numeric" && /^(smallint|integer|bigint)$/.test(type))
    return `not pg_input_is_valid(round(${is})::text, ${literal(type)})`;
  if (staged === "numeric" && type.startsWith("numeric"))
    return `not pg_input_is_valid((${is})::text, ${literal(type)})`;
  return staged === "bigint" && /^(smallint|integer|numeric)$/.test(type);
}

const isId = (value: Value): boolean =>
  "mapped" in value || "linked" in value || ("staged" in value && value.staged === "legacy_id");

/**
 * The columns of a row as it would be inserted, of those that a condition looks at, as SQL; undefined where one of
 * them gets its value from the platform.
 */
export function rowOf(
  migration: Migration,
  action: InsertAction,
  table: TargetTable,
  names: readonly string[],
): string | undefined {
  const row = names.map((name) => [castOf(migration, action, table, name), name] as const);
  if (row.some(([value]) => value === undefined)) return undefined;
  return row.map(([value, name]) => `${value} as ${identifier(name)}`).join(", ");
}

/** A column's value as it would be inserted; undefined where the platform makes it, or a cast might fail. */
function castOf(
  migration: Migration,
  action: InsertAction,
  table: TargetTable,
  name: string,
): string | undefined {
  const column = table.columns.find((each) => each.name === name);
  if (column === undefined || keyColumnsOf(action.id).includes(name)) return undefined;
  const given = action.values[name];
  if (given !== undefined && "of" in given) return undefined;
  if (given === undefined) return column.filled ? undefined : `cast(null as ${column.type})`;
  // A cast that fails would end the dry run.
  if (unfitFor(migration, given, column, "null") === false) return undefined;
  return `cast(${writtenInto(migration, action, name)} as ${column.type})`;
}

const writtenInto = (migration: Migration, action: InsertAction, column: string): string =>
  valueInto(migration, action.values[column] as Value);

/** What a wave would write, over the aliases of conditions: as `writeWave` has it. */
export function valueInto(migration: Migration, value: Value): string {
  if ("staged" in value) return `s.${identifier(valueColumn(migration, value.staged))}`;
  if ("constant" in value) return literal(value.constant);
  if ("run" in value) return ofRun(value.run, "s");
  if ("nothing" in value) return "null";
  if ("object" in value) return objectOf(value.object, (each) => valueInto(migration, each));
  if ("of" in value)
    throw new Error("What a row above is on the platform is known by a wave alone.");
  if ("linked" in value) {
    const people = migration.entity.match.against.find(({ table }) => table === value.linked);
    const id = people && isKeyed(people) ? `${linkKey("s")}::${people.idType}` : "s.link_id";
    return `case when s.link_table = ${literal(value.linked)} then ${id} end`;
  }
  return "mapped" in value
    ? mappedTarget(migration, value.mapped)
    : referenceLabel(migration, value.label);
}

/** A JSON object of values; what is missing is left out. */
export const objectOf = (
  values: readonly (readonly [name: string, value: Value])[],
  compile: (value: Value) => string,
): string =>
  [
    "'{}'::jsonb",
    ...values.map(([name, value]) => {
      const is = compile(value);
      const shown = "constant" in value ? `${is}::text` : is;
      return `case when (${is}) is null then '{}'::jsonb else jsonb_build_object(${literal(name)}, ${shown}) end`;
    }),
  ].join(" || ");

/** The platform's id that a reference is mapped to, if that is known. */
export const mappedTarget = (migration: Migration, name: string): string =>
  `case when ${isKnown(migration, name)} then ${referenceAlias(name)}.${identifier(referenceOf(migration, name).staging.target)} end`;

/** What the legacy system calls a reference. */
export function referenceLabel(migration: Migration, name: string): string {
  const reference = referenceOf(migration, name);
  const label = reference.kind === "by_name" ? reference.staging.label : reference.staging.code;
  return `${referenceAlias(name)}.${identifier(label)}`;
}

/** By which rule a row that is planned for an action would be refused; null for none. */
export function refusedBy(
  rules: ReadonlyMap<string, readonly TargetRule[]>,
  action: string,
): string {
  const each = [...rules].flatMap(([name, list]) =>
    list.length === 0
      ? []
      : [
          `when ${literal(name)} then case ${list
            .map(({ by, refuses }) => `when ${refuses} then ${literal(by)}`)
            .join("\n      ")} end`,
        ],
  );
  return each.length === 0 ? "null::text" : `case ${action} ${each.join("\n    ")} end`;
}
