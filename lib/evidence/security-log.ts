import type { Database } from "../data/database.ts";
import { allRecords } from "../data/records.ts";
import { json, sql } from "../data/sql.ts";
import { several } from "../services/words.ts";
import { type AuditEntry, verifyChain } from "./audit-chain.ts";
import type { Manifest } from "./manifest.ts";

/** The log's name in a bundle. */
export const SECURITY_LOG = "security-log.jsonl";

/** What the entries of this log name instead of a run: it is one chain for all of them. */
const NO_RUN = "00000000-0000-0000-0000-000000000000";

/** Something that concerns who may do what. */
interface SecurityEvent {
  /** Who did or tried it: the identity the platform vouches for. */
  readonly actor: string;
  readonly action:
    | "permissions-given"
    | "permissions-taken"
    | "sign-in-failed"
    | "password-changed"
    | "signed-out"
    | "decision-refused"
    | "start-refused"
    | "trial-forgotten";
  /** Names of people who work with runs, ids and words; nothing of the people who are migrated (W14). */
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * Appends an event to the log of what happens around runs (W8, W12): hash-chained as a run's audit log,
 * and checked by the same code. Appends wait for each other until the transaction ends.
 */
export async function appendSecurity(db: Database, event: SecurityEvent, at: Date): Promise<void> {
  const { actor, action, details } = JSON.parse(
    JSON.stringify(event).replaceAll("\\u0000", ""),
  ) as SecurityEvent;
  // In a transaction, as one whose response is lost must not be appended twice.
  await db.transaction((transaction) =>
    transaction.execute(sql`
      select wavegate.append_security(${actor}, ${action}, ${json(details)}, ${at.toISOString()})`),
  );
}

/** The whole log, in its order. */
export const securityLog = (db: Database): Promise<AuditEntry[]> =>
  allRecords(
    db,
    sql`
      select seq as n,
             json_build_object('run_id', ${NO_RUN}, 'seq', seq, 'at', at, 'actor', actor, 'action', action,
                               'digest', null, 'details', details, 'previous', previous, 'hash', hash) as record
        from wavegate.security_log`,
  );

/** What is wrong with a security log beside what a manifest says of it, in words; nothing when it holds. */
export function securityLogDiffers(
  entries: readonly AuditEntry[],
  manifest: Pick<Manifest, "security_log">,
): string[] {
  if (!manifest.security_log) return ["the manifest does not say what the security log was"];
  const foreign = entries.find(({ run_id }) => run_id !== NO_RUN);
  if (foreign) return [`entry ${foreign.seq} is not of this log`];
  const chain = verifyChain(entries);
  if (!chain.ok) return [chain.because.replace(/\.$/u, "")];
  const { entries: count, head } = manifest.security_log;
  if (chain.entries === count && chain.head === head) return [];
  return [
    `the log has ${several(chain.entries, "entry", "entries")} ending in ${chain.head}; it had ${count} ending in ${head}`,
  ];
}
