import { identifier, literal, textObject } from "../../data/sql.ts";
import type { PinnedTarget } from "../pin/pin.ts";
import type { Reshaping, Shape } from "../wave/written-rows.ts";

/** A column that waves change of rows that were there: as it was called then, and as it is now. */
export interface UpdatedColumn {
  readonly written: string;
  readonly now: string;
  readonly type: string;
  /** Whether it was of another type then: what it held is read as the one that it is of now. */
  readonly retyped: boolean;
}

/** The columns of a target that waves change, as they are now; one that is gone is none of them. */
export function updatedColumns(
  { table, updated = [] }: PinnedTarget,
  reshaped: readonly Reshaping[],
  present: Shape,
): readonly UpdatedColumn[] {
  const {
    dropped = [],
    renamed = [],
    retyped = [],
  } = reshaped.find((each) => each.table === table) ?? {};
  return updated
    .filter((column) => !dropped.includes(column))
    .map((written) => {
      const now = renamed.find(({ from }) => from === written)?.to ?? written;
      const since = retyped.find(({ column }) => column === now)?.to;
      const type = since ?? present[table]?.find(({ name }) => name === now)?.type ?? "text";
      return { written, now, type, retyped: since !== undefined };
    });
}

/** What an image of an entry says of a column, as a text of what the column is now; a value that it takes no more as it was. */
function heldAs({ written, type, retyped }: UpdatedColumn, of: string): string {
  const value = `(${of} ->> ${literal(written)})`;
  return retyped
    ? `case when pg_input_is_valid(${value}, ${literal(type)}) then ${value}::${type}::text else ${value} end`
    : value;
}

/** An image of an entry, as its columns are of now. */
export function asNow(columns: readonly UpdatedColumn[], of: string): string {
  const since = columns.filter(({ retyped }) => retyped);
  if (since.length === 0) return of;
  const values = textObject(since.map((column) => [column.written, heldAs(column, of)]));
  return `(select jsonb_object_agg(i.key, case when jsonb_exists(n.image, i.key) then n.image -> i.key else i.value end)
             from ${values} n (image), jsonb_each(${of}) i)`;
}

export const image = (columns: readonly UpdatedColumn[], row: string): string =>
  textObject(columns.map(({ written, now }) => [written, `${row}.${identifier(now)}::text`]));

/**
 * Whether an entry still answers for a column: of a row that was spared before, what was given back then is the
 * platform's own since, whatever it becomes.
 */
export const answersFor = (entry: string, column: string): string =>
  `(${entry}.conflict is null or not jsonb_exists(${entry}.conflict, 'changed') or jsonb_exists(${entry}.conflict -> 'changed', ${column}))`;

/** The columns that an undo of the entry `e` gives back of the row `t`, each with whether it is, and what it is then. */
export const givenBack = (columns: readonly UpdatedColumn[]) =>
  columns.map((column) => {
    const { written, now, type } = column;
    const was = `(e.before_image ->> ${literal(written)})`;
    const ours = `(jsonb_exists(e.before_image, ${literal(written)}) and ${answersFor("e", literal(written))}
             and t.${identifier(now)}::text is not distinct from ${heldAs(column, "e.after_image")}
             and (${was} is null or pg_input_is_valid(${was}, ${literal(type)})))`;
    return { now, ours, was: `${was}::${type}` };
  });

/** Of an image the columns that another has as well and that hold something else there. */
export function differing(one: string, other: string, but = ""): string {
  // What has to be made is made once for a row.
  const made = !/^\w+\.\w+$/.test(other);
  const [from, image] = made ? [`, (select ${other} as image offset 0) o`, "o.image"] : ["", other];
  return `(select coalesce(jsonb_agg(i.key order by i.key), '[]') from jsonb_each(${one}) i${from}
             where jsonb_exists(${image}, i.key) and i.value is distinct from ${image} -> i.key${but})`;
}

/** What of a row `is`, an image of it, is not as it was before the entry `e`, which answers for it. */
export const notBack = (columns: readonly UpdatedColumn[], is: string): string =>
  differing(is, asNow(columns, "e.before_image"), ` and ${answersFor("e", "i.key")}`);

/** Of an entry that lost its images: nothing of it can be taken back. */
export const everything = (columns: readonly UpdatedColumn[]): string =>
  `${literal(JSON.stringify(columns.map(({ written }) => written)))}::jsonb`;

/** Columns of the row `t` that take no more what they held before the entry `e` wrote them, as conditions, and what is told of each. */
export const unfitOf = ({ table }: PinnedTarget, columns: readonly UpdatedColumn[]) =>
  columns.map((column) => {
    const { written, now, type } = column;
    const was = `(e.before_image ->> ${literal(written)})`;
    return {
      written,
      says: literal(`${table}.${now} takes no such value`),
      is: `(jsonb_exists(e.before_image, ${literal(written)}) and ${answersFor("e", literal(written))}
             and t.${identifier(now)}::text is not distinct from ${heldAs(column, "e.after_image")}
             and not coalesce(pg_input_is_valid(${was}, ${literal(type)}), true))`,
    };
  });
