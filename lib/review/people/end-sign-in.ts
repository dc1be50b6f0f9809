import type { Database } from "../../data/database.ts";
import { sql } from "../../data/sql.ts";
import { appendSecurity } from "../../evidence/security-log.ts";
import { findPerson, signInDigest } from "./people.ts";

/**
 * Ends one sign-in of somebody: whoever has a token of it does nothing with it any more, as the security log says it is
 * over. Of a name that is nobody's nothing is kept.
 *
 * @param id what all tokens of one sign-in have in common
 */
export async function endSignIn(
  db: Database,
  { name, id }: { readonly name: string; readonly id: string },
  at: Date,
): Promise<void> {
  const person = await findPerson(db, name);
  if (person === undefined) return;
  const details = { sign_in: signInDigest(id) };
  const [over] = await db.rows(
    sql`select 1 as yes from wavegate.security_log where action = 'signed-out' and details ->> 'sign_in' = ${details.sign_in}`,
  );
  if (over) return;
  await appendSecurity(db, { actor: person.name, action: "signed-out", details }, at);
}
