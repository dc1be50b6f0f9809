import type { Database } from "../../data/database.ts";
import { raw } from "../../data/sql.ts";
import { Refusal } from "../../services/errors.ts";

/**
 * Tables that somebody wrote anew (a column with a default that is drawn, `truncate`, a table that was made again) behind
 * this transaction's snapshot and before it came to them: it finds nothing in them, whatever they hold. The catalogue is
 * seen as the snapshot has it, the file of a table as it is now, and what was come to stays as it is until the end.
 */
const writtenAnew = raw(`
  select distinct l.relation::regclass::text collate "C" as name
    from pg_catalog.pg_locks l left join pg_catalog.pg_class c on c.oid = l.relation
   where l.pid = pg_backend_pid() and l.locktype = 'relation'
     and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
     and pg_relation_filenode(l.relation::regclass) is not null
     and case when c.oid is null then pg_get_indexdef(l.relation) is null
              else c.relkind in ('r', 'm') and c.relfilenode <> 0 and c.relfilenode <> pg_relation_filenode(c.oid) end
   order by 1`);

/** That everything was seen that a wave, or a preview, looked at: at its end, before it is kept. Error: `WaveContended`, and it may be sent again. */
export async function requireSeenWhole(transaction: Database): Promise<void> {
  const tables = await transaction.rows<{ name: string }>(writtenAnew);
  if (tables.length === 0) return;
  const names = tables.map(({ name }) => name).join(", ");
  throw new Refusal(
    "WaveContended",
    `Somebody wrote tables anew at the same moment, as whoever changes columns does, and what they hold was not seen: ${names}. Nothing was written by this one; it may be sent again.`,
  );
}
