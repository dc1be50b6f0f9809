import { identifier, literal } from "../../data/sql.ts";
import { wholeName } from "../../define/database-roles.ts";
import type { InsertAction, Migration, Value } from "../../define/definition.ts";
import { drawnColumn, givenKey } from "../../define/target-key.ts";
import { hasDefault } from "../../define/value.ts";
import { valueColumn } from "../columns.ts";
import { blankRow, keyColumnsOf } from "../target-key.ts";

/** What the platform itself gives new rows, by target table, as SQL of its own. */
export interface Drawn {
  /** What draws a key: the default of its column. */
  readonly keys?: Readonly<Record<string, string>>;
  /** By column what stands where a value is missing: its default, and the type that it is of. */
  readonly missing?: Readonly<Record<string, Readonly<Record<string, DefaultOf>>>>;
}

/** A column's default, with its type without a length, as an insert makes a value fit. */
export interface DefaultOf {
  readonly expression: string;
  readonly type: string;
}

/** The columns of an action for which the platform's default stands where a value is missing. */
export const defaultedColumns = ({ values }: InsertAction): readonly string[] =>
  Object.entries(values).flatMap(([column, value]) => (hasDefault(value) ? [column] : []));

type Named = readonly [name: string, action: InsertAction];

/** The actions whose rows have another key than one integer that the platform draws. */
export const keyedActions = ({ entity }: Migration): readonly Named[] =>
  Object.entries(entity.actions).filter(([, { id }]) => typeof id !== "string");

/** The staged columns that the keys of new rows are made from. */
export const keyNeeds = (migration: Migration): readonly string[] =>
  keyedActions(migration).flatMap(([, { id }]) => {
    if (typeof id === "object" && "derived" in id) return ["source_table", ...id.from];
    return Object.values(givenKey(id)).flatMap(stagedOf);
  });

/** The staged columns that a value is made from. */
export const stagedOf = (value: Value): readonly string[] => {
  if ("staged" in value) return [value.staged];
  return "uuid" in value ? ["source_table", ...value.from] : [];
};

/** The column of a wave's rows that holds the new key of an action's rows, as a row of the target. */
export const keyColumn = (name: string): string => identifier(wholeName(`own key ${name}`));

/**
 * Further columns of a wave's rows `p`: the key that each new row of an action gets, as the target's own
 * types, made before anything is written, so that each created row is known to be that of its staged row.
 */
export const newKeys = (
  migration: Migration,
  drawn: Drawn,
  compile: (value: Value) => string,
): readonly string[] =>
  keyedActions(migration).map(([name, action]) => {
    const key = `jsonb_populate_record(${blankRow(identifier(action.into))}, ${keyOf(migration, action, drawn, compile)})`;
    return `case when p.planned = 'commit' and p.planned_action = ${literal(name)} then ${key} end as ${keyColumn(name)}`;
  });

function keyOf(
  migration: Migration,
  { into, id }: InsertAction,
  drawn: Drawn,
  compile: (value: Value) => string,
): string {
  if (typeof id === "string") throw new Error(`The key of “${into}” is drawn as an integer.`);
  if ("derived" in id) {
    return `jsonb_build_object(${literal(id.derived)}, ${derivedUuid(migration, into, id.from)})`;
  }
  const given = givenKey(id);
  const own = (column: string): string => {
    if (column !== drawnColumn(id)) return compile(given[column] as Value);
    const expression = drawn.keys?.[into];
    if (expression === undefined) throw new Error(`Nothing is known that draws keys of “${into}”.`);
    return expression;
  };
  const pairs = keyColumnsOf(id).map((column) => `${literal(column)}, ${own(column)}`);
  return `jsonb_build_object(${pairs.join(", ")})`;
}

/**
 * A UUID of version 8 (RFC 9562) from the SHA-256 of migration, table, legacy table and values: the same
 * whenever it is made. Null where one of the values is.
 */
export function derivedUuid(
  migration: Migration,
  into: string,
  from: readonly string[],
  row = "p",
): string {
  const values = from.map((column) => `${row}.${identifier(valueColumn(migration, column))}`);
  const named = [literal(migration.name), literal(into), `${row}.source_table`, ...values].join(
    ", ",
  );
  return `case when ${values.map((value) => `${value} is not null`).join(" and ")} then
      (select encode(set_byte(set_byte(h, 6, get_byte(h, 6) & 15 | 128), 8, get_byte(h, 8) & 63 | 128), 'hex')::uuid::text
         -- Fenced: else it would be made again for each place in which it is named.
         from (select substr(sha256(convert_to(jsonb_build_array(${named})::text, 'UTF8')), 1, 16) as h offset 0) d) end`;
}
