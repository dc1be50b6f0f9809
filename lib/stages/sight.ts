import type { Pin } from "../compile/pin.ts";
import { type BlindSpot, blindSpots, findReferring, type Referring } from "../compile/referrers.ts";
import type { Database } from "../data/database.ts";
import { Refusal } from "../services/errors.ts";

/** What keeps a role from seeing, or taking back, what a run rests on; empty when nothing does. */
export const blindSpotsOf = async (
  db: Database,
  pin: Pin,
  options: { readonly role?: string; readonly deletes: boolean },
): Promise<BlindSpot[]> => {
  const referring = await db.rows<Referring>(findReferring(pin));
  return db.rows<BlindSpot>(
    blindSpots(pin, referring, options.role ?? "current_user", options.deletes),
  );
};

/**
 * What refers to the targets, looked up by a role that sees all of it. Errors: `PolicyDenied` where
 * row-level security hides rows of a table (D42), `PrivilegesMissing` where a privilege is missing, as on
 * a table made after set-up. Nothing was written then.
 */
export async function requireSight(
  transaction: Database,
  pin: Pin,
  migration: string,
): Promise<Referring[]> {
  const referring = await transaction.rows<Referring>(findReferring(pin));
  const blind = await transaction.rows<BlindSpot>(blindSpots(pin, referring, "current_user", true));
  if (blind.length > 0) throw refuseBlind(blind, migration);
  return referring;
}

/** The refusal of a role that does not see everything. */
export function refuseBlind(blind: readonly BlindSpot[], migration: string): Refusal {
  const hidden = blind.some((spot) => spot.hidden);
  return new Refusal(
    hidden ? "PolicyDenied" : "PrivilegesMissing",
    `${hidden ? "policy_denied: " : ""}${blind.map(saysBlind).join(" ")} Nothing was written. ${mends(blind, migration)}`,
  );
}

/** A blind spot in a sentence. */
export const saysBlind = ({ table, missing, hidden }: BlindSpot): string =>
  hidden
    ? `Row-level security hides rows of ${table} from wavegate, which would take what it does not see for not there.`
    : `wavegate lacks the privilege ${(missing ?? "").toUpperCase()} on ${missing === "usage" ? `the schema of ${table}` : table}.`;

/** The one command that mends it. */
export const mends = (blind: readonly BlindSpot[], migration: string): string =>
  blind.some(({ hidden }) => hidden)
    ? `Give wavegate's roles a policy that shows them every row, or lift row-level security for the run; then \`wavegate set-up ${migration}\`.`
    : `\`wavegate set-up ${migration}\` gives it (on AWS: deploy again).`;
