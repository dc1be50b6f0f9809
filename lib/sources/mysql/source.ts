import type { Connection } from "mysql2/promise";
import { keyPages, missingKey, rangesUpTo, unfitKey, whereWithin } from "../key-pages.ts";
import type { MysqlSettings } from "../settings.ts";
import type {
  KeyRange,
  LegacyRow,
  Source,
  SourceIdentity,
  TableFacts,
  UnreadableText,
  WantedTables,
} from "../source.ts";
import { UnreadableTally } from "../unreadable.ts";
import { connect, describe } from "./connect.ts";
import { translate } from "./errors.ts";
import { identify } from "./identity.ts";

/** No answer for this long means the connection is gone; counting a large table takes seconds. */
const QUERY_MS = 120_000;
const INTEGERS = new Set(["tinyint", "smallint", "mediumint", "int", "bigint"]);

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
  readonly #unreadable = new UnreadableTally();
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
      facts.push({ table, exists: true, rows: Number(count), missingColumns });
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
    const list = [...columns, key].map(quoted).join(", ");
    const page = (after: string | null) =>
      this.query(
        `SELECT ${list} FROM ${quoted(table)}${whereWithin(quoted(key), { after, upTo: range.upTo })} ` +
          `ORDER BY ${quoted(key)} LIMIT ${pageRows}`,
      );
    yield* keyPages(range.after, pageRows, page, (rows, keyOf) =>
      this.#unreadable.note(table, columns, rows, keyOf),
    );
  }

  unreadable(): readonly UnreadableText[] {
    return this.#unreadable.all();
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => null);
    this.#connection = null;
    connection?.destroy();
  }

  /**
   * Rows with every value as the text that the server sends, read as UTF-8 whatever the column says:
   * numbers and dates are not parsed, and a double-encoded legacy column read with charset latin1
   * comes out right.
   */
  async query(sql: string): Promise<LegacyRow[]> {
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
        typeCast: asUtf8,
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

  async #columnsOf(table: string): Promise<Map<string, string>> {
    const rows = await this.query(
      "SELECT LOWER(COLUMN_NAME), LOWER(DATA_TYPE) FROM information_schema.COLUMNS " +
        `WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ${literal(table)}`,
    );
    return new Map(rows.map(([name, type]) => [name ?? "", type ?? ""]));
  }

  /** Pages by key lose or repeat rows unless the key is an integer, never null and unique. */
  async #refuseUnfitKey(table: string, key: string): Promise<void> {
    const type = (await this.#columnsOf(table)).get(key.toLowerCase());
    if (type === undefined) {
      throw missingKey(this.description, table, key);
    }
    if (INTEGERS.has(type) && (await this.#isUnique(table, key))) return;
    throw unfitKey(this.description, table, key);
  }

  async #isUnique(table: string, key: string): Promise<boolean> {
    const column = quoted(key);
    const indexes = await this.query(
      `SELECT MAX(NON_UNIQUE), MAX(NULLABLE), SUM(COLUMN_NAME = ${literal(key)}) FROM information_schema.STATISTICS ` +
        `WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ${literal(table)} GROUP BY INDEX_NAME HAVING COUNT(*) = 1`,
    );
    if (indexes.some(([twice, nullable, ours]) => twice === "0" && !nullable && ours === "1")) {
      return true;
    }
    const [[bad] = []] = await this.query(
      `SELECT COUNT(*) - COUNT(DISTINCT ${column}) FROM ${quoted(table)}`,
    );
    return bad === "0";
  }
}

function asUtf8(field: { string(encoding: string): string | null }): string | null {
  return field.string("utf8");
}

function quoted(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

function literal(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
