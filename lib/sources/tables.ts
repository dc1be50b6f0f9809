import { readdir } from "node:fs/promises";
import { nameable } from "./csv/header.ts";
import { SourceAccessDenied, SourceError } from "./errors.ts";
import { fileOf, openTable, tableFiles, tableOf } from "./folder/table-file.ts";
import { columnsOf, LARGEST_SIGNED } from "./mysql/catalogue.ts";
import { connect as connectMysql, describe as describeMysql } from "./mysql/connect.ts";
import { translate as inMysqlsWords } from "./mysql/errors.ts";
import { quoted as quotedInMysql, literal as textInMysql } from "./mysql/quoting.ts";
import { listOf, type Reading, reading, textBy } from "./mysql/reading.ts";
import { START } from "./place.ts";
import { connect as connectPostgres, describe as describePostgres } from "./postgres/connect.ts";
import { translate as inPostgresWords } from "./postgres/errors.ts";
import {
  calledAs,
  quoted as quotedInPostgres,
  quotedTable,
  readable,
  readableView,
  literal as textInPostgres,
} from "./postgres/quoting.ts";
import type { SourceSettings } from "./settings.ts";
import type { LegacyRow } from "./source.ts";
import type { WildApricotSettings } from "./wild-apricot/settings.ts";
import { laidOut } from "./wild-apricot/source.ts";

/** A table of a legacy system as it is found: for whoever begins to write a migration. */
export interface ListedTable {
  readonly table: string;
  readonly columns: readonly string[];
  /** Its primary key, as far as the source knows one. */
  readonly key: readonly string[];
  /** Some of its rows, as texts. */
  readonly sample: readonly LegacyRow[];
  /** What a MySQL or MariaDB calls the types of its columns, in their order: `varchar`, `set`, `year`. */
  readonly types?: readonly (string | undefined)[];
  /** Columns that hold a range or several, as a PostgreSQL has them: they come as a text, `[2024-01-01,2024-02-01)`. */
  readonly ranges?: readonly string[];
  /** Its columns of each foreign key, and the table and columns that they name, in their order. */
  readonly foreign?: readonly ForeignKey[];
  /** Whether a dot in a column's name stands between an object and what is in it; elsewhere it ends a shortened word. */
  readonly objects?: boolean;
  /** That columns without a name hold something, and are left out. */
  readonly unnamed?: string;
  /** Why it cannot be read, where it cannot, though the user may: row-level security would hide rows, say. */
  readonly unread?: string;
}

/** Columns of a table that name a row of another, or of its own. */
export interface ForeignKey {
  readonly columns: readonly string[];
  readonly to: string;
  readonly toColumns: readonly string[];
}

/** Files that lie beside the tables of a folder, and are none. */
export async function otherFiles(settings: SourceSettings): Promise<readonly string[]> {
  if (settings.driver !== "csv") return [];
  return (await readdir(settings.path, { withFileTypes: true }))
    .filter(
      (entry) =>
        !entry.isDirectory() && !entry.name.startsWith(".") && tableOf(entry.name) === undefined,
    )
    .map(({ name }) => name)
    .sort();
}

/**
 * Every table of a legacy system, with its columns and at most so many rows of each.
 *
 * @param view a view that is wanted beside them: others are left out, as what they hold stands in tables
 */
export function listTables(
  settings: SourceSettings,
  rows: number,
  view?: string,
): Promise<ListedTable[]> {
  switch (settings.driver) {
    case "csv":
      return tablesOfFolder(settings.path, rows);
    case "mysql":
      return tablesOfMysql(settings, rows, view);
    case "pgsql":
      return tablesOfPostgres(settings, rows, view);
    case "wild-apricot":
      return tablesOfReading(settings, rows);
  }
}

/** Opened first, so that there is a reading to list. */
async function tablesOfReading(
  settings: WildApricotSettings,
  rows: number,
): Promise<ListedTable[]> {
  const { folder, clear } = await laidOut(settings);
  try {
    return await tablesOfFolder(folder, rows);
  } finally {
    await clear();
  }
}

/** A file that cannot be read, as some other program's, leaves the others as they are. */
async function tablesOfFolder(path: string, rows: number): Promise<ListedTable[]> {
  const names = new Set((await tableFiles(path)).flatMap((file) => tableOf(file) ?? []));
  const tables: ListedTable[] = [];
  // One behind the other: no system opens any number of files at once.
  for (const table of names) {
    try {
      const file = await fileOf(path, table);
      if (file !== undefined) tables.push(await tableIn(table, file, rows));
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      tables.push({ table, columns: [], key: [], sample: [], unread: error.message });
    }
  }
  return tables;
}

async function tableIn(table: string, path: string, most: number): Promise<ListedTable> {
  const { header, json, rows } = await openTable(path);
  const told = json?.told.map((name) => header.indexOf(name));
  const found: LegacyRow[] = [];
  for await (const { fields } of rows(START, told)) {
    found.push(fields);
    if (found.length >= most) break;
  }
  const { at, unnamed } =
    told === undefined ? nameable(table, header, found) : { at: told, unnamed: undefined };
  return {
    ...{ table, columns: at.map((place) => header[place] ?? ""), key: [] },
    sample: found.map((fields) => at.map((place) => fields[place] ?? null)),
    ...(unnamed === undefined ? {} : { unnamed }),
    ...(json === undefined ? {} : { objects: true }),
  };
}

type Query = (text: string) => Promise<LegacyRow[]>;

async function tablesOfMysql(
  settings: Parameters<typeof connectMysql>[0],
  rows: number,
  view = "",
): Promise<ListedTable[]> {
  const connection = await connectMysql(settings);
  try {
    const ask = async (sql: string, readings: readonly Reading[]) => {
      const [found] = await connection.query({
        sql,
        rowsAsArray: true,
        typeCast: textBy(readings),
      });
      return found as LegacyRow[];
    };
    const query: Query = (sql) => ask(sql, []);
    return await listed(
      query,
      `select c.table_name, c.column_name, c.column_key = 'PRI' from information_schema.columns c
         join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
        where c.table_schema = database()
          and (t.table_type in ('BASE TABLE', 'SYSTEM VERSIONED') or t.table_type = 'VIEW' and t.table_name = ${textInMysql(view)})
        order by c.table_name, c.ordinal_position`,
      `select table_name, constraint_name, column_name, referenced_table_name, referenced_column_name
         from information_schema.key_column_usage
        where table_schema = database() and referenced_table_schema = database()
        order by table_name, constraint_name, ordinal_position`,
      async (table, columns, [key = "", ...others]) => {
        // As the import reads them: bits are numbers, and a text is of the character set that it was written in.
        const known = await columnsOf(query, table);
        const own = columns.map((column) => known.get(column.toLowerCase()));
        const readings = columns.map((column, at) => reading(column, own[at], settings.charset));
        const all = `select ${listOf(readings)} from ${quotedInMysql(table)}`;
        const sample = await ask(`${all} limit ${rows}`, readings);
        // Keys beyond 64 bits come last, and one of them says that they are none that count as numbers.
        const by = quotedInMysql(key);
        const large =
          others.length === 0 && known.get(key.toLowerCase())?.unsigned
            ? await ask(
                `${all} where ${by} > ${LARGEST_SIGNED} order by ${by} desc limit 1`,
                readings,
              )
            : [];
        return {
          sample: [...sample, ...large],
          types: own.map((column) => column?.type),
        };
      },
    );
  } catch (error) {
    throw inMysqlsWords(error, describeMysql(settings), "reading");
  } finally {
    await connection.end();
  }
}

async function tablesOfPostgres(
  settings: Parameters<typeof connectPostgres>[0],
  rows: number,
  view = "",
): Promise<ListedTable[]> {
  const client = await connectPostgres(settings);
  try {
    const query: Query = async (text) =>
      (await client.query<LegacyRow>({ text, rowMode: "array" })).rows;
    return await listed(
      query,
      `select ${calledAs}, a.attname, coalesce(a.attnum = any (k.conkey), false)::int::text,
              (select (coalesce(b.typtype, t.typtype) in ('r', 'm'))::int::text from pg_type t left join pg_type b on b.oid = t.typbasetype where t.oid = a.atttypid)
         from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         left join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
        where (${readable} or ${readableView} and ${calledAs} = ${textInPostgres(view)}) and ${calledAs} is not null and has_column_privilege(c.oid, a.attnum, 'SELECT')
        order by not pg_table_is_visible(c.oid), n.nspname, c.relname, a.attnum`,
      `select ${calledAs}, k.conname, a.attname, other.name, named.attname
         from pg_constraint k
         join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
         cross join lateral (select ${calledAs} as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = k.confrelid) other
         cross join unnest(k.conkey, k.confkey) with ordinality as pair (own, theirs, place)
         join pg_attribute a on a.attrelid = k.conrelid and a.attnum = pair.own
         join pg_attribute named on named.attrelid = k.confrelid and named.attnum = pair.theirs
        where k.contype = 'f' and ${readable} and ${calledAs} is not null and other.name is not null
        order by 1, 2, pair.place`,
      async (table, columns) => {
        try {
          return {
            sample: await query(
              `select ${columns.map(quotedInPostgres).join(", ")} from ${quotedTable(table)} limit ${rows}`,
            ),
          };
        } catch (error) {
          // One table that this user is denied leaves the others as they are.
          const denied = inPostgresWords(error, describePostgres(settings), "reading");
          if (!(denied instanceof SourceAccessDenied)) throw error;
          return { sample: [], unread: denied.message };
        }
      },
    );
  } catch (error) {
    throw inPostgresWords(error, describePostgres(settings), "reading");
  } finally {
    await client.end();
  }
}

/** Tables from rows of table, column and whether it is of the key, in order, each with what is found in it. */
async function listed(
  query: Query,
  catalogue: string,
  keys: string,
  foundIn: (
    table: string,
    columns: readonly string[],
    key: readonly string[],
  ) => Promise<Pick<ListedTable, "sample" | "types" | "unread">>,
): Promise<ListedTable[]> {
  const tables = new Map<string, { columns: string[]; key: string[]; ranges: string[] }>();
  for (const [table, column, inKey, ofRange] of await query(catalogue)) {
    const known = tables.get(table ?? "") ?? { columns: [], key: [], ranges: [] };
    tables.set(table ?? "", known);
    known.columns.push(column ?? "");
    if (inKey === "1") known.key.push(column ?? "");
    if (ofRange === "1") known.ranges.push(column ?? "");
  }
  const foreign = new Map<
    string,
    Map<string, { to: string; columns: string[]; toColumns: string[] }>
  >();
  for (const [table, name, column, to, toColumn] of await query(keys)) {
    const own = foreign.get(table ?? "") ?? new Map();
    foreign.set(table ?? "", own);
    const key = own.get(name ?? "") ?? { to: to ?? "", columns: [], toColumns: [] };
    own.set(name ?? "", key);
    key.columns.push(column ?? "");
    key.toColumns.push(toColumn ?? "");
  }
  const found: ListedTable[] = [];
  for (const [table, { columns, key, ranges }] of tables) {
    const held = ranges.length === 0 ? {} : { ranges };
    const refers = foreign.has(table) ? { foreign: [...(foreign.get(table)?.values() ?? [])] } : {};
    found.push({
      table,
      columns,
      key,
      ...held,
      ...refers,
      ...(await foundIn(table, columns, key)),
    });
  }
  return found;
}
