import type { Connection } from "mysql2/promise";
import { keyPages, missingKey, rangesUpTo, unfitKey, whereWithin } from "../key-pages.ts";
import type { MysqlSettings } from "../settings.ts";
import type {
  KeyRange,
  LegacyRow,
  Source,
  SourceIdentity,
  TableFacts,
  WantedTables,
} from "../source.ts";
import { type Column, columnsOf, whyUnfit } from "./catalogue.ts";
import { connect, describe } from "./connect.ts";
import { translate } from "./errors.ts";
import { identify } from "./identity.ts";
import { quoted } from "./quoting.ts";
import { asSent, type RawField, type Reading, reading } from "./reading.ts";

/** No answer for this long means the connection is gone; counting a large table takes seconds. */
const QUERY_MS = 120_000;

/** Connects to a MySQL or MariaDB server, see `openSource`. */
export async function openMysqlSource(settings: MysqlSettings): Promise<Source> {
  const source = new MysqlSource(settings);
  await source.query("DO 0");
  return source;
}

/** Reads by key pages: as fast as one stream, and can be resumed after any row. */
class MysqlSource implements Source {
  readonly description: string;
  readonly #settings: MysqlSettings;
  readonly #columns = new Map<string, Promise<Map<string, Column>>>();
  #connection: Promise<Connection> | null = null;

  constructor(settings: MysqlSettings) {
    this.#settings = settings;
    this.description = describe(settings);
  }

  identify(): Promise<SourceIdentity> {
    return identify(this.#settings).catch((error) => {
      throw translate(error, this.description, "reading");
    });
  }

  async inspect(tables: WantedTables): Promise<TableFacts[]> {
    const facts: TableFacts[] = [];
    for (const [table, { key, columns }] of Object.entries(tables)) {
      const present = await this.#columnsOf(table);
      if (present.size === 0) {
        facts.push({ table, exists: false, rows: 0, missingColumns: [...columns] });
        continue;
      }
      const wanted = new Set([key, ...columns]);
      const missingColumns = [...wanted].filter((column) => !present.has(column.toLowerCase()));
      const [[count] = []] = await this.query(`SELECT COUNT(*) FROM ${quoted(table)}`);
      const column = present.get(key.toLowerCase());
      const unfitKey = column && (await this.#whyUnfit(table, key, column));
      facts.push({
        table,
        exists: true,
        rows: Number(count),
        missingColumns,
        ...(unfitKey ? { unfitKey } : {}),
      });
    }
    return facts;
  }

  async ranges(table: string, key: string, rowsPerRange: number): Promise<KeyRange[]> {
    await this.#refuseUnfitKey(table, key);
    const [from, column] = [quoted(table), quoted(key)];
    const [[last] = []] = await this.query(`SELECT MAX(${column}) FROM ${from}`);
    return rangesUpTo(table, last, async (bounds) => {
      const [[end] = []] = await this.query(
        `SELECT ${column} FROM ${from}${whereWithin(column, bounds)} ` +
          `ORDER BY ${column} LIMIT 1 OFFSET ${rowsPerRange - 1}`,
      );
      return end;
    });
  }

  async *read(
    table: string,
    key: string,
    columns: readonly string[],
    range: KeyRange,
    pageRows: number,
  ): AsyncGenerator<LegacyRow[]> {
    // The key is read once more, last: it says where the next page begins.
    const known = await this.#columnsOf(table);
    const readings = [...columns, key].map((name) =>
      reading(name, known.get(name.toLowerCase()), this.#settings.charset),
    );
    const list = readings.map(({ sql }, at) => `${sql} AS ${columnAt(at)}`).join(", ");
    const page = (after: string | null) =>
      this.query(
        `SELECT ${list} FROM ${quoted(table)}${whereWithin(quoted(key), { after, upTo: range.upTo })} ` +
          `ORDER BY ${quoted(key)} LIMIT ${pageRows}`,
        readings,
      );
    yield* keyPages(range.after, pageRows, page);
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => null);
    this.#connection = null;
    connection?.destroy();
  }

  /** Rows with every value as text, by its column's reading: numbers and dates are not parsed. */
  async query(sql: string, readings: readonly Reading[] = []): Promise<LegacyRow[]> {
    this.#connection ??= connect(this.#settings);
    const opening = this.#connection;
    let connection: Connection;
    try {
      connection = await opening;
    } catch (error) {
      this.#forget(opening);
      throw error;
    }
    try {
      const [rows] = await connection.query({
        sql,
        rowsAsArray: true,
        typeCast: textBy(readings),
        timeout: QUERY_MS,
      });
      return Array.isArray(rows) ? (rows as unknown as LegacyRow[]) : [];
    } catch (error) {
      const translated = translate(error, this.description, "reading");
      if (translated.retriable) {
        this.#forget(opening);
        connection.destroy();
      }
      throw translated;
    }
  }

  #forget(opening: Promise<Connection>): void {
    if (this.#connection === opening) this.#connection = null;
  }

  #columnsOf(table: string): Promise<Map<string, Column>> {
    const known = this.#columns.get(table);
    if (known !== undefined) return known;
    const asked = columnsOf((sql) => this.query(sql), table);
    this.#columns.set(table, asked);
    asked.catch(() => this.#columns.delete(table));
    return asked;
  }

  async #refuseUnfitKey(table: string, key: string): Promise<void> {
    const column = (await this.#columnsOf(table)).get(key.toLowerCase());
    if (column === undefined) throw missingKey(this.description, table, key);
    const unfit = await this.#whyUnfit(table, key, column);
    if (unfit !== null) throw unfitKey(unfit);
  }

  #whyUnfit(table: string, key: string, column: Column): Promise<string | null> {
    const there = { table, key, column, description: this.description };
    return whyUnfit((sql) => this.query(sql), there);
  }
}

/** Columns are named by their places, so that each value finds its reading; no table has such a name. */
const columnAt = (at: number): string => `wavegate_${at}`;

function textBy(readings: readonly Reading[]) {
  if (readings.every(({ text }) => text === asSent)) return asSent;
  const byName = new Map(readings.map(({ text }, at) => [columnAt(at), text]));
  return (field: RawField & { readonly name: string }) => (byName.get(field.name) ?? asSent)(field);
}
