import { keyColumns, type SourceKey } from "../../define/keys.ts";
import type { KeyPart } from "../sorted-keys.ts";
import type { LegacyRow } from "../source.ts";
import { literal, quoted, quotedTable } from "./quoting.ts";

/** What the server says about a column. */
export interface Column {
  readonly type: string;
  readonly nullable: boolean;
}

type Query = (text: string) => Promise<LegacyRow[]>;

const INTEGERS = new Set(["int2", "int4", "int8"]);
/** A number without decimal places, whatever its size. */
const WHOLE = "numeric(n,0)";

/** Type and whether it may be null of each column that the user may read; a domain is what it is made of. */
export async function columnsOf(query: Query, table: string): Promise<Map<string, Column>> {
  const rows = await query(
    `select a.attname, case when t.typname = 'numeric' and a.atttypmod > 4 and (a.atttypmod - 4) & 65535 = 0
                            then ${literal(WHOLE)} else t.typname end, not a.attnotnull
       from pg_attribute a
       join pg_type b on b.oid = a.atttypid
       join pg_type t on t.oid = (
         with recursive d as (select b.oid, b.typbasetype union all
           select below.oid, below.typbasetype from d join pg_type below on below.oid = d.typbasetype)
         select d.oid from d where d.typbasetype = 0)
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

/** The one column of a key by whose numbers pages can go: an integer, never null and unique. */
export async function pagedBy(
  query: Query,
  table: string,
  key: SourceKey,
  columns: ReadonlyMap<string, Column>,
): Promise<string | undefined> {
  const [name, ...others] = keyColumns(key);
  if (name === undefined || others.length > 0) return undefined;
  const column = columns.get(name);
  if (column === undefined || !INTEGERS.has(column.type)) return undefined;
  if (!column.nullable && (await hasUniqueIndex(query, table, [name]))) return name;
  // What has no index, such as a view, is counted.
  const [[bad] = []] = await query(
    `select count(*) - count(distinct ${quoted(name)}) from ${quotedTable(table)}`,
  );
  return bad === "0" ? name : undefined;
}

/** The name of a table that is read sorted. */
export const SORTED = "sorted_row";

/** The columns of a key as they are compared: integers by their size, everything else by its text's bytes. */
export const partsOf = (key: SourceKey, columns: ReadonlyMap<string, Column>): readonly KeyPart[] =>
  keyColumns(key).map((name) => {
    const { type = "", nullable = true } = columns.get(name) ?? {};
    // A bare name behind `order by` would be that of a result's column, which is a text.
    const column = `${SORTED}.${quoted(name)}`;
    const text = `${column}::text`;
    if (INTEGERS.has(type) || type === WHOLE) {
      const as = type === WHOLE ? "numeric" : "int8";
      return {
        column,
        nullable,
        text,
        order: column,
        literal: (value) => `${literal(value)}::${as}`,
      };
    }
    // A composite value with a null in it is neither null nor not; its text is there.
    return { column: text, nullable, text, order: `(${text} collate "C")`, literal };
  });

/** What orders rows of one key: nothing where there is one of each, else all that is read of them. */
export async function tieBreak(
  query: Query,
  table: string,
  key: SourceKey,
  parts: readonly KeyPart[],
  columns: readonly string[],
): Promise<string> {
  const unique = parts.every(({ nullable }) => !nullable);
  if (unique && (await hasUniqueIndex(query, table, keyColumns(key)))) return "";
  return `, sha256(convert_to(row(${columns.map((name) => `${SORTED}.${quoted(name)}`).join(", ")})::text, 'UTF8'))`;
}

/** Whether an index that is in force holds the columns, or some of them, apart. */
async function hasUniqueIndex(
  query: Query,
  table: string,
  columns: readonly string[],
): Promise<boolean> {
  const indexes = await query(
    `select 1 from pg_index i
      where i.indrelid = to_regclass(${literal(quotedTable(table))}) and i.indisunique and i.indisvalid
        and i.indimmediate and i.indpred is null and i.indexprs is null
        and not exists (
          select from unnest(i.indkey[0:i.indnkeyatts - 1]) k (num)
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.num
           where a.attname not in (${columns.map(literal).join(", ")})) limit 1`,
  );
  return indexes.length > 0;
}

/**
 * Tables that the transaction came to and that have another file than its snapshot knows, or that it knows nothing of, as
 * whoever changes columns or makes a table again leaves them: it finds nothing in them.
 */
export const WRITTEN_ANEW = `
  select l.relation from pg_locks l left join pg_class c on c.oid = l.relation
   where l.pid = pg_backend_pid() and l.locktype = 'relation'
     and l.database = (select d.oid from pg_database d where d.datname = current_database())
     and pg_relation_filenode(l.relation::regclass) is not null
     and case when c.oid is null then pg_get_indexdef(l.relation) is null
              else c.relkind in ('r', 'm') and c.relfilenode <> 0 and c.relfilenode <> pg_relation_filenode(c.oid) end`;
