import type { Database } from "./database.ts";
import { ConnectionLost } from "./failures.ts";
import { raw, type Sql, sql } from "./sql.ts";

/** When the server that answers was started, whatever zone a session is in: none that took over from another one is the same. */
export const thisServer: Sql = raw("extract(epoch from pg_postmaster_start_time())::text");

/** Which server answers now. */
export const serverOf = async (db: Database): Promise<string> =>
  (await db.one<{ server: string }>(sql`select ${thisServer} as server`)).server;

/**
 * What is written in several transactions is whole only if one server took all of them: another one that took over may
 * lack the last that the former said it had. Errors: `ConnectionLost`, upon which the step is sent again from its beginning.
 */
export function requireSame(now: string, before: string): void {
  if (now === before) return;
  throw new ConnectionLost(
    "the server was started anew, or another one took over, which may lack what was written last",
    "database",
  );
}
