import { identifier, literal, literals } from "../../data/sql.ts";
import type { InsertAction, Migration, Value } from "../../define/definition.ts";
import { hasDefault } from "../../define/value.ts";
import { referenceOf } from "../condition.ts";
import { keyColumnsOf } from "../target-key.ts";
import { type Ahead, aheadOf, givenTo, ofAbove, type Targets } from "./ahead.ts";
import { lossFor } from "./loss.ts";
import type { TargetReference, TargetTable } from "./table.ts";
import { unfitFor } from "./type-fit.ts";
import { valueInto } from "./value-into.ts";

/** What a target refuses of a row's own values: SQL over the aliases of conditions, true where it would. */
export interface TargetRule {
  readonly by: string;
  readonly refuses: string;
  /** Whether it may end in an error itself, as an expression of the platform's or a cast may. */
  readonly mayFail?: true;
  /** Whether it looks at what rows above hold or will hold. */
  readonly looksAbove?: true;
}

/** Values that are never missing and fit by what they are. */
const sure = (value: Value): boolean =>
  "constant" in value ||
  "object" in value ||
  "run" in value ||
  ("staged" in value && ["source_table", "legacy_id"].includes(value.staged));

/** What rules of an action are made of. */
interface Ruled {
  readonly migration: Migration;
  readonly action: InsertAction;
  readonly targets: Targets;
  readonly table: TargetTable;
}

/**
 * What the target of an action refuses, in the order in which it is looked at (B6). What a row refers to that the run
 * itself writes is compared with what it writes, in `compared.ts`.
 */
export function targetRules(
  migration: Migration,
  action: InsertAction,
  targets: Targets,
): readonly TargetRule[] {
  const of = { migration, action, targets, table: targets.get(action.into) as TargetTable };
  const made = typeof action.id === "object" && "kept" in action.id ? [] : keyColumnsOf(action.id);
  return [
    // A key that is drawn or derived the wave makes.
    ...of.table.columns.filter(({ name }) => !made.includes(name)).flatMap(columnRules(of)),
    ...of.table.checks.flatMap(checkRules(of)),
    ...of.table.references.flatMap(referenceRules(of)),
  ];
}

/** What a column refuses: nothing at all, and what is too long, none of its values or too large. */
const columnRules =
  ({ migration, action, targets, table }: Ruled) =>
  (column: TargetTable["columns"][number]): readonly TargetRule[] => {
    const value = givenTo(action, column.name);
    const says = `${table.name}.${column.name}`;
    const missing = `${says} must not be null`;
    if (value === undefined)
      return column.required && !column.filled && !column.triggered
        ? [{ by: missing, refuses: "true" }]
        : [];
    const above = "of" in value ? ofAbove(migration, targets, value, column) : undefined;
    // What a row above is on the platform may not be there yet, and nobody knows what it will be.
    if ("of" in value && above === undefined) return [];
    const is = above?.is ?? valueInto(migration, value);
    const rules: TargetRule[] = [];
    const rule = (by: string, refuses: string, looked: Pick<Ahead, "known"> | undefined = above) =>
      rules.push({ by, ...whereKnown(looked === undefined ? [] : [looked], refuses) });
    const given = hasDefault(value) && column.filled;
    if (column.required && !sure(value) && !given) rule(missing, `(${is}) is null`);
    if (column.longest !== null)
      // Spaces beyond the limit are cut off, as the standard has it.
      rule(
        `${says} holds ${column.longest} characters`,
        `coalesce(substr((${above?.there.is ?? is})::text, ${column.longest + 1}) ~ '[^ ]', false)`,
        above?.there,
      );
    if (column.labels !== null && above === undefined)
      rule(
        `${says} is none of its values`,
        `coalesce((${is})::text not in (${literals([...column.labels])}), false)`,
      );
    const unfit = above === undefined ? unfitFor(migration, value, column, is) : above.unfit;
    if (typeof unfit === "string")
      rule(`${says} holds no such value`, `coalesce(${unfit}, false)`, above?.there);
    const loss = lossFor(migration, value, column, is);
    if (loss !== undefined) rule(`${says} holds ${loss.holds}`, `coalesce(${loss.loses}, false)`);
    const most = { smallint: 32_767, integer: 2_147_483_647 }[column.type];
    if (most !== undefined && isId(value))
      rule(
        `${says} holds no such number`,
        // Ids of the platform are texts where its keys are no numbers.
        `case when (${is})::text ~ '^-?[0-9]{1,30}$' then (${is})::text::numeric not between ${-most - 1} and ${most} else false end`,
      );
    return rules;
  };

/** What a check refuses, where all of the row that it looks at is known. */
const checkRules =
  ({ migration, action, targets, table }: Ruled) =>
  ({ name, expression, columns }: TargetTable["checks"][number]): readonly TargetRule[] => {
    const row = rowOf(migration, action, targets, columns);
    if (row === undefined) return [];
    const refuses = `coalesce((select (${expression}) is false from (select ${row.is}) ${identifier(table.name)}), false)`;
    return [{ by: name, ...whereKnown([row], refuses), mayFail: true }];
  };

/** What a foreign key refuses: a row that is not there, of a table that the run does not write. */
const referenceRules =
  ({ migration, action, targets, table }: Ruled) =>
  (reference: TargetReference): readonly TargetRule[] => {
    const { name, columns, table: other, others } = reference;
    // A link's target is looked at once more by the wave itself (D28).
    if (columns.some((column) => "linked" in (action.values[column] ?? {}))) return [];
    if (isWritten(migration, targets, reference)) return [];
    const own = columns.map((column) => aheadOf(migration, targets, action, column));
    if (!own.every((each) => each !== undefined)) return [];
    const place = rowOf(migration, action, targets, reference.within);
    if (place === undefined) return [];
    const there = (value: (at: number) => string | undefined) =>
      `exists (select from ${other} o where ${others.map((column, at) => `o.${identifier(column)} = ${value(at)}`).join(" and ")})`;
    const mapped = onlyMapped(migration, action, table, columns);
    const refuses = mapped
      ? // Mappings are few: those whose target is gone are looked up once for all rows.
        `coalesce(${own[0]?.is} = any (array(select ${mapped.target} from ${mapped.from} where case when ${mapped.known} then not ${there(() => mapped.target)} end)), false)`
      : `case when num_nulls(${own.map(({ is }) => is).join(", ")}) = 0 then not ${there((at) => own[at]?.is)} else false end`;
    const goes =
      reference.where === null
        ? refuses
        : `case when (select (${reference.where}) from (select ${place.is}) ${identifier(table.name)}) then ${refuses} else false end`;
    return [{ by: name, ...whereKnown([...own, place], goes), mayFail: true }];
  };

/** What refuses a row, where what it looks at is known. */
function whereKnown(
  looked: readonly Pick<Ahead, "known">[],
  refuses: string,
): Pick<TargetRule, "refuses" | "looksAbove"> {
  const known = [...new Set(looked.flatMap((each) => each.known))];
  return known.length === 0
    ? { refuses }
    : {
        refuses: `case when ${known.join(" and ")} then ${refuses} else false end`,
        looksAbove: true,
      };
}

/** Whether rows of this kind, or of one above, are written into the table that a foreign key refers to. */
export const isWritten = (
  migration: Migration,
  targets: Targets,
  { to }: TargetReference,
): boolean =>
  [...(migration.above ?? []), migration].some(({ entity }) =>
    Object.values(entity.actions).some(({ into }) => targets.get(into)?.oid === to),
  );

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

const isId = (value: Value): boolean =>
  "mapped" in value || "linked" in value || ("staged" in value && value.staged === "legacy_id");

/**
 * The columns of a row as it would be inserted, of those that a condition looks at, as SQL; undefined where one of
 * them gets its value from the platform.
 */
export function rowOf(
  migration: Migration,
  action: InsertAction,
  targets: Targets,
  names: readonly string[],
): Ahead | undefined {
  const row = names.map((name) => [aheadOf(migration, targets, action, name), name] as const);
  if (row.some(([value]) => value === undefined)) return undefined;
  return {
    is: row.map(([value, name]) => `${value?.is} as ${identifier(name)}`).join(", "),
    known: row.flatMap(([value]) => value?.known ?? []),
  };
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
