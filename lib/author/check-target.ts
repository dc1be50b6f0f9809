import { importedColumns, stagedColumns, valueColumn } from "../compile/columns.ts";
import { keyColumnsOf } from "../compile/target-key.ts";
import type { InsertAction, Migration, Value } from "../define/definition.ts";
import { meaningsOf } from "../define/fields.ts";
import { error, names, type Problem, warning } from "./problem.ts";
import { type Ask, fits, type TargetTable, targetTables, unfit } from "./target.ts";

/** What the platform lacks of a definition, and what would not go into it. */
export async function checkTarget(migration: Migration, ask: Ask): Promise<Problem[]> {
  const wanted = wantedColumns(migration);
  const found = await targetTables(ask, [...wanted.keys()]);
  const table = (name: string) => found.find((each) => each.name === name);
  const missing = [...wanted].flatMap(([name, columns]) => lacks(name, columns, table(name)));
  const actions = await Promise.all(
    Object.entries(migration.entity.actions).flatMap(([name, action]) => {
      const into = table(action.into);
      return into ? [checkAction(migration, name, action, into, ask)] : [];
    }),
  );
  return [...missing, ...actions.flat()];
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
  }
  for (const each of entity.match.against) {
    add(each.table, each.id, each.name, each.phone, each.email, each.birthDate, each.madeByRun);
  }
  for (const { platform } of Object.values(references)) {
    add(platform.table, platform.id);
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

function lacks(name: string, columns: ReadonlySet<string>, table?: TargetTable): Problem[] {
  if (table === undefined) {
    return [
      error(
        "target_table_missing",
        name,
        `The platform has no table “${name}”.`,
        "Load the platform’s schema, or correct the name.",
      ),
    ];
  }
  const there = table.columns.map((column) => column.name);
  return [...columns]
    .filter((column) => !there.includes(column))
    .map((column) =>
      error(
        "target_column_missing",
        column,
        `The platform’s table “${name}” has no column “${column}”.`,
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
  const empty = table.columns
    .filter((column) => column.notNull && !column.filled && !given.has(column.name))
    .map((column) =>
      error(
        "target_column_unfilled",
        name,
        `“${name}” gives no value to ${table.name}.${column.name}, which has to have one (${column.type}): the platform would refuse every row.`,
        `Add ${column.name}: staged("…") or constant("…") to the action’s values.`,
      ),
    );
  const typed = Object.entries(action.values).flatMap(([column, value]) => {
    const to = table.columns.find((each) => each.name === column);
    const from = typeOf(migration, value);
    return to && from ? [{ column, value, from, to: to.type }] : [];
  });
  const fit = await fits(ask, typed);
  const types = typed
    .filter((_, index) => fit[index] !== true)
    .map(({ column, value, from, to }) =>
      error(
        "target_type",
        "staged" in value ? value.staged : column,
        `“${name}” writes ${table.name}.${column} (${to}) from ${describe(value)}, which is ${from}: PostgreSQL does not take the one for the other.`,
        "Stage it as a field of another kind, such as integer(…), date(…) or uuid(…), or write it into another column.",
      ),
    );
  const words = await Promise.all(
    Object.entries(action.values).map(async ([column, value]) => {
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
      const unfitting = (await unfit(ask, to.type, written)).map((word) =>
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
  return [...empty, ...types, ...words.flat(), ...neverNull(migration, action, table)];
}

/** Columns that may not be empty, written from a field that may be: does the plan look at that? */
function neverNull(migration: Migration, action: InsertAction, table: TargetTable): Problem[] {
  const { plan, validate } = migration.entity;
  const looked = JSON.stringify([plan, validate]);
  return Object.entries(action.values).flatMap(([column, value]) => {
    const to = table.columns.find((each) => each.name === column);
    if (!to?.notNull || !("staged" in value)) return [];
    const field = migration.entity.fields[value.staged];
    const names = [value.staged, value.staged.replace(/_normalized$/u, "")];
    const mentioned = names.some((each) => looked.includes(`{"missing":"${each}"}`));
    if (field === undefined && !value.staged.endsWith("_normalized")) return [];
    return mentioned
      ? []
      : [
          warning(
            "target_not_null",
            value.staged,
            `${table.name}.${column} has to have a value, and no rule or line of the plan looks whether “${value.staged}” is missing.`,
            `Hold or fail such rows: { when: missing("${value.staged}"), … }.`,
          ),
        ];
  });
}

/** The type of what a value is in staging; undefined where nothing can be said. */
function typeOf(migration: Migration, value: Value): string | undefined {
  if ("run" in value) return value.run === "id" ? "uuid" : "timestamptz";
  if ("linked" in value || "mapped" in value || "of" in value) return undefined;
  if ("label" in value) return "text";
  if ("constant" in value || "nothing" in value) return undefined;
  if ("object" in value) return "jsonb";
  const column = valueColumn(migration, value.staged);
  const own = importedColumns(migration).find(({ name }) => name === column);
  if (own) return own.type;
  if (column === "id" || column === "legacy_id") return undefined;
  return stagedColumns(migration).some(([name]) => name === column) ? "text" : undefined;
}

const isDecision = (migration: Migration, value: Value): boolean =>
  "staged" in value && value.staged in migration.entity.decide;

/** The words that a value may be, of a constant, a choice or a decision. */
function wordsOf(migration: Migration, value: Value): string[] {
  if ("constant" in value) return [value.constant];
  if (!("staged" in value)) return [];
  const field = migration.entity.fields[value.staged];
  if (field?.kind === "choice") return [...meaningsOf(field)];
  return [...new Set((migration.entity.decide[value.staged] ?? []).map(({ is }) => is))];
}

const describe = (value: Value): string =>
  "staged" in value
    ? `“${value.staged}”`
    : "label" in value
      ? `the label of “${value.label}”`
      : "of" in value
        ? `what “${value.of}” is on the platform`
        : "the run";
