import type { Database } from "../data/database.ts";
import { raw } from "../data/sql.ts";
import { Refusal } from "../services/errors.ts";

/** The first major version that asks whether a text is a value of a type without failing (`pg_input_is_valid`). */
const least = 16;

/** Refuses a server on which a run would halt on its way. Errors: `DatabaseTooOld`. */
export async function requireVersion(db: Pick<Database, "one">): Promise<void> {
  const { version, number } = await db.one<{ version: string; number: number }>(
    raw(
      "select current_setting('server_version') as version, current_setting('server_version_num')::int as number",
    ),
  );
  if (number >= least * 10_000) return;
  throw new Refusal(
    "DatabaseTooOld",
    `The platform's database is PostgreSQL ${version.split(" ")[0]}, and wavegate needs ${least} or newer. Nothing was set up. Upgrade the server, or copy the platform's database to a newer one.`,
  );
}
