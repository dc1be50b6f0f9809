import { keyColumns, type SourceKey } from "../../define/keys.ts";
import type { KeyPart } from "../sorted-keys.ts";
import { type Column, FLOAT, isInteger, UUID } from "./catalogue.ts";
import { quoted } from "./quoting.ts";
import { asSent, inDouble, type Reading } from "./reading.ts";

/** Texts without a character set, which come as bytes. */
const BYTES = new Set([UUID, "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"]);

/** Bytes that a server sorts by; what lies behind them it takes for equal. */
const SORTED = 1_024;

/**
 * How a column of a key is read: exactly as the server converts it, so that no two keys become one; bytes
 * as hexadecimal digits.
 */
export function keyReading(name: string, column: Column | undefined): Reading {
  if (column?.type === "bit") return { sql: `${quoted(name)} + 0`, text: asSent };
  if (column?.type === FLOAT) return { sql: inDouble(name), text: asSent };
  if (BYTES.has(column?.type ?? "")) return { sql: `LOWER(HEX(${quoted(name)}))`, text: asSent };
  return { sql: quoted(name), text: asSent };
}

/** The columns of a key as they are compared: integers by their size, everything else by its text's bytes. */
export const partsOf = (key: SourceKey, columns: ReadonlyMap<string, Column>): readonly KeyPart[] =>
  keyColumns(key).map((name) => {
    const known = columns.get(name.toLowerCase());
    const column = quoted(name);
    const nullable = known?.nullable ?? true;
    const text = keyReading(name, known).sql;
    if (isInteger(known)) return { column, nullable, text, order: column, literal: integer };
    const utf8 = known?.charset?.startsWith("utf8mb") ? text : `CONVERT(${text} USING utf8mb4)`;
    return { column, nullable, text, order: `CAST(${utf8} AS BINARY)`, literal: bytes };
  });

/** Digits, and nothing but digits; a value from elsewhere is quoted, and no number. */
const integer = (value: string): string => (/^-?\d{1,20}$/.test(value) ? value : bytes(value));

const bytes = (value: string): string => `X'${Buffer.from(value, "utf8").toString("hex")}'`;

/** What orders keys beyond the bytes that a server sorts by, as far as an index can hold any. */
export const longKeys = (parts: readonly KeyPart[]): string =>
  parts
    .filter(({ column, order }) => order !== column)
    .flatMap(({ order }) =>
      [1, 2].map((times) => `, SUBSTRING(${order}, ${times * SORTED + 1}, ${SORTED})`),
    )
    .join("");

/** Orders rows of one key by all that is read of them; of a number HEX alone would leave what is behind its point. */
export const tieBreak = (readings: readonly Reading[]): string =>
  `, SHA2(CONCAT_WS('|', ${readings.map(({ sql }) => `IFNULL(HEX(CAST(${sql} AS BINARY)), '-')`).join(", ")}), 256)`;
