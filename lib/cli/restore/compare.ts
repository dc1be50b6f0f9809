import type pg from "pg";
import { identifier } from "../../data/sql.ts";

/** A table as it is now, and as a backup has it. */
export interface ComparedTable {
  readonly name: string;
  /** Whether it is there now. */
  readonly there: boolean;
  readonly now: Digest;
  /** Undefined where the backup has no such table: it stays as it is. */
  readonly backup: Digest | undefined;
  /** Rows that are there now and not in the backup, letter by letter: made or changed since. */
  readonly lost: number;
  /** Rows that the backup has and that are not there now. */
  readonly back: number;
}

/** How many rows there are, and the sum of their hashes: the same for the same rows, in whatever order. */
export interface Digest {
  readonly rows: number;
  readonly sum: string;
}

const none: Digest = { rows: 0, sum: "0" };
const rowsAtOnce = 50_000;

/** How values are written as text, the same on both sides. */
export const asText = [
  "set standard_conforming_strings = on",
  "set datestyle = 'ISO, MDY'",
  "set intervalstyle = 'postgres'",
  "set timezone = 'UTC'",
  "set extra_float_digits = 1",
  "set bytea_output = 'hex'",
  "set search_path = ''",
];

/**
 * As its types write it: a cast that somebody made of a table's rows to a text would run with the administrator's rights. The whole
 * row, though a column may be called as it is here.
 */
const hashOf = "pg_catalog.hashtextextended(pg_catalog.textin(pg_catalog.record_out(t.*)), 0)";

/** One row of `rows` and `sum`, of a table. */
export const digestQuery = (table: string): string =>
  `select count(*)::text as rows, coalesce(sum(${hashOf}), 0)::text as sum from only ${table} t`;

/** The platform's tables in a database: every schema but wavegate's own and PostgreSQL's, quoted. */
export async function platformTables(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ schema: string; name: string }>(`
    select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname <> 'wavegate' and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
       and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
     order by 1, 2`);
  return rows.map(({ schema, name }) => `${identifier(schema)}.${identifier(name)}`);
}

/** Holds every table of the platform against the same one of a backup that was restored beside it. */
export async function compareTables(
  live: pg.Client,
  backup: pg.Client,
): Promise<readonly ComparedTable[]> {
  for (const client of [live, backup]) for (const each of asText) await client.query(each);
  const here = await platformTables(live);
  const there = await platformTables(backup);
  const compared: ComparedTable[] = [];
  for (const name of [...new Set([...here, ...there])].sort()) {
    const now = here.includes(name) ? await digest(live, name) : none;
    const kept = there.includes(name) ? await digest(backup, name) : undefined;
    const apart =
      kept === undefined || (kept.rows === now.rows && kept.sum === now.sum)
        ? { lost: 0, back: 0 }
        : await differing(
            here.includes(name) ? hashes(live, name) : nothing(),
            hashes(backup, name),
          );
    compared.push({ name, there: here.includes(name), now, backup: kept, ...apart });
  }
  return compared;
}

async function digest(client: pg.Client, table: string): Promise<Digest> {
  const { rows } = await client.query<{ rows: string; sum: string }>(digestQuery(table));
  return { rows: Number(rows[0]?.rows ?? 0), sum: rows[0]?.sum ?? "0" };
}

/** The hashes of a table's rows, in their order. */
async function* hashes(client: pg.Client, table: string): AsyncGenerator<bigint> {
  await client.query("begin transaction isolation level repeatable read read only");
  try {
    await client.query(
      `declare rows_of no scroll cursor for select ${hashOf} as h from only ${table} t order by 1`,
    );
    for (;;) {
      const { rows } = await client.query<{ h: string }>(`fetch ${rowsAtOnce} from rows_of`);
      for (const { h } of rows) yield BigInt(h);
      if (rows.length < rowsAtOnce) return;
    }
  } finally {
    await client.query("rollback");
  }
}

async function* nothing(): AsyncGenerator<bigint> {}

/** Of two ordered lists, how many of each the other lacks. */
async function differing(
  left: AsyncGenerator<bigint>,
  right: AsyncGenerator<bigint>,
): Promise<{ lost: number; back: number }> {
  let lost = 0;
  let back = 0;
  let one = await left.next();
  let other = await right.next();
  while (!one.done || !other.done) {
    if (other.done || (!one.done && one.value < other.value)) {
      lost += 1;
      one = await left.next();
    } else if (one.done || other.value < one.value) {
      back += 1;
      other = await right.next();
    } else {
      one = await left.next();
      other = await right.next();
    }
  }
  return { lost, back };
}
