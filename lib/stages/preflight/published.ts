import type { Database } from "../../data/database.ts";
import { raw } from "../../data/sql.ts";

/**
 * Publications of the platform's database that give wavegate's own tables, and so staged people, to whoever subscribes
 * (W14): as of all tables, or of one of wavegate's. That one publishes no changes counts for nothing, as whoever
 * subscribes is given the rows that are there.
 */
export const publishing = async (db: Database): Promise<readonly string[]> =>
  (
    await db.rows<{ name: string }>(
      raw(`
    select quote_ident(p.pubname) as name from pg_publication p
     where p.puballtables
        or exists (select from pg_publication_namespace s where s.pnpubid = p.oid and s.pnnspid = to_regnamespace('wavegate'))
        or exists (select from pg_publication_rel r join pg_class c on c.oid = r.prrelid
                    where r.prpubid = p.oid and c.relnamespace = to_regnamespace('wavegate'))
     order by name`),
    )
  ).map(({ name }) => name);

/** What preflight and doctor say about it. */
export const publishedSays = (publications: readonly string[]): string =>
  publications.length === 0
    ? "No publication of the platform's database holds wavegate's own tables."
    : `The platform's database publishes wavegate's own tables (${publications.join(", ")}): staged people, with their names and contacts, ` +
      "go to whoever subscribes. Make each publication anew for the platform's own tables only, as by `for tables in schema public`.";
