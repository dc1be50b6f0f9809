import { identifier, literal } from "../data/sql.ts";
import type { TargetKey } from "../define/definition.ts";
import { givenKey } from "../define/target-key.ts";

/**
 * The key of a target's rows, where it is not one integer that the platform draws: the ledger keeps it as
 * `target_key`, a JSON object of its columns. PostgreSQL itself reads that back as what the columns are, so
 * that no type has to be known here, and an index serves.
 */
export interface PinnedKey {
  /** The names of its columns when they were written, and as they are now. */
  readonly columns: readonly { readonly written: string; readonly now: string }[];
  /** Drawn anew each time it is written: two rounds of a wave do not compare it. */
  readonly drawn: boolean;
  /** Whether it follows another table's, as of the moment that one looks: a row that is not there may have another one. */
  readonly follows?: boolean;
}

/**
 * The columns of a key; their order is that of their names, as a database keeps no order of them, behind the one that the
 * platform draws: a row is meant by that where no column is named.
 */
export function keyColumnsOf(id: TargetKey): readonly string[] {
  if (typeof id === "string") return [id];
  if ("drawn" in id) return [id.drawn, ...Object.keys(id.beside ?? {}).sort()];
  return "derived" in id ? [id.derived] : Object.keys(id.kept).sort();
}

/** The key as a pin keeps it; undefined where it is an integer that the platform draws. */
export const pinnedKey = (id: TargetKey): PinnedKey | undefined =>
  typeof id === "string"
    ? undefined
    : {
        columns: keyColumnsOf(id).map((name) => ({ written: name, now: name })),
        drawn: "drawn" in id || Object.values(givenKey(id)).some((value) => "of" in value),
      };

/** A target's table, its integer key, or the key of another kind. */
export interface KeyedTarget {
  readonly table: string;
  readonly id: string;
  readonly key?: PinnedKey;
}

/**
 * A row of a table with nothing in it, from which others are read. Not `null::table`: what that lacks is read as well,
 * and a column of a domain may not take it.
 *
 * @param place the table where it is found, quoted
 */
export const blankRow = (place: string): string =>
  `(select row(t.*)::${place} from (select) one left join ${place} t on false)`;

/** A row of a table, given by its place as in {@link blankRow}, in which there is nothing but the key that an entry names. */
export function keyNamed({ columns }: PinnedKey, entry: string, place: string): string {
  const pairs = columns.map(
    ({ written, now }) => `${literal(now)}, ${entry}.target_key -> ${literal(written)}`,
  );
  return `jsonb_populate_record(${blankRow(place)}, jsonb_build_object(${pairs.join(", ")}))`;
}

/**
 * Whether the row `row` of a target is the one that the ledger's entry `entry` names.
 *
 * @param place the table where it is found, quoted
 */
export function isNamedBy(
  { table, id, key }: KeyedTarget,
  row: string,
  entry: string,
  place = identifier(table),
): string {
  if (key === undefined) return `${row}.${identifier(id)} = ${entry}.target_id`;
  const named = keyNamed(key, entry, place);
  return key.columns
    .map(({ now }) => `${row}.${identifier(now)} = (${named}).${identifier(now)}`)
    .join(" and ");
}

/**
 * The same, of an entry that has the key as the row has it and nothing beside: two entries of one row then have one key,
 * to the letter.
 */
export function isNamedExactlyBy(target: KeyedTarget, row: string, entry: string, place: string) {
  const named = isNamedBy(target, row, entry, place);
  const { key } = target;
  if (key === undefined) return `${named} and ${entry}.target_key is null`;
  const pairs = key.columns.map(
    ({ written, now }) => `${literal(written)}, ${row}.${identifier(now)}`,
  );
  return `${named} and ${entry}.target_id is null and ${entry}.target_key = jsonb_build_object(${pairs.join(", ")})`;
}

/** The columns of a target's key. */
export const keyNames = ({ id, key }: KeyedTarget): readonly string[] =>
  key?.columns.map(({ now }) => now) ?? [id];

/** The first column of a target's key, quoted: never null in a row that is there. */
export const firstOfKey = ({ id, key }: KeyedTarget): string =>
  identifier(key?.columns[0]?.now ?? id);

/** The ledger's key of a row of a target. */
export const keyObject = (columns: readonly string[], row: string): string =>
  `jsonb_build_object(${columns.map((name) => `${literal(name)}, ${row}.${identifier(name)}`).join(", ")})`;

/** A key of the ledger as people read it: the value of one column, or all of them. */
export const keyShown = (key: string): string =>
  `(select case count(*) when 1 then min(part.value) else ${key}::text end from jsonb_each_text(${key}) part)`;

/** The id of an entry of the ledger, whichever kind it is, as a text. */
export const targetShown = (entry: string): string =>
  `coalesce(${entry}.target_id::text, ${keyShown(`${entry}.target_key`)})`;

/** The id of an entry of the ledger as JSON: an integer, or a text. */
export const targetAsJson = (entry: string): string =>
  `coalesce(to_jsonb(${entry}.target_id), to_jsonb(${keyShown(`${entry}.target_key`)}))`;

/**
 * Keys that the platform counts are handed out in their order, but for those that a session keeps in store, or of a
 * transaction that ended late: so many below the greatest that was seen may have come since.
 */
export const keptInStore = 10_000;
