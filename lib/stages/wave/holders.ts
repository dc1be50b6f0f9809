import type { Pin } from "../../compile/pin/pin.ts";
import type { Database } from "../../data/database.ts";
import { literals, raw } from "../../data/sql.ts";

/**
 * Who keeps writers out of a run's targets just now, by the number of the server's process, which is nobody's name (W14), and
 * the tables: null where nobody does any more. Every role may look, and sees what others hold, though not what they ask.
 */
export async function holdersOf(db: Database, { targets }: Pin): Promise<string | null> {
  const tables = [...new Set(targets.map(({ table }) => table))];
  if (tables.length === 0) return null;
  const { holders } = await db.one<{ holders: string | null }>(
    raw(`
    select string_agg(format('process %s holds %s', h.pid, h.tables), ', ' order by h.pid) as holders
      from (select l.pid, string_agg(distinct t.name, ', ' order by t.name) as tables
              from unnest(array[${literals(tables)}]::text[]) t(name) join pg_locks l on l.relation = to_regclass(quote_ident(t.name))
             where l.locktype = 'relation' and l.granted and l.pid <> pg_backend_pid()
               and l.database = (select oid from pg_database where datname = current_database())
               and l.mode not in ('AccessShareLock', 'RowShareLock')
             group by l.pid order by l.pid limit 5) h`),
  );
  return holders;
}
