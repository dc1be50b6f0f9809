import { identifier, literal } from "../../data/sql.ts";
import { wholeName } from "../../define/database-roles.ts";
import type { InsertAction, Migration, Same, Value } from "../../define/definition.ts";
import { updatesOf } from "../../define/identity.ts";
import { drawnColumn, givenKey } from "../../define/target-key.ts";
import { hasDefault } from "../../define/value.ts";
import { rowColumn, selvesOf } from "../above-columns.ts";
import { referenceJoins } from "../condition.ts";
import { parentOf, standsIn } from "../references/above.ts";
import { stagedTable } from "../rows.ts";
import { keyColumnsOf } from "../target-key.ts";
import { keyThere } from "./key-there.ts";
import { derivedUuid } from "./new-keys.ts";
import type { TargetColumn, TargetTable } from "./table.ts";
import { isOne, readAs, readsAlike, rounded, takesText, unfitFor } from "./type-fit.ts";
import { valueInto } from "./value-into.ts";

/** The targets of a kind of things and of those above it, by name. */
export type Targets = ReadonlyMap<string, TargetTable>;

/** A column of a row as a wave would write it, over the aliases of conditions and those of {@link aheadJoins}. */
export interface Ahead {
  readonly is: string;
  /** Conditions under which that is known before a wave; none where it always is. */
  readonly known: readonly string[];
  /**
   * Where the platform will draw it for a new row above: the staged id of that row, else null. No two such rows have the
   * same value, and no row of the platform has it yet.
   */
  readonly drawn?: string;
}

/** What a definition writes into a column, by a value or as a part of the key. */
export const givenTo = ({ id, values }: InsertAction, column: string): Value | undefined =>
  Object.hasOwn(givenKey(id), column) ? givenKey(id)[column] : values[column];

/** A column's value as it would be inserted; undefined where the platform makes it, or where nobody can say. */
export function aheadOf(
  migration: Migration,
  targets: Targets,
  action: InsertAction,
  name: string,
): Ahead | undefined {
  const column = columnOf(targets, action.into, name);
  if (column === undefined) return undefined;
  const { id } = action;
  if (drawnColumn(id) === name) return undefined;
  if (typeof id === "object" && "derived" in id && id.derived === name)
    return column.type === "uuid" || takesText.test(column.type)
      ? always(`cast(${derivedUuid(migration, action.into, id.from, "s")} as ${column.type})`)
      : undefined;
  const given = givenTo(action, name);
  if (given === undefined) {
    if (column.triggered) return undefined;
    if (column.constant !== null) return always(`cast(${column.constant} as ${column.type})`);
    return column.filled ? undefined : always(`cast(null as ${column.type})`);
  }
  if ("of" in given) return ofAbove(migration, targets, given, column);
  if ("uuid" in given && column.type !== "uuid" && !takesText.test(column.type)) return undefined;
  // A cast that fails would end the dry run.
  if (unfitFor(migration, given, column, "null") === false) return undefined;
  const is = valueInto(migration, given);
  if (!hasDefault(given) || !column.filled) return always(`cast(${is} as ${column.type})`);
  // Where it is missing, the platform's own: one value for all rows, or one that nobody knows before.
  return column.constant === null
    ? {
        is: `case when (${is}) is not null then cast(${is} as ${column.type}) end`,
        known: [`(${is}) is not null`],
      }
    : always(
        `case when (${is}) is null then cast(${column.constant} as ${column.type}) else cast(${is} as ${column.type}) end`,
      );
}

const always = (is: string): Ahead => ({ is, known: [] });

const columnOf = (targets: Targets, table: string, name: string): TargetColumn | undefined =>
  targets.get(table)?.columns.find((each) => each.name === name);

/** A column of the row that a row above is, or will be, as another column takes it. */
interface AheadOfAbove extends Ahead {
  /** As it stands above, whether the other column takes it or not. */
  readonly there: Ahead;
  /** When the other column does not take what stands there, as SQL; undefined where it takes all, or nobody can say. */
  readonly unfit: string | undefined;
}

/** A column of the row that a row above is, or will be. */
export function ofAbove(
  migration: Migration,
  targets: Targets,
  value: { readonly of: string; readonly column?: string },
  ours: Pick<TargetColumn, "type" | "base">,
): AheadOfAbove | undefined {
  // Which rows of its own kind waves write before it, and when, they alone know.
  if (selvesOf(migration).includes(value.of)) return undefined;
  const { into } = standsIn(parentOf(migration, value.of));
  const column = takenColumn(migration, value);
  const theirs = columnOf(targets, into, column);
  if (theirs === undefined) return undefined;
  const is = `${alias(value.of)}.${identifier(column)}`;
  const there = { is, known: [`${alias(value.of)}.${knownAs(column)}`] };
  const drawn = `${alias(value.of)}.${drawnAs(column)}`;
  if (theirs.type === ours.type) return { ...there, there, unfit: undefined, drawn };
  const written = rounded(is, theirs, ours);
  const fits = isOne(written, ours.type);
  return {
    is: readAs(written, ours.type),
    known: [...there.known, fits],
    there,
    drawn,
    unfit: readsAlike(theirs.base, ours.base) ? `not ${fits}` : undefined,
  };
}

/**
 * What tells by a column of a row above whether a row below it is there: a row that is there may have it from before a
 * wave brings the one above up to date, or from behind it. Of a column that waves write each of both is looked for, in
 * a join of its own beside {@link aheadJoins}.
 */
export function toldAbove(
  migration: Migration,
  targets: Targets,
  value: { readonly of: string; readonly column?: string },
  name: string,
  at: number,
): (Ahead & { readonly join: string }) | undefined {
  const column = columnOf(targets, standsIn(migration).into, name);
  const above = column && ofAbove(migration, targets, value, column);
  if (column === undefined || above === undefined) return undefined;
  const taken = takenColumn(migration, value);
  if (!isUpdated(parentOf(migration, value.of), taken)) return { ...above, join: "" };
  const either = `either_${at}`;
  const join = `cross join lateral (
        select ${above.is} as v where ${above.known.join(" and ")}
        union all select ${readAs("e.v", column.type)} from unnest(${alias(value.of)}.${eitherAs(taken)}) e(v)
                   where ${isOne("e.v", column.type)}) ${either}`;
  return { is: `${either}.v`, known: [], join };
}

/**
 * What a row above has for a column of a row that is there, or will have once waves wrote it, as the text that the column
 * reads; when that is known, and whether it has it already. Beside {@link aheadJoins} by which it is told.
 */
export function comesOfAbove(
  migration: Migration,
  targets: Targets,
  value: { readonly of: string; readonly column?: string },
  ours: Pick<TargetColumn, "type" | "base">,
): { readonly text: string; readonly known: string; readonly stays: string } | undefined {
  const parent = parentOf(migration, value.of);
  const taken = takenColumn(migration, value);
  const theirs = columnOf(targets, standsIn(parent).into, taken);
  const above = ofAbove(migration, targets, value, ours);
  if (theirs === undefined || above === undefined) return undefined;
  const read = (is: string) => `(${rounded(is, theirs, ours)})::text`;
  const text = read(above.there.is);
  const known = above.there.known.join(" and ");
  if (!isUpdated(parent, taken)) return { text, known, stays: "true" };
  const either = `${alias(value.of)}.${eitherAs(taken)}`;
  return {
    text: `case when ${known} then ${text} else ${read(`${either}[cardinality(${either})]`)} end`,
    known: `(${known} or ${either} is not null)`,
    stays: `(${known} or cardinality(${either}) = 1)`,
  };
}

const isUpdated = ({ entity }: Migration, column: string): boolean =>
  Object.hasOwn(updatesOf(entity), column);

const alias = (name: string): string => identifier(wholeName(`ahead_${name}`));
const knownAs = (column: string): string => identifier(wholeName(`known ${column}`));
const drawnAs = (column: string): string => identifier(wholeName(`drawn ${column}`));
const eitherAs = (column: string): string => identifier(wholeName(`either ${column}`));

const takenColumn = (
  migration: Migration,
  { of, column }: { readonly of: string; readonly column?: string },
): string => column ?? (keyColumnsOf(standsIn(parentOf(migration, of)).id)[0] as string);

/** Columns of rows above, by reference. */
type Taken = ReadonlyMap<string, ReadonlySet<string>>;

/** The columns of rows above that a kind of things takes: for all it writes and is told by, or for some of its columns. */
function takenOf(migration: Migration, wanted?: ReadonlySet<string>): Taken {
  const { actions, is = [] } = migration.entity;
  const written = Object.values(actions).flatMap(({ id, values }) =>
    Object.entries({ ...values, ...givenKey(id) }),
  );
  const told = wanted === undefined ? is.flat() : [];
  return takenBy(
    migration,
    [...written, ...told].filter(([column]) => wanted?.has(column) ?? true),
  );
}

function takenBy(migration: Migration, values: Same): Taken {
  const taken = new Map<string, Set<string>>();
  for (const [, value] of values) {
    if (!("of" in value) || selvesOf(migration).includes(value.of)) continue;
    const columns = taken.get(value.of) ?? new Set();
    taken.set(value.of, columns.add(takenColumn(migration, value)));
  }
  return taken;
}

/** The columns of a kind's rows, its key aside, that kinds below it take. */
export function takenBelow(migration: Migration, below: readonly Migration[]): readonly string[] {
  const keys = keyColumnsOf(standsIn(migration).id);
  const taken = below.flatMap((kind) =>
    [...takenOf(kind)].flatMap(([name, columns]) =>
      parentOf(kind, name).part === migration.part ? [...columns] : [],
    ),
  );
  return [...new Set(taken)].filter((column) => !keys.includes(column)).sort();
}

/** How {@link aheadJoins} find rows above. */
interface Found {
  /** Where it is known which row above is meant. */
  readonly rowOf?: (name: string) => string;
  /** Whether each is looked up by itself, as for what is just planned; else as the planner likes. */
  readonly oneByOne?: boolean;
  /** What alone is asked by them: which row of the platform a row is ({@link toldAbove}). */
  readonly told?: Same;
}

/**
 * Joins to a staged row `s` that say, of each reference, what the row above it holds on the platform, or will hold once
 * a wave has written it; and column by column whether that is known.
 *
 * @param wanted the columns of the row for which that is asked; all of them unless said
 */
export function aheadJoins(
  migration: Migration,
  targets: Targets,
  { rowOf = (name) => `s.${identifier(rowColumn(name))}`, oneByOne = false, told }: Found = {},
  wanted?: ReadonlySet<string>,
): string {
  return [...(told === undefined ? takenOf(migration, wanted) : takenBy(migration, told))]
    .map(([name, taken]) => {
      const parent = parentOf(migration, name);
      const columns = [...taken].filter(
        (column) => columnOf(targets, standsIn(parent).into, column) !== undefined,
      );
      const shown = columns.map(
        (column) =>
          `v.${identifier(column)}, asked.row is null or coalesce(v.${knownAs(column)}, false) as ${knownAs(column)}, v.${drawnAs(column)}`,
      );
      const either = told === undefined ? [] : columns.filter((each) => isUpdated(parent, each));
      shown.push(...either.map((column) => `v.${eitherAs(column)}`));
      return `left join lateral (
        select ${["asked.row", ...shown].join(", ")}
          from (select s.run_id as run, ${rowOf(name)} as row) asked
          left join lateral (${rowAbove(parent, targets, { columns, either, oneByOne })}) v on true${oneByOne ? " offset 0" : ""}) ${alias(name)} on true`;
    })
    .join("\n      ");
}

/** What a row holds on the platform, or will hold: of the row that is asked for. */
function rowAbove(
  migration: Migration,
  targets: Targets,
  {
    columns,
    either,
    oneByOne,
  }: {
    readonly columns: readonly string[];
    /** Those of them of which both is shown, as texts: what they are, and what a wave makes of them. */
    readonly either: readonly string[];
    readonly oneByOne: boolean;
  },
): string {
  const { entity } = migration;
  const { into, id } = standsIn(migration);
  const keys = keyColumnsOf(id);
  const stands = `t.${identifier(keys[0] as string)} is not null`;
  const planned = "s.planned = 'commit' and s.import_state in ('pending', 'rolled_back')";
  const shown = columns.flatMap((column) => {
    const each = Object.entries(entity.actions).map(([name, action]) => ({
      name: literal(name),
      ahead: guarded(migration, targets, action, column),
      drawn: drawnColumn(action.id) === column,
    }));
    const of = (pick: (ahead: Ahead) => string, otherwise: string) =>
      each
        .map(({ name, ahead }) => `when ${name} then ${ahead ? pick(ahead) : otherwise}`)
        .join(" ");
    const still = isUpdated(migration, column) ? " and s.planned is distinct from 'update'" : "";
    const known = of(({ known }) => known.join(" and ") || "true", "false");
    const drawn = each
      .map(
        (by) => `when ${by.name} then ${by.drawn ? "s.id" : (by.ahead?.drawn ?? "null::bigint")}`,
      )
      .join(" ");
    return [
      `case when ${stands} then t.${identifier(column)} when ${planned} then case s.planned_action ${of(({ is }) => is, `(select o.${identifier(column)} from ${identifier(into)} o where false)`)} end end as ${identifier(column)}`,
      `case when ${stands} then true${still} when ${planned} then case s.planned_action ${known} end end as ${knownAs(column)}`,
      `case when not ${stands} and ${planned} then case s.planned_action ${drawn} end end as ${drawnAs(column)}`,
    ];
  });
  for (const column of either) {
    const [name, written] = [literal(column), `r.after -> ${literal(column)}`];
    // A `false` is the key of a row that is still to be written: no row there has it yet.
    shown.push(`case when not ${stands} or s.planned is distinct from 'update' then null
                        when jsonb_exists(r.after, ${name}) then array[r.before ->> ${name}] || case when jsonb_typeof(${written}) <> 'boolean' then array[r.after ->> ${name}] end
                        else array[t.${identifier(column)}::text] end as ${eitherAs(column)}`);
  }
  const typed = keys.map(
    (column) =>
      `t.${identifier(column)} = (k.key ->> ${literal(column)})::${columnOf(targets, into, column)?.type}`,
  );
  return `
            select ${["1 as found", ...shown].join(",\n                   ")}
              from ${stagedTable(migration)} s
              ${referenceJoins(migration)}
              ${aheadJoins(migration, targets, { oneByOne }, new Set(columns))}
              cross join lateral (select ${keyThere(migration, id, into)} as key) k
              left join ${identifier(into)} t on ${typed.join(" and ")}${either.length === 0 ? "" : "\n              left join wavegate.rows_there r on r.run_id = s.run_id and r.staged_id = s.id"}
             where s.run_id = asked.run and s.id = asked.row`;
}

/** {@link aheadOf} of a row that nobody looked at just before: a value that is none of its column's is not cast. */
function guarded(
  migration: Migration,
  targets: Targets,
  action: InsertAction,
  name: string,
): Ahead | undefined {
  const ahead = aheadOf(migration, targets, action, name);
  const column = columnOf(targets, action.into, name);
  const given = givenTo(action, name);
  if (ahead === undefined || column === undefined || given === undefined || "of" in given)
    return ahead;
  const is = valueInto(migration, given);
  const unfit = unfitFor(migration, given, column, is);
  if (column.labels === null && typeof unfit !== "string") return ahead;
  const fit = typeof unfit === "string" ? `not coalesce(${unfit}, false)` : isOne(is, column.type);
  return { is: `case when ${fit} then ${ahead.is} end`, known: [...ahead.known, fit] };
}
