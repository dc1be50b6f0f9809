import type { Database } from "../data/database.ts";
import type { Run } from "../data/runs.ts";
import { sql, uuid } from "../data/sql.ts";
import { type Html, html } from "./html.ts";
import { fieldOf, type PageRequest } from "./request.ts";
import type { Visit } from "./route.ts";

/** How many entries the run's log has: whatever begins with a run adds one. */
export async function entriesOf(db: Database, { id }: Pick<Run, "id">): Promise<number> {
  const { entries } = await db.one<{ entries: number }>(sql`
    select coalesce(max(seq), 0) as entries from wavegate.audit_log where run_id = ${uuid(id)}`);
  return entries;
}

/**
 * What a form that begins something is told apart by: the same each time the page is made until something begins, so
 * that a button that is pressed twice begins one execution, and a page that keeps itself current stays as it is.
 */
export const onceField = (
  { tokenFor }: Pick<Visit, "tokenFor">,
  path: string,
  entries: number,
): Html => html`<input type="hidden" name="once" value="${tokenFor(`once ${entries} ${path}`)}">`;

/** What came with the form; undefined of one that was sent without. */
export const onceIn = (request: PageRequest): string | undefined =>
  /^[\w-]{13,80}$/u.exec(fieldOf(request, "once"))?.[0];
