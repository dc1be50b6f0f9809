import type { Database } from "./database.ts";
import { literals, raw } from "./sql.ts";

/** Locks that keep nobody waiting who reads or writes rows as everybody does. */
const ofEverybody = ["AccessShareLock", "RowShareLock", "RowExclusiveLock"];

/**
 * Who keeps others from tables just now, and who has transactions open that lock or write rows of them, by the number of the
 * server's process, which is nobody's name (W14): null where nobody does any more. Every role may look, and sees what
 * others hold, though not what they ask.
 *
 * @param tables of which it is asked; all of the database unless said
 */
export async function holdersOf(db: Database, tables?: readonly string[]): Promise<string | null> {
  if (tables?.length === 0) return null;
  const asked =
    tables === undefined
      ? "n.nspname <> 'pg_catalog' and n.nspname <> 'information_schema'"
      : `c.oid in (select to_regclass(quote_ident(t.name)) from unnest(array[${literals([...new Set(tables)])}]::text[]) t(name))`;
  const { holders } = await db.one<{ holders: string | null }>(
    raw(`
    select string_agg(format('process %s %s %s', h.pid, case when h.alone then 'holds' else 'works on rows of' end, h.tables), ', ' order by not h.alone, h.pid) as holders
      from (select l.pid, bool_or(l.mode not in (${literals(ofEverybody)})) as alone,
                   string_agg(distinct c.relname, ', ' order by c.relname) as tables
              from pg_locks l join pg_class c on c.oid = l.relation and c.relkind in ('r', 'p', 'f') join pg_namespace n on n.oid = c.relnamespace
             where l.locktype = 'relation' and l.granted and l.pid <> pg_backend_pid() and l.mode <> 'AccessShareLock'
               and l.database = (select oid from pg_database where datname = current_database()) and ${asked}
             group by l.pid order by 2 desc, 1 limit 5) h`),
  );
  return holders;
}

/** The same as sentences behind what was contended, with what ends a transaction that somebody forgot. */
export const saysHolders = (holders: string | null): string =>
  holders === null
    ? ""
    : ` Just now: ${holders}. A transaction that somebody forgot is ended by \`select pg_terminate_backend(PROCESS)\`, as whoever administers the database.`;
