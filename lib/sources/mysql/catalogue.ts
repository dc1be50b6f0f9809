import { isIntegerKey, keyColumns, type SourceKey } from "../../define/keys.ts";
import { noKey } from "../key-pages.ts";
import type { LegacyRow } from "../source.ts";
import { literal, quoted } from "./quoting.ts";

/** What the server says about a column. */
export interface Column {
  readonly name: string;
  /** Its type without size, lower-case: `bigint`, `varchar`, `bit`. */
  readonly type: string;
  readonly unsigned: boolean;
  readonly nullable: boolean;
  /** The character set of a text; null for everything else. */
  readonly charset: string | null;
}

type Query = (sql: string) => Promise<LegacyRow[]>;

const INTEGERS = new Set(["tinyint", "smallint", "mediumint", "int", "bigint"]);
/** A number without decimal places, whatever its size. */
const WHOLE = "decimal(n,0)";
/** Bytes that are a UUID's, and no text. */
export const UUID = "binary(16)";
/** A number of 24 bits without a declared number of places, of which a server shows six digits. */
export const FLOAT = "float";
/** The largest key that is declared a whole number. */
export const LARGEST_SIGNED = "9223372036854775807";

/** The columns of a table by their lower-case names; none where there is no such table to be seen. */
export async function columnsOf(query: Query, table: string): Promise<Map<string, Column>> {
  const rows = await query(
    "SELECT COLUMN_NAME, LOWER(COLUMN_NAME), LOWER(DATA_TYPE), LOWER(COLUMN_TYPE), LOWER(CHARACTER_SET_NAME), IS_NULLABLE " +
      "FROM information_schema.COLUMNS " +
      `WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ${literal(table)}`,
  );
  return new Map(
    rows.map(([name, lower, type, whole, charset, nullable]) => [
      lower ?? "",
      {
        name: name ?? "",
        type: typeOf(type ?? "", whole ?? ""),
        unsigned: (whole ?? "").includes("unsigned"),
        nullable: nullable !== "NO",
        charset: charset ?? null,
      },
    ]),
  );
}

/** Without its size, but where that says how it is read: `float(7,2)` is shown with all that it holds. */
function typeOf(type: string, whole: string): string {
  if (/^decimal\(\d+,0\)/.test(whole)) return WHOLE;
  if (whole === UUID) return UUID;
  return type === FLOAT && whole.includes(",") ? "float(n,m)" : type;
}

/** A table with its key, and where that is, for people. */
interface KeyOfTable {
  readonly table: string;
  readonly key: SourceKey;
  readonly columns: ReadonlyMap<string, Column>;
  readonly description: string;
}

/** The one column of a key by whose numbers pages can go: an integer, never null and unique. */
export async function pagedBy(
  query: Query,
  { table, key, columns }: KeyOfTable,
): Promise<string | undefined> {
  const [name, ...others] = keyColumns(key);
  if (name === undefined || others.length > 0) return undefined;
  const column = columns.get(name.toLowerCase());
  if (column === undefined || !INTEGERS.has(column.type)) return undefined;
  return (await isUnique(query, table, name)) ? name : undefined;
}

/**
 * Why a column that is declared an integer cannot be the key of a table, or null where it can: staging
 * keeps such ids as signed 64-bit integers.
 */
export async function whyUnfit(query: Query, of: KeyOfTable): Promise<string | null> {
  const { table, key, columns, description } = of;
  if (!isIntegerKey(key)) return null;
  const name = key;
  if ((await pagedBy(query, of)) === undefined) return noKey(description, table, name);
  const column = columns.get(name.toLowerCase());
  if (column?.type !== "bigint" || !column.unsigned) return null;
  const [[most] = []] = await query(
    `SELECT MAX(${quoted(name)}) FROM ${quoted(table)} WHERE ${quoted(name)} > ${LARGEST_SIGNED}`,
  );
  if (most === null || most === undefined) return null;
  return `"${table}" in ${description} has a row whose "${name}" is ${most}, more than the ${LARGEST_SIGNED} that a signed 64-bit integer holds.`;
}

async function isUnique(query: Query, table: string, key: string): Promise<boolean> {
  if (await hasUniqueIndex(query, table, [key])) return true;
  const [[bad] = []] = await query(
    `SELECT COUNT(*) - COUNT(DISTINCT ${quoted(key)}) FROM ${quoted(table)}`,
  );
  return bad === "0";
}

/** Whether an index holds the columns, or some of them, apart; none of those may be null. */
export async function hasUniqueIndex(
  query: Query,
  table: string,
  columns: readonly string[],
): Promise<boolean> {
  const ours = `COLUMN_NAME IN (${columns.map(literal).join(", ")}) AND SUB_PART IS NULL`;
  const indexes = await query(
    `SELECT MAX(NON_UNIQUE), MAX(NULLABLE), COUNT(*) = SUM(${ours}) FROM information_schema.STATISTICS ` +
      `WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ${literal(table)} GROUP BY INDEX_NAME`,
  );
  return indexes.some(([twice, nullable, only]) => twice === "0" && !nullable && only === "1");
}

/** Whether a column holds whole numbers. */
export const isInteger = (column: Column | undefined): boolean =>
  column !== undefined && (INTEGERS.has(column.type) || column.type === WHOLE);
