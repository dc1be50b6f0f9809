import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import type { PlatformTable, SqlValue } from "./platform.ts";

const FLUSH_AT = 256 * 1024;

/** Writes lines as they are made; nothing but a buffer is held in memory. */
export async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  const file = createWriteStream(path);
  let buffer = "";
  for (const line of lines) {
    buffer += `${line}\n`;
    if (buffer.length < FLUSH_AT) continue;
    if (!file.write(buffer)) await once(file, "drain");
    buffer = "";
  }
  file.end(buffer);
  await finished(file);
}

type Cell = string | number | null;

/** CSV lines (RFC 4180): null is an unquoted \N, an empty text is "". */
export function* csvLines(
  columns: readonly string[],
  rows: Iterable<readonly Cell[]>,
): Generator<string> {
  yield columns.join(",");
  for (const row of rows) yield row.map(csvCell).join(",");
}

function csvCell(cell: Cell): string {
  if (cell === null) return "\\N";
  const text = String(cell);
  if (text === "" || text === "\\N" || /[",\r\n\0]|^\s|\s$/.test(text)) {
    return `"${text.replaceAll('"', '""')}"`;
  }
  return text;
}

const ROWS_PER_INSERT = 200;

/** INSERT statements, and at the end the identity sequences set after the highest id. */
export function* sqlLines(tables: readonly PlatformTable[]): Generator<string> {
  yield "-- The platform as it is before a migration. Made by scripts/sample.ts; do not edit.";
  for (const { table, columns, rows } of tables) {
    let batch: string[] = [];
    const insert = `INSERT INTO ${table} (${columns.join(", ")}) VALUES`;
    for (const row of rows) {
      batch.push(`  (${row.map(sqlValue).join(", ")})`);
      if (batch.length < ROWS_PER_INSERT) continue;
      yield `${insert}\n${batch.join(",\n")};`;
      batch = [];
    }
    if (batch.length > 0) yield `${insert}\n${batch.join(",\n")};`;
  }
  for (const { table } of tables) {
    yield `SELECT setval(pg_get_serial_sequence('${table}', 'id'), (SELECT max(id) FROM ${table}));`;
  }
}

function sqlValue(value: SqlValue): string {
  if (value === null) return "NULL";
  if (typeof value === "number") return String(value);
  return `'${value.replaceAll("'", "''")}'`;
}
