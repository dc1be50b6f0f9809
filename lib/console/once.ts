import type { Database } from "../data/database.ts";
import { called } from "../data/runs.ts";
import { sql } from "../data/sql.ts";
import { type Html, html } from "./html.ts";
import { fieldOf, type PageRequest } from "./request.ts";
import type { Visit } from "./route.ts";

/** How many entries the log of a run of this id or reference has: what begins with a run adds one, as soon as its first state is done. */
export async function entriesOf(db: Database, run: string): Promise<number> {
  const { entries } = await db.one<{ entries: number }>(sql`
    select coalesce(max(seq), 0) as entries from wavegate.audit_log where run_id = (select id from wavegate.legacy_import_runs where ${called(run)})`);
  return entries;
}

/** How long a page that is made anew has the same button, as long as nothing is told in the run's log. */
const lastsMs = 5 * 60_000;

/**
 * What a form that begins something is told apart by: the same each time the page is made until something begins, so
 * that a button that is pressed twice begins one execution, and a page that keeps itself current stays as it is. An
 * execution that ended before it could tell anything leaves no entry: a page that is made some minutes later begins
 * another.
 */
export function onceField(
  { tokenFor, services }: Pick<Visit, "tokenFor" | "services">,
  path: string,
  entries: number,
): Html {
  const meanwhile = Math.floor(services.clock().getTime() / lastsMs);
  return html`<input type="hidden" name="once" value="${tokenFor(`once ${entries} ${meanwhile} ${path}`)}">`;
}

/** The newest entry of the run's log that its page showed; undefined of a form that was sent without. */
export function seenIn(request: PageRequest): number | undefined {
  const [seen] = /^\d{1,9}$/u.exec(fieldOf(request, "seen")) ?? [];
  return seen === undefined ? undefined : Number(seen);
}

/** What came with the form; undefined of one that was sent without. */
export const onceIn = (request: PageRequest): string | undefined =>
  /^[\w-]{13,80}$/u.exec(fieldOf(request, "once"))?.[0];
