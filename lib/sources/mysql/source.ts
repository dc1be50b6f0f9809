import type { Connection } from "mysql2/promise";
import { keyColumns, keyText, type SourceKey } from "../../define/keys.ts";
import { AskedOnce } from "../asked-once.ts";
import { keyPages, missingKey, rangesUpTo, unfitKey, whereWithin } from "../key-pages.ts";
import type { MysqlSettings } from "../settings.ts";
import { inPages, orderSorted, rangesOfSorted, whereSorted } from "../sorted-keys.ts";
import type {
  Header,
  KeyRange,
  LegacyRow,
  Source,
  SourceIdentity,
  TableFacts,
  WantedTables,
} from "../source.ts";
import { type Column, columnsOf, hasUniqueIndex, pagedBy, whyUnfit } from "./catalogue.ts";
import { connect, describe } from "./connect.ts";
import { translate } from "./errors.ts";
import { identify } from "./identity.ts";
import { keyReading, longKeys, partsOf, tieBreak } from "./key.ts";
import { quoted } from "./quoting.ts";
import { listOf, type Reading, reading, textBy } from "./reading.ts";
import { streamed } from "./streamed.ts";

/** No answer for this long means the connection is gone; counting a large table takes seconds. */
const QUERY_MS = 120_000;

/** Connects to a MySQL or MariaDB server, see `openSource`. */
export async function openMysqlSource(settings: MysqlSettings): Promise<Source> {
  const source = new MysqlSource(settings);
  await source.query("DO 0");
  return source;
}

/** The columns of a table, and the one of its key by whose numbers pages can go. */
interface KnownKey {
  readonly columns: ReadonlyMap<string, Column>;
  readonly paged: string | undefined;
}

/**
 * Reads by key pages where the key is one integer: as fast as one stream, and can be resumed after any
 * row. Any other key is sorted once for a range, as no index has its order.
 */
class MysqlSource implements Source {
  readonly description: string;
  readonly #settings: MysqlSettings;
  readonly #columns = new AskedOnce<Map<string, Column>>();
  readonly #keys = new AskedOnce<KnownKey>();
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

  async header(table: string): Promise<Header | undefined> {
    const present = await this.#columnsOf(table);
    return present.size === 0 ? undefined : (column) => present.get(column.toLowerCase())?.name;
  }

  async inspect(tables: WantedTables): Promise<TableFacts[]> {
    const facts: TableFacts[] = [];
    for (const [table, { key, columns }] of Object.entries(tables)) {
      const present = await this.#columnsOf(table);
      if (present.size === 0) {
        facts.push({ table, exists: false, rows: 0, missingColumns: [...columns] });
        continue;
      }
      const wanted = new Set([...keyColumns(key), ...columns]);
      const missingColumns = [...wanted].filter((column) => !present.has(column.toLowerCase()));
      const [[count] = []] = await this.query(`SELECT COUNT(*) FROM ${quoted(table)}`);
      const unfitKey = keyColumns(key).every((column) => present.has(column.toLowerCase()))
        ? await this.#whyUnfit(table, key, present)
        : null;
      const isInstant = (column: string) => present.get(column.toLowerCase())?.type === "timestamp";
      const instants = columns.filter(isInstant);
      facts.push({
        table,
        exists: true,
        rows: Number(count),
        missingColumns,
        ...(unfitKey ? { unfitKey } : {}),
        ...(instants.length > 0 ? { instants } : {}),
      });
    }
    return facts;
  }

  async ranges(table: string, key: SourceKey, rowsPerRange: number): Promise<KeyRange[]> {
    const { columns, paged } = await this.#keyOf(table, key);
    const unfit = await this.#whyUnfit(table, key, columns);
    if (unfit !== null) throw unfitKey(unfit);
    if (paged === undefined) {
      const parts = partsOf(key, columns);
      const readings = keyColumns(key).map((name) =>
        keyReading(name, columns.get(name.toLowerCase())),
      );
      const rows = this.#sorted(
        readings,
        `FROM ${quoted(table)} ORDER BY ${orderSorted(parts)}${longKeys(parts)}`,
      );
      return rangesOfSorted(table, keysOf(rows), rowsPerRange);
    }
    const [from, column] = [quoted(table), quoted(paged)];
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
    key: SourceKey,
    columns: readonly string[],
    range: KeyRange,
    pageRows: number,
  ): AsyncGenerator<LegacyRow[]> {
    const { columns: known, paged } = await this.#keyOf(table, key);
    const own = new Set(keyColumns(key));
    const readings = columns.map((name) => {
      const column = known.get(name.toLowerCase());
      return own.has(name)
        ? keyReading(name, column)
        : reading(name, column, this.#settings.charset);
    });
    if (paged !== undefined) {
      // The key is read once more, last: it says where the next page begins.
      const all = [...readings, keyReading(paged, known.get(paged.toLowerCase()))];
      const page = (after: string | null) =>
        this.query(
          `SELECT ${listOf(all)} FROM ${quoted(table)}${whereWithin(quoted(paged), { after, upTo: range.upTo })} ` +
            `ORDER BY ${quoted(paged)} LIMIT ${pageRows}`,
          all,
        );
      yield* keyPages(range.after, pageRows, page);
      return;
    }
    const parts = partsOf(key, known);
    const unique =
      parts.every(({ nullable }) => !nullable) &&
      (await hasUniqueIndex(this.#asked, table, keyColumns(key)));
    const rows = this.#sorted(
      readings,
      `FROM ${quoted(table)}${whereSorted(parts, range)} ` +
        `ORDER BY ${orderSorted(parts)}${longKeys(parts)}${unique ? "" : tieBreak(readings)}`,
    );
    yield* inPages(rows, pageRows);
  }

  /** The rows of one statement as they come, on a connection of their own. */
  #sorted(readings: readonly Reading[], from: string): AsyncGenerator<LegacyRow> {
    const sql = `SELECT ${listOf(readings)} ${from}`;
    return streamed(this.#settings, { sql, typeCast: textBy(readings) });
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
    return this.#columns.of(table, () => columnsOf(this.#asked, table));
  }

  /** What a key's columns are, asked once. */
  #keyOf(table: string, key: SourceKey): Promise<KnownKey> {
    return this.#keys.of(JSON.stringify([table, key]), () => this.#askKey(table, key));
  }

  async #askKey(table: string, key: SourceKey): Promise<KnownKey> {
    const columns = await this.#columnsOf(table);
    const missing = keyColumns(key).find((column) => !columns.has(column.toLowerCase()));
    if (missing !== undefined) {
      // The server knows whether it is not there or may not be read.
      await this.query(`SELECT ${quoted(missing)} FROM ${quoted(table)} LIMIT 0`);
      throw missingKey(this.description, table, missing);
    }
    const { description } = this;
    return { columns, paged: await pagedBy(this.#asked, { table, key, columns, description }) };
  }

  #whyUnfit(
    table: string,
    key: SourceKey,
    columns: ReadonlyMap<string, Column>,
  ): Promise<string | null> {
    return whyUnfit(this.#asked, { table, key, columns, description: this.description });
  }

  readonly #asked = (sql: string): Promise<LegacyRow[]> => this.query(sql);
}

async function* keysOf(rows: AsyncIterable<LegacyRow>): AsyncGenerator<string | null> {
  for await (const row of rows) yield keyText(row);
}
