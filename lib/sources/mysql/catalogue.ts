import { noKey } from "../key-pages.ts";
import type { LegacyRow } from "../source.ts";
import { literal, quoted } from "./quoting.ts";

/** What the server says about a column. */
export interface Column {
  /** Its type without size, lower-case: `bigint`, `varchar`, `bit`. */
  readonly type: string;
  readonly unsigned: boolean;
  /** The character set of a text; null for everything else. */
  readonly charset: string | null;
}

type Query = (sql: string) => Promise<LegacyRow[]>;

const INTEGERS = new Set(["tinyint", "smallint", "mediumint", "int", "bigint"]);
const LARGEST_SIGNED = "9223372036854775807";

/** The columns of a table by their lower-case names; none where there is no such table to be seen. */
export async function columnsOf(query: Query, table: string): Promise<Map<string, Column>> {
  const rows = await query(
    "SELECT LOWER(COLUMN_NAME), LOWER(DATA_TYPE), LOWER(COLUMN_TYPE), LOWER(CHARACTER_SET_NAME) " +
      "FROM information_schema.COLUMNS " +
      `WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ${literal(table)}`,
  );
  return new Map(
    rows.map(([name, type, whole, charset]) => [
      name ?? "",
      { type: type ?? "", unsigned: (whole ?? "").includes("unsigned"), charset: charset ?? null },
    ]),
  );
}

/** A column that is to be the key of a table, and where that is, for people. */
interface KeyColumn {
  readonly table: string;
  readonly key: string;
  readonly column: Column;
  readonly description: string;
}

/**
 * Why a column cannot be the key of a table, or null where it can. Pages by key lose or repeat rows
 * unless it is an integer, never null and unique; staging keeps ids of signed 64-bit integers.
 */
export async function whyUnfit(
  query: Query,
  { table, key, column, description }: KeyColumn,
): Promise<string | null> {
  if (!INTEGERS.has(column.type) || !(await isUnique(query, table, key))) {
    return noKey(description, table, key);
  }
  if (column.type !== "bigint" || !column.unsigned) return null;
  const [[most] = []] = await query(
    `SELECT MAX(${quoted(key)}) FROM ${quoted(table)} WHERE ${quoted(key)} > ${LARGEST_SIGNED}`,
  );
  if (most === null || most === undefined) return null;
  return `"${table}" in ${description} has a row whose "${key}" is ${most}, more than the ${LARGEST_SIGNED} that a signed 64-bit integer holds.`;
}

async function isUnique(query: Query, table: string, key: string): Promise<boolean> {
  const indexes = await query(
    `SELECT MAX(NON_UNIQUE), MAX(NULLABLE), SUM(COLUMN_NAME = ${literal(key)}) FROM information_schema.STATISTICS ` +
      `WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ${literal(table)} GROUP BY INDEX_NAME HAVING COUNT(*) = 1`,
  );
  if (indexes.some(([twice, nullable, ours]) => twice === "0" && !nullable && ours === "1")) {
    return true;
  }
  const [[bad] = []] = await query(
    `SELECT COUNT(*) - COUNT(DISTINCT ${quoted(key)}) FROM ${quoted(table)}`,
  );
  return bad === "0";
}
