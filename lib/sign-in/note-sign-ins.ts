import { sql } from "../data/sql.ts";
import { appendSecurity } from "../evidence/security-log.ts";
import { findPerson } from "../review/people/people.ts";
import type { Services } from "../services/services.ts";
import { activityIn } from "./cognito-activity.ts";

/** A wrong or a changed password, as the sign-in of one machine tells of it. */
interface ToldOfSignIn {
  readonly what: "sign-in-failed" | "password-changed";
  /** The person it is about; null when the name was nobody's. */
  readonly person: string | null;
  /** Where it came from: an address, and a user of this machine. */
  readonly source: string;
}

type Needs = Pick<Services, "sign" | "clock">;

const unknown = "somebody unknown";

/** Notes what the sign-in of one machine tells of in the security log (W8). */
export const noteTold = ({ sign, clock }: Needs, { what, person, source }: ToldOfSignIn) =>
  appendSecurity(sign, { actor: person ?? unknown, action: what, details: { source } }, clock());

/**
 * Notes what a user pool tells of (`awslogs.data` of CloudWatch Logs) in the security log, each event once. A
 * name that is nobody's is not kept: people type passwords into that field.
 */
export async function noteActivity({ sign, clock }: Needs, data: string): Promise<void> {
  for (const { what: action, userName, source, event } of activityIn(data)) {
    const [noted] = await sign.rows(
      sql`select 1 as yes from wavegate.security_log where details ->> 'event' = ${event}`,
    );
    if (noted && event !== "") continue;
    const actor = (await findPerson(sign, userName))?.name ?? unknown;
    const details = { source: source.slice(0, 200), event: event.slice(0, 200) };
    await appendSecurity(sign, { actor, action, details }, clock());
  }
}
