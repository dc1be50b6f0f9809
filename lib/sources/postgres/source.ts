import type pg from "pg";
import { isIntegerKey, keyColumns, keyText, type SourceKey } from "../../define/keys.ts";
import { AskedOnce } from "../asked-once.ts";
import { SourceLimitReached } from "../errors.ts";
import { keyPages, missingKey, noKey, rangesUpTo, unfitKey, whereWithin } from "../key-pages.ts";
import type { PostgresSettings } from "../settings.ts";
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
import {
  type Column,
  columnsOf,
  pagedBy,
  partsOf,
  SORTED,
  tieBreak,
  WRITTEN_ANEW,
} from "./catalogue.ts";
import { connect, describe } from "./connect.ts";
import { translate } from "./errors.ts";
import { identify } from "./identity.ts";
import { calledAs, literal, quoted, quotedTable, readable } from "./quoting.ts";

/** Rows that are fetched at once where a range is read as one sorted whole. */
const FETCHED = 2_000;
/** How often a table that is written anew meanwhile is asked for: nobody does that as often. */
const MOST_TIMES = 20;

/** The columns of a table, and the one of its key by whose numbers pages can go. */
interface KnownKey {
  readonly columns: ReadonlyMap<string, Column>;
  readonly paged: string | undefined;
}

/** Connects to a PostgreSQL server, see `openSource`. */
export async function openPostgresSource(settings: PostgresSettings): Promise<Source> {
  const source = new PostgresSource(settings);
  await source.query("select 1");
  return source;
}

/**
 * Reads each range in a read-only transaction of its own on a connection of its own: all of it shows one
 * moment. By key pages where the key is one integer; any other key is sorted once for a range, as no
 * index has its order. A table may be named with its schema (`auth.users`).
 */
class PostgresSource implements Source {
  readonly description: string;
  readonly #settings: PostgresSettings;
  readonly #reading = new Set<pg.Client>();
  readonly #keys = new AskedOnce<KnownKey>();
  #looking: Promise<pg.Client> | null = null;

  constructor(settings: PostgresSettings) {
    this.#settings = settings;
    this.description = describe(settings);
  }

  identify(): Promise<SourceIdentity> {
    return this.#look(identify);
  }

  async header(table: string): Promise<Header | undefined> {
    // Of those that the user may not read as well: such a one is there, and refused when it is read.
    const rows = await this.query(
      `select attname from pg_attribute
        where attrelid = to_regclass(${literal(quotedTable(table))}) and attnum > 0 and not attisdropped`,
    );
    const names = new Set(rows.map(([name]) => name));
    return names.size === 0 ? undefined : (column) => (names.has(column) ? column : undefined);
  }

  async inspect(tables: WantedTables): Promise<TableFacts[]> {
    const facts: TableFacts[] = [];
    for (const [table, { key, columns }] of Object.entries(tables)) {
      const present = await this.#columnsOf(table);
      if (present.size === 0) {
        const elsewhere = await this.#elsewhere(table);
        const missing = { table, exists: false, rows: 0, missingColumns: [...columns] };
        facts.push(elsewhere.length > 0 ? { ...missing, elsewhere } : missing);
        continue;
      }
      const wanted = new Set([...keyColumns(key), ...columns]);
      const missingColumns = [...wanted].filter((column) => !present.has(column));
      const [[count] = []] = await this.query(`select count(*) from ${quotedTable(table)}`);
      const unfit =
        isIntegerKey(key) &&
        present.has(key) &&
        (await pagedBy(this.#asked, table, key, present)) === undefined;
      facts.push({
        table,
        exists: true,
        rows: Number(count),
        missingColumns,
        ...(unfit ? { unfitKey: noKey(this.description, table, key) } : {}),
      });
    }
    return facts;
  }

  /** What tables are called that have the name, or the last part of it, or it in other letters, in whatever schema. */
  async #elsewhere(name: string): Promise<string[]> {
    const bare = name.slice(name.indexOf(".") + 1);
    const found = await this.query(
      `select ${calledAs} from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where ${readable} and ${calledAs} is not null and has_any_column_privilege(c.oid, 'SELECT')
          and lower(c.relname) in (lower(${literal(name)}), lower(${literal(bare)})) order by 1 limit 5`,
    );
    return found.flatMap(([table]) => table ?? []);
  }

  async ranges(table: string, key: SourceKey, rowsPerRange: number): Promise<KeyRange[]> {
    const { columns, paged } = await this.#keyOf(table, key);
    if (paged === undefined) return this.#sortedRanges(table, key, columns, rowsPerRange);
    const [from, column] = [quotedTable(table), quoted(paged)];
    const [[last] = []] = await this.query(`select max(${column}) from ${from}`);
    return rangesUpTo(table, last, async (bounds) => {
      const [[end] = []] = await this.query(
        `select ${column} from ${from}${whereWithin(column, bounds)}
          order by ${column} offset ${rowsPerRange - 1} limit 1`,
      );
      return end;
    });
  }

  #sortedRanges(
    table: string,
    key: SourceKey,
    columns: ReadonlyMap<string, Column>,
    rowsPerRange: number,
  ): Promise<KeyRange[]> {
    const parts = partsOf(key, columns);
    const rows = this.#sorted(
      `select ${parts.map(({ text }) => text).join(", ")} from ${quotedTable(table)} ${SORTED} order by ${orderSorted(parts)}`,
    );
    return rangesOfSorted(table, mapped(rows, keyText), rowsPerRange);
  }

  async *read(
    table: string,
    key: SourceKey,
    columns: readonly string[],
    range: KeyRange,
    pageRows: number,
  ): AsyncGenerator<LegacyRow[]> {
    const { columns: known, paged } = await this.#keyOf(table, key);
    if (paged !== undefined) {
      yield* this.#pages(table, paged, columns, range, pageRows);
      return;
    }
    const parts = partsOf(key, known);
    const ties = await tieBreak(this.#asked, table, key, parts, columns);
    yield* inPages(
      this.#sorted(
        `select ${columns.map(quoted).join(", ")} from ${quotedTable(table)} ${SORTED}${whereSorted(parts, range)}
          order by ${orderSorted(parts)}${ties}`,
      ),
      pageRows,
    );
  }

  async *#pages(
    table: string,
    key: string,
    columns: readonly string[],
    range: KeyRange,
    pageRows: number,
  ): AsyncGenerator<LegacyRow[]> {
    // The key is read once more, last: it says where the next page begins.
    const list = [...columns, key].map(quoted).join(", ");
    const page = (after: string | null) =>
      `select ${list} from ${quotedTable(table)}${whereWithin(quoted(key), { after, upTo: range.upTo })}
        order by ${quoted(key)} limit ${pageRows}`;
    const { client, rows } = await this.#begin(page(range.after));
    let first: LegacyRow[] | undefined = rows;
    try {
      yield* keyPages(range.after, pageRows, async (after) => {
        const read = first ?? (await this.#ask(client, page(after)));
        first = undefined;
        return read;
      });
    } finally {
      await this.#end(client);
    }
  }

  /** The rows of one statement, as they are sorted: the server keeps what is not asked for yet. */
  async *#sorted(text: string): AsyncGenerator<LegacyRow> {
    const { client } = await this.#begin(`declare sorted no scroll cursor for ${text}`);
    try {
      for (;;) {
        const rows = await this.#ask(client, `fetch ${FETCHED} from sorted`);
        yield* rows;
        if (rows.length < FETCHED) return;
      }
    } finally {
      await this.#end(client);
    }
  }

  /**
   * A connection with a transaction of its own, and what the first statement in it answered. Where that waited for a
   * table that somebody wrote anew meanwhile, it saw no row of it: it is asked once more.
   */
  async #begin(statement: string): Promise<{ client: pg.Client; rows: LegacyRow[] }> {
    const client = await connect(this.#settings);
    this.#reading.add(client);
    try {
      for (let times = 1; ; times += 1) {
        await this.#ask(client, "begin transaction isolation level repeatable read, read only");
        const rows = await this.#ask(client, statement);
        if ((await this.#ask(client, WRITTEN_ANEW)).length === 0) return { client, rows };
        if (times === MOST_TIMES)
          throw new SourceLimitReached(
            this.description,
            "its tables are written anew all the time",
          );
        await this.#ask(client, "rollback");
      }
    } catch (error) {
      await this.#end(client);
      throw error;
    }
  }

  async #end(client: pg.Client): Promise<void> {
    this.#reading.delete(client);
    await client.end().catch(() => {});
  }

  async close(): Promise<void> {
    const looking = await this.#looking?.catch(() => null);
    this.#looking = null;
    const open = [...this.#reading, ...(looking ? [looking] : [])];
    await Promise.all(open.map((client) => client.end().catch(() => {})));
  }

  /** Rows with every value as the text that the server sends: numbers and dates are not parsed. */
  query(text: string): Promise<LegacyRow[]> {
    return this.#look((client) => this.#ask(client, text));
  }

  /** On the connection that is kept for questions; one that broke is made anew by the next. */
  async #look<Answer>(question: (client: pg.Client) => Promise<Answer>): Promise<Answer> {
    this.#looking ??= connect(this.#settings);
    const opening = this.#looking;
    try {
      return await question(await opening);
    } catch (error) {
      const translated = translate(error, this.description, "reading");
      if (this.#looking === opening) this.#looking = null;
      await opening.then((client) => client.end()).catch(() => {});
      throw translated;
    }
  }

  async #ask(client: pg.Client, text: string): Promise<LegacyRow[]> {
    try {
      const { rows } = await client.query<LegacyRow>({ text, rowMode: "array" });
      return rows;
    } catch (error) {
      throw translate(error, this.description, "reading");
    }
  }

  #columnsOf(table: string): Promise<Map<string, Column>> {
    return columnsOf(this.#asked, table);
  }

  readonly #asked = (text: string): Promise<LegacyRow[]> => this.query(text);

  /** What a key's columns are, asked once. */
  #keyOf(table: string, key: SourceKey): Promise<KnownKey> {
    return this.#keys.of(JSON.stringify([table, key]), () => this.#askKey(table, key));
  }

  async #askKey(table: string, key: SourceKey): Promise<KnownKey> {
    const columns = await this.#columnsOf(table);
    const missing = keyColumns(key).find((column) => !columns.has(column));
    if (missing !== undefined) {
      // The server knows whether it is not there or may not be read.
      await this.query(`select ${quoted(missing)} from ${quotedTable(table)} limit 0`);
      throw missingKey(this.description, table, missing);
    }
    const paged = await pagedBy(this.#asked, table, key, columns);
    if (paged === undefined && isIntegerKey(key)) {
      throw unfitKey(noKey(this.description, table, key));
    }
    return { columns, paged };
  }
}

async function* mapped<From, To>(
  items: AsyncIterable<From>,
  by: (item: From) => To,
): AsyncGenerator<To> {
  for await (const item of items) yield by(item);
}
