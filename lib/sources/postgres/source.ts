import type pg from "pg";
import { keyPages, missingKey, noKey, rangesUpTo, unfitKey, whereWithin } from "../key-pages.ts";
import type { PostgresSettings } from "../settings.ts";
import type {
  KeyRange,
  LegacyRow,
  Source,
  SourceIdentity,
  TableFacts,
  WantedTables,
} from "../source.ts";
import { connect, describe } from "./connect.ts";
import { translate } from "./errors.ts";
import { identify } from "./identity.ts";

const INTEGERS = new Set(["int2", "int4", "int8"]);

interface Column {
  readonly type: string;
  readonly nullable: boolean;
}

/** Connects to a PostgreSQL server, see `openSource`. */
export async function openPostgresSource(settings: PostgresSettings): Promise<Source> {
  const source = new PostgresSource(settings);
  await source.query("select 1");
  return source;
}

/**
 * Reads by key pages, each range in a read-only transaction of its own on a connection of its own:
 * all pages of a range show one moment. A table may be named with its schema (`auth.users`).
 */
class PostgresSource implements Source {
  readonly description: string;
  readonly #settings: PostgresSettings;
  readonly #reading = new Set<pg.Client>();
  #looking: Promise<pg.Client> | null = null;

  constructor(settings: PostgresSettings) {
    this.#settings = settings;
    this.description = describe(settings);
  }

  identify(): Promise<SourceIdentity> {
    return this.#look(identify);
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
      const missingColumns = [...wanted].filter((column) => !present.has(column));
      const [[count] = []] = await this.query(`select count(*) from ${quotedTable(table)}`);
      const column = present.get(key);
      const unfit = column && !(await this.#isKey(table, key, column));
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

  async ranges(table: string, key: string, rowsPerRange: number): Promise<KeyRange[]> {
    await this.#refuseUnfitKey(table, key);
    const [from, column] = [quotedTable(table), quoted(key)];
    const [[last] = []] = await this.query(`select max(${column}) from ${from}`);
    return rangesUpTo(table, last, async (bounds) => {
      const [[end] = []] = await this.query(
        `select ${column} from ${from}${whereWithin(column, bounds)}
          order by ${column} offset ${rowsPerRange - 1} limit 1`,
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
    const client = await connect(this.#settings);
    this.#reading.add(client);
    // The key is read once more, last: it says where the next page begins.
    const list = [...columns, key].map(quoted).join(", ");
    const page = (after: string | null) =>
      this.#ask(
        client,
        `select ${list} from ${quotedTable(table)}${whereWithin(quoted(key), { after, upTo: range.upTo })}
          order by ${quoted(key)} limit ${pageRows}`,
      );
    try {
      await this.#ask(client, "begin transaction isolation level repeatable read, read only");
      yield* keyPages(range.after, pageRows, page);
    } finally {
      this.#reading.delete(client);
      await client.end().catch(() => {});
    }
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

  /** Type and whether it may be null of each column that the user may read. */
  async #columnsOf(table: string): Promise<Map<string, Column>> {
    const rows = await this.query(
      `select a.attname, t.typname, not a.attnotnull
         from pg_attribute a
         join pg_type b on b.oid = a.atttypid
         join pg_type t on t.oid = case when b.typtype = 'd' then b.typbasetype else b.oid end
        where a.attrelid = to_regclass(${literal(quotedTable(table))}) and a.attnum > 0
          and not a.attisdropped and has_column_privilege(a.attrelid, a.attnum, 'SELECT')`,
    );
    return new Map(
      rows.map(([name, type, nullable]) => [
        name ?? "",
        { type: type ?? "", nullable: nullable === "t" },
      ]),
    );
  }

  /** Pages by key lose or repeat rows unless the key is an integer, never null and unique. */
  async #refuseUnfitKey(table: string, key: string): Promise<void> {
    const column = (await this.#columnsOf(table)).get(key);
    if (column === undefined) {
      throw missingKey(this.description, table, key);
    }
    if (!(await this.#isKey(table, key, column))) {
      throw unfitKey(noKey(this.description, table, key));
    }
  }

  async #isKey(table: string, key: string, { type, nullable }: Column): Promise<boolean> {
    return INTEGERS.has(type) && (await this.#isUnique(table, key, nullable));
  }

  /** By an index that is in force; what has none, such as a view, is counted. */
  async #isUnique(table: string, key: string, nullable: boolean): Promise<boolean> {
    const indexes = await this.query(
      `select 1 from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
        where i.indrelid = to_regclass(${literal(quotedTable(table))}) and i.indisunique and i.indisvalid
          and i.indimmediate and i.indnkeyatts = 1 and i.indpred is null and a.attname = ${literal(key)}`,
    );
    if (indexes.length > 0 && !nullable) return true;
    const [[bad] = []] = await this.query(
      `select count(*) - count(distinct ${quoted(key)}) from ${quotedTable(table)}`,
    );
    return bad === "0";
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const quotedTable = (name: string): string => name.split(".").map(quoted).join(".");

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
