import { createHash } from "node:crypto";
import type { Database } from "../data/database.ts";
import { raw, type Sql, sql, timestamp, uuid } from "../data/sql.ts";
import type { SignedParts } from "../evidence/review-digest.ts";
import { Refusal } from "../services/errors.ts";
import { gateNamed } from "../speech/names.ts";
import type { StopCondition } from "./report.ts";

/** What is asked for: before wave one, before scaling up, or before wave N (D12). */
export type Gate = "first_wave" | "scale_up" | `wave:${number}`;

/** How a sign-off is named: by the secret of its link, or by its id on the terminal. */
export type SignOffRef = { readonly secret: string } | { readonly id: string };

/** A question to a person, and the answer, as stored. Moments are ISO 8601 in UTC. */
export interface SignOff {
  readonly id: string;
  readonly run_id: string;
  readonly gate: Gate;
  readonly digest: string;
  readonly parts: SignedParts;
  readonly stops: readonly StopCondition[];
  readonly status: "pending" | "approved" | "rejected" | "voided" | "expired";
  /** Whether it was rejected so that something is changed. */
  readonly changes_asked: boolean;
  readonly asked_at: string;
  readonly expires_at: string;
  /** Whether it was past its expiry when it was read. */
  readonly expired: boolean;
  readonly token: string | null;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
  readonly comment: string | null;
  readonly override_by: string | null;
  readonly override_reason: string | null;
  readonly override_at: string | null;
  readonly override_stops: readonly StopCondition["id"][];
  readonly notified_at: string | null;
  readonly void_because: string | null;
}

/** What of a link's secret is stored (W8). */
export const hashOfSecret = (secret: string): string =>
  createHash("sha256").update(secret).digest("hex");

/** The columns of a {@link SignOff}; `now` decides whether it has expired. */
export function signOffColumns(now: Date): Sql {
  const iso = (column: string) =>
    `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${column}`;
  const moments = ["asked_at", "expires_at", "decided_at", "override_at", "notified_at"].map(iso);
  return sql`id::text as id, run_id::text as run_id, gate, digest, parts, stops, status, changes_asked, token,
    decided_by, comment, override_by, override_reason, override_stops, void_because,
    ${raw(moments.join(", "))},
    coalesce(expires_at <= ${timestamp(now.toISOString())}, false) as expired`;
}

/** The sign-off of a link or an id. Errors: `LinkUnknown`. */
export async function findSignOff(db: Database, ref: SignOffRef, now: Date): Promise<SignOff> {
  const which =
    "secret" in ref
      ? sql`link_hash = ${hashOfSecret(ref.secret)}`
      : sql`id::text = ${ref.id.toLowerCase()}`;
  const [found] = await db.rows<SignOff>(
    sql`select ${signOffColumns(now)} from wavegate.sign_offs where ${which}`,
  );
  if (!found) {
    throw new Refusal(
      "LinkUnknown",
      "There is no sign-off behind this link. Nothing was changed; open the newest mail and check that the link was copied whole.",
    );
  }
  return found;
}

/** The same sign-off, locked until the transaction ends: verdicts and decisions come one after the other. */
export async function lockSignOff(transaction: Database, id: string, now: Date): Promise<SignOff> {
  return transaction.one<SignOff>(sql`
    select ${signOffColumns(now)} from wavegate.sign_offs where id = ${uuid(id)} for update`);
}

/**
 * Refuses a sign-off that can no longer be decided. Errors: `AlreadyDecided`, `LinkExpired` (also
 * for one that a newer request replaced).
 */
export function requireOpen(signOff: SignOff): void {
  if (signOff.status === "approved" || signOff.status === "rejected") {
    throw new Refusal(
      "AlreadyDecided",
      `${signOff.decided_by} ${answered(signOff)} this on ${signOff.decided_at?.slice(0, 10)}. Nothing was changed by you; there is nothing more to do here.`,
      { who: signOff.decided_by ?? undefined, signOff: signOff.id },
    );
  }
  if (signOff.status === "voided") {
    throw new Refusal(
      "LinkExpired",
      `This sign-off was withdrawn, because ${signOff.void_because}. Nothing was changed; use the newest mail, or ask for a new one with \`wavegate sign-off ask\`.`,
      { signOff: signOff.id },
    );
  }
  if (signOff.expired || signOff.status === "expired") {
    throw new Refusal(
      "LinkExpired",
      `This link was valid until ${signOff.expires_at.slice(0, 10)}. Nothing was changed; ask for a new one with \`wavegate sign-off ask\`.`,
    );
  }
}

/** What somebody did about a question, in words that what it is about follows. */
export const answered = ({
  status,
  changes_asked,
}: Pick<SignOff, "status" | "changes_asked">): string =>
  changes_asked ? "asked for changes to" : status;

/** A gate in words. */
export const gateSays = (gate: Gate): string => gateNamed.en(gate);
