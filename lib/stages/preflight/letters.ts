import type { Database } from "../../data/database.ts";
import { raw } from "../../data/sql.ts";

/**
 * Whether the platform's database knows which characters are letters: by its LC_CTYPE, which pg_trgm asks.
 * Where it is C, similar names in another script than ASCII's are as different as any.
 */
export async function knowsLetters(db: Database): Promise<{ knows: boolean; ctype: string }> {
  return db.one<{ knows: boolean; ctype: string }>(
    raw(`select cardinality(show_trgm('سارة')) > 0 and cardinality(show_trgm('é')) > 0 as knows,
                (select d.datctype::text from pg_database d where d.datname = current_database()) as ctype`),
  );
}

/** What preflight and doctor say about it. */
export const lettersSay = ({ knows, ctype }: { knows: boolean; ctype: string }): string =>
  knows
    ? "The platform's database compares names in every script."
    : `The platform's database knows no letters beyond ASCII (LC_CTYPE ${ctype}): similar names in Arabic or with accents are not found, ` +
      "nor anything suggested by them; equal ones are. Names that are alike have to be looked for by people, or the database be made anew with LC_CTYPE 'C.UTF-8'.";
