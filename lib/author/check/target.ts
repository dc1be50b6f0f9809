import { ofField } from "../../compile/pin/used-columns.ts";
import { insertedType, namedValue, saysUnfitType } from "../../compile/target/inserted-types.ts";
import { keyColumnsOf } from "../../compile/target-key.ts";
import type { InsertAction, Migration, Value } from "../../define/definition.ts";
import type { Field } from "../../define/fields.ts";
import { updatesOf } from "../../define/identity.ts";
import { seenThere } from "../../define/looked-at.ts";
import { givenKey } from "../../define/target-key.ts";
import { hasDefault } from "../../define/value.ts";
import { deletedMatched } from "../deleted.ts";
import { error, names, type Problem, warning } from "../problem.ts";
import {
  type Ask,
  elsewhere,
  fits,
  onThePath,
  type TargetColumn,
  type TargetTable,
  targetTables,
  unfit,
} from "../target.ts";
import { isDecision, wordsOf } from "../words-written.ts";
import { clockProblems } from "./clocks.ts";
import { checkConstraints } from "./constraints.ts";
import { mayCreate } from "./created.ts";
import { fieldFor, takesRange } from "./field-for.ts";
import { checkKey } from "./key.ts";
import { checkTogether } from "./together.ts";
import { unfilled } from "./unfilled.ts";
import { conditionsOf } from "./words.ts";

/** What the platform lacks of a definition, and what would not go into it. */
export async function checkTarget(migration: Migration, ask: Ask): Promise<Problem[]> {
  const wanted = wantedColumns(migration);
  const found = await targetTables(ask, [...wanted.keys()]);
  const table = (name: string) => found.find((each) => each.name === name);
  const missing: Problem[] = [];
  for (const [name, columns] of wanted) {
    const there = table(name);
    missing.push(...(there ? lacks(columns, there) : [await notThere(ask, name)]));
  }
  const actions = await Promise.all(
    Object.entries(migration.entity.actions).flatMap(([name, action]) => {
      const into = table(action.into);
      return into ? [checkAction(migration, name, action, into, ask)] : [];
    }),
  );
  // One after the other, as each of them may fail by itself.
  const refused: Problem[] = [];
  for (const [name, action] of Object.entries(migration.entity.actions)) {
    const into = table(action.into);
    if (!into) continue;
    refused.push(...(await checkConstraints(migration, { name, action }, into, ask)));
    refused.push(...(await checkTogether(migration, { name, action }, into, ask)));
  }
  return [...missing, ...actions.flat(), ...deletedMatched(migration, table), ...refused];
}

/** Every platform table that a definition names, with the columns that it reads or writes there. */
function wantedColumns(migration: Migration): Map<string, Set<string>> {
  const { entity, references, guarded, reads, refersTo = [] } = migration;
  const wanted = new Map<string, Set<string>>();
  const add = (table: string, ...columns: (string | undefined)[]) => {
    const known = wanted.get(table) ?? new Set<string>();
    wanted.set(table, known);
    for (const column of columns) if (column !== undefined) known.add(column);
  };
  for (const { into, id, values, identity = {} } of Object.values(entity.actions)) {
    add(into, ...keyColumnsOf(id), ...Object.keys(values), ...Object.keys(identity));
    add(into, ...(entity.is ?? []).flatMap((same) => same.map(([column]) => column)));
    add(into, ...Object.keys(updatesOf(entity)));
    add(into, ...conditionsOf(migration).flatMap(({ when }) => seenThere(when)));
  }
  for (const { parent, column } of takenAbove(migration)) add(parent, column);
  for (const each of entity.match.against) {
    add(each.table, each.id, each.name, each.phone, each.email, each.birthDate, each.madeByRun);
    add(each.table, ...Object.keys(each.where ?? {}));
  }
  for (const { platform } of Object.values(references)) {
    add(platform.table, platform.id, ...Object.keys(platform.where ?? {}));
    if ("label" in platform) add(platform.table, platform.label);
    else add(platform.table, platform.code, platform.parent);
  }
  for (const name of [...guarded, ...reads]) add(name);
  for (const { table, columns, target, targetColumns } of refersTo) {
    add(table, ...columns);
    add(target, ...targetColumns);
  }
  return wanted;
}

async function notThere(ask: Ask, name: string): Promise<Problem> {
  const [schema] = await elsewhere(ask, name);
  return schema === undefined
    ? error(
        "target_table_missing",
        name,
        `The platform has no table “${name}”.`,
        "Load the platform’s schema, or correct the name.",
      )
    : error(
        "target_table_elsewhere",
        name,
        `The platform has “${name}” in the schema “${schema}” alone, where nothing is looked for.`,
        onThePath(schema),
      );
}

function lacks(columns: ReadonlySet<string>, table: TargetTable): Problem[] {
  const there = table.columns.map((column) => column.name);
  return [...columns]
    .filter((column) => !there.includes(column))
    .map((column) =>
      error(
        "target_column_missing",
        column,
        `The platform’s table “${table.name}” has no column “${column}”.`,
        `Correct the name; there are ${names(there, 20)}.`,
      ),
    );
}

async function checkAction(
  migration: Migration,
  name: string,
  action: InsertAction,
  table: TargetTable,
  ask: Ask,
): Promise<Problem[]> {
  const given = new Set([...keyColumnsOf(action.id), ...Object.keys(action.values)]);
  if (table.isView) {
    return [
      error(
        "target_is_view",
        table.name,
        `“${name}” writes into “${table.name}”, which is a view or a table elsewhere: only tables of the platform’s own are written.`,
        "Name the table that it is of; what a definition only reads may be a view.",
      ),
    ];
  }
  const undefaulted = table.columns
    .filter(({ name: column, filled, made }) => {
      const value = action.values[column];
      return value !== undefined && hasDefault(value) && !filled && !made;
    })
    .map((column) =>
      error(
        "target_no_default",
        name,
        `“${name}” leaves ${table.name}.${column.name} to its default where the value is missing, and the platform has none: nothing would stand there${column.notNull ? ", which the platform refuses" : ""}.`,
        "Write it as staged(…), or give the column a default.",
      ),
    );
  const typed = Object.entries(action.values).flatMap(([column, value]) => {
    const to = table.columns.find((each) => each.name === column);
    const from = insertedType(migration, value);
    return to && from ? [{ column, value, from, to }] : [];
  });
  const fit = await fits(
    ask,
    typed.map(({ from, to }) => ({ from, to: to.typeId })),
  );
  const types = typed
    .filter((_, index) => fit[index] !== true)
    .map(({ column, value, from, to }) =>
      error(
        "target_type",
        "staged" in value ? value.staged : column,
        saysUnfitType({
          ...{ action: name, column: `${table.name}.${column}`, type: to.type },
          ...{ value: namedValue(value), from },
        }),
        remedyOf(migration, value, to),
      ),
    );
  const updates = Object.entries(updatesOf(migration.entity));
  const ranges = [...Object.entries(action.values), ...updates].flatMap(([column, value]) => {
    const to = table.columns.find((each) => each.name === column);
    const field = "staged" in value ? migration.entity.fields[value.staged] : undefined;
    if (!to || field?.kind !== "range" || takesRange(field, to)) return [];
    return [
      error(
        "target_type",
        (value as { staged: string }).staged,
        `“${name}” writes ${table.name}.${column} (${to.type}) from ${namedValue(value)}, which is a range of ${field.starts.kind}s: PostgreSQL does not take the one for the other.`,
        remedyOf(migration, value, to),
      ),
    ];
  });
  const words = await Promise.all(
    [...Object.entries(action.values), ...updates].map(async ([column, value]) => {
      const to = table.columns.find((each) => each.name === column);
      if (!to) return [];
      const written = wordsOf(migration, value);
      // Which of a decision's words is written, the plan says; a choice's are written as they are.
      const listed = isDecision(migration, value) ? written : (to.words ?? written);
      const unlisted = written
        .filter((word) => !listed.includes(word))
        .map((word) =>
          error(
            "target_word",
            word,
            `“${name}” may write “${word}” into ${table.name}.${column}, of which a check of the platform takes ${names(listed, 12)} only.`,
            "Say in the definition which of the platform’s words it is; a value that is left out of a choice is held for a person.",
          ),
        );
      const unfitting = (await unfit(ask, to, written)).map((word) =>
        error(
          "target_word",
          word,
          `“${name}” may write “${word}” into ${table.name}.${column}, which is ${to.type} and does not hold it.`,
          "Correct the word in the definition, or let the platform’s type have it.",
        ),
      );
      return [...unlisted, ...unfitting];
    }),
  );
  return [
    ...checkKey(name, action, table),
    ...madeByItself([...Object.keys(action.values), ...updates.map(([column]) => column)], table),
    ...(mayCreate(migration, name)
      ? [...unfilled(name, given, table), ...neverNull(migration, action, table)]
      : []),
    ...undefaulted,
    ...clockProblems(migration, name, [...Object.entries(action.values), ...updates], table),
    ...types,
    ...ranges,
    ...words.flat(),
  ];
}

/** The column that a staged value is made from, as a definition names it. */
function sourceOf(migration: Migration, value: Value): string {
  const field = "staged" in value ? migration.entity.fields[value.staged] : undefined;
  const [column = "…"] = field === undefined ? [] : ofField(field);
  return JSON.stringify(column);
}

/** What is done about a value whose type a column does not take. */
function remedyOf(migration: Migration, value: Value, to: TargetColumn): string {
  if (!("staged" in value)) return "Write it into another column.";
  const field = fieldFor(to, sourceOf(migration, value));
  return field === undefined
    ? `Nothing is staged as ${to.basic}: write it into another column, such as one of text.`
    : `Stage it as ${field}, or write it into another column.`;
}

/** Columns that the platform makes of others. */
const madeByItself = (written: readonly string[], table: TargetTable): Problem[] =>
  table.columns
    .filter(({ name, made }) => made && written.includes(name))
    .map(({ name }: TargetColumn) =>
      error(
        "target_generated",
        name,
        `${table.name}.${name} is made by the platform of other columns, and nobody may write it.`,
        "Leave it out: it follows what is written.",
      ),
    );

/** The columns of rows above that are written, with the table that has them. */
const takenAbove = (own: Migration): { parent: string; column: string }[] => {
  const { entity, above = [] } = own;
  return Object.values(entity.actions)
    .flatMap(({ id, values }) => [...Object.values(values), ...Object.values(givenKey(id))])
    .concat(Object.values(updatesOf(entity)))
    .concat((entity.is ?? []).flatMap((same) => same.map(([, value]) => value)))
    .flatMap((value) => {
      if (!("of" in value) || value.column === undefined) return [];
      const to = entity.refs?.[value.of]?.to;
      const parent = to === own.part ? own : above.find(({ part }) => part === to);
      const [action] = Object.values(parent?.entity.actions ?? {});
      return action ? [{ parent: action.into, column: value.column }] : [];
    });
};

/** Whether a field says what an empty cell means, or any other word: what it cannot read is held. */
function isNeverMissing(field: Field): boolean {
  if (field.kind === "boolean") return [...field.yes, ...field.no].includes("");
  return field.kind === "choice" && ("" in field.means || field.otherwise !== undefined);
}

/** Columns that may not be empty, written from a field that may be: does the plan look at that? */
function neverNull(migration: Migration, action: InsertAction, table: TargetTable): Problem[] {
  const { plan, validate } = migration.entity;
  const looked = JSON.stringify([plan, validate]);
  return Object.entries(action.values).flatMap(([column, value]) => {
    const to = table.columns.find((each) => each.name === column);
    if (!to?.notNull || !("staged" in value) || hasDefault(value)) return [];
    const field = migration.entity.fields[value.staged];
    const names = [value.staged, value.staged.replace(/_normalized$/u, "")];
    const mentioned = names.some((each) => looked.includes(`{"missing":"${each}"}`));
    // A list without elements is written as one.
    if (field?.kind === "list" || (field !== undefined && isNeverMissing(field))) return [];
    if (field === undefined && !value.staged.endsWith("_normalized")) return [];
    return mentioned
      ? []
      : [
          warning(
            "target_not_null",
            value.staged,
            `${table.name}.${column} has to have a value, and no rule or line of the plan looks whether “${value.staged}” is missing.`,
            `Hold or fail such rows: { when: missing("${value.staged}"), … }.${to.filled ? ` Or let the platform’s own default stand there: ${column}: orDefault("${value.staged}").` : ""}`,
          ),
        ];
  });
}
