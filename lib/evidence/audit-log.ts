import type { Database } from "../data/database.ts";
import { json, raw, type Sql, sql, uuid } from "../data/sql.ts";
import { type AuditEntry, CHAIN_START } from "./audit-chain.ts";

export { type AuditEntry, CHAIN_START, type ChainVerdict, verifyChain } from "./audit-chain.ts";

/** What is written down; the chain's own fields are added. */
export interface AuditEvent {
  /** Who: the identity the platform vouches for, or `wavegate` for what the engine does by itself. */
  readonly actor: string;
  /** What, e.g. `sign-off`, `commit`, `rollback`. */
  readonly action: string;
  /** What was acted on: the digest of the dry run, of a manifest. */
  readonly digest?: string | undefined;
  /** Ids, counts, verdicts: JSON, never personal data of the people migrated (W14). */
  readonly details: Readonly<Record<string, unknown>>;
}

/** An audit entry was to hold personal data: a defect of the caller. Nothing was written. */
export class PersonalDataInAudit extends Error {
  override readonly name = "PersonalDataInAudit";
}

/**
 * Staged columns that hold personal data, whatever fields are called; as keys of details they may count or
 * flag, never quote. Those that a migration names itself are known by its pin, and the database refuses them.
 */
const personal =
  /^(full_name|name_.*|phone.*|email.*|birth_date|raw_payload|source_values|raw_values|proposals)$|_(raw|normalized|candidate|alternates|folded)$/;

/**
 * Appends one entry to a run's audit log and returns it (W12). Appends to one run wait for each
 * other until the transaction ends, so inside a longer transaction this is best its last statement.
 * Works as every role that tells of something, and inside the caller's transaction (read committed,
 * PostgreSQL's default): then the entry stands and falls with what it tells of. Sequence, previous and
 * hash are made by the database (\`schema/008-audit.sql\`), where nobody may insert.
 *
 * @throws {PersonalDataInAudit}
 */
export async function appendAudit(
  db: Database,
  runId: string,
  event: AuditEvent,
  at: Date,
): Promise<AuditEntry> {
  const [appended] = await appendAudits(db, runId, [event], at);
  return appended as AuditEntry;
}

/**
 * Does something and appends the entry that tells of it in one statement, so that neither is without the other. Answers
 * whether it was done: where `done` has no row nothing is appended.
 *
 * @param work common tables; of the last one, `done`, a row says that it was done
 */
export const doneAndTold = async (
  transaction: Database,
  runId: string,
  work: Sql,
  event: AuditEvent,
  at: Date,
): Promise<boolean> => (await appendAudits(transaction, runId, [event], at, work)).length === 1;

/**
 * {@link appendAudit} of several entries, one behind the other, in one statement.
 *
 * @param work what is done in the same statement, and before: see {@link doneAndTold}
 */
export async function appendAudits(
  db: Database,
  runId: string,
  events: readonly AuditEvent[],
  at: Date,
  work?: Sql,
): Promise<readonly AuditEntry[]> {
  const told = events.map((event) => asStored({ ...event, digest: event.digest ?? null }));
  for (const { details } of told) refusePersonalData(details);
  // In their order, as each is chained to the one before it.
  const appended = sql`${
    work === undefined
      ? raw("")
      : sql`
    with ${work}`
  }
    select wavegate.append_audit(${uuid(runId)}, e.told ->> 'actor', e.told ->> 'action', e.told ->> 'digest', e.told -> 'details',
                                 ${at.toISOString()}) - 'details' as entry
      from (select t.told from jsonb_array_elements(${json(told)}) with ordinality t (told, n) order by t.n offset 0) e${raw(work === undefined ? "" : " where exists (select from done)")}`;
  // Of details of any length only what was not known comes back: a row of an answer ends at 64 KB.
  // In a transaction, as one whose response is lost must not be appended twice.
  try {
    return await db.transaction(async (transaction) => {
      const entries = await transaction.rows<{ entry: Omit<AuditEntry, "details"> }>(appended);
      return entries.map(({ entry }, n) => ({
        ...entry,
        details: (told[n] as (typeof told)[number]).details,
      }));
    });
  } catch (error) {
    const personal = error instanceof Error && error.message.includes("takes no personal data");
    if (!personal) throw error;
    const of = events.map(({ action }) => action).join(", ");
    throw new PersonalDataInAudit(
      `The details of “${of}” hold a column of personal data and have no place in the audit log. Nothing was written.`,
    );
  }
}

/** The newest entry's hash, and how many entries there are: what is kept elsewhere shows a chain made anew. */
export async function headOf(
  db: Database,
  runId: string,
): Promise<{ hash: string; entries: number }> {
  const [last] = await db.rows<{ seq: number; hash: string }>(sql`
    select seq, hash from wavegate.audit_log
     where run_id = ${uuid(runId)} order by seq desc limit 1`);
  return { hash: last?.hash ?? CHAIN_START, entries: last?.seq ?? 0 };
}

/** The value as JSON in PostgreSQL gives it back: no NUL, no half surrogates, no undefined. */
function asStored<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value), (_key, inner) =>
    typeof inner === "string" ? inner.replaceAll("\0", "").toWellFormed() : inner,
  );
}

function refusePersonalData(details: unknown): void {
  if (typeof details !== "object" || details === null) return;
  for (const [key, inner] of Object.entries(details)) {
    if (typeof inner === "string" && personal.test(key)) {
      throw new PersonalDataInAudit(
        `“${key}” may hold personal data and has no place in the audit log. Nothing was written.`,
      );
    }
    refusePersonalData(inner);
  }
}
