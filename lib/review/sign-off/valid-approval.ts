import type { Database } from "../../data/database.ts";
import { type Sql, sql, uuid } from "../../data/sql.ts";
import { type SignedParts, signedDigest } from "../../evidence/review-digest.ts";
import { explainChange } from "../digest/digest.ts";
import { type Gate, gateSays, type SignOff, signOffColumns } from "../sign-off-store.ts";

/** Whether a gate is open for the state as it is now, and why not; `because` is an error's name. */
export type Approval =
  | { readonly ok: true; readonly signOff: SignOff }
  | {
      readonly ok: false;
      readonly because: "NotSignedOff" | "SignOffStale" | "SignOffRejected" | "SignOffLapsed";
      readonly message: string;
    };

/** The newest decision about a gate, and who of those it rests on may no longer decide, if anybody. */
export type Decided = SignOff & { readonly lapsed: string | null };

/** The newest {@link Decided} about a gate, as JSON; null where nobody decided. */
export const newestDecision = (run: string, gate: Gate): Sql => sql`
  select to_jsonb(d) || jsonb_build_object('lapsed', case when d.status = 'approved' then wavegate.lapsed_signer(d.id::uuid) end)
    from (select ${signOffColumns(new Date(0))} from wavegate.sign_offs
           where run_id = ${uuid(run)} and gate = ${gate} and status in ('approved', 'rejected')
           order by decided_order desc limit 1) d`;

const decisionAbout = async (db: Database, run: string, gate: Gate): Promise<Decided | null> =>
  (
    await db.rows<{ decided: Decided }>(
      sql`select x.decided from (${newestDecision(run, gate)}) x (decided)`,
    )
  )[0]?.decided ?? null;

/**
 * The approval a commit rests on: the newest decision about this gate, if it is about this very state (W7) and everybody
 * whom it rests on may still decide (W8).
 *
 * @param read what stands now; where nobody approved anything, nothing has to be compared
 */
export const validApproval = async (
  db: Database,
  run: string,
  gate: Gate,
  read: () => Promise<SignedParts>,
): Promise<Approval> => holdingApproval(db, run, gate, await decisionAbout(db, run, gate), read);

/** {@link validApproval} of a decision that was just looked up by {@link newestDecision}. */
export async function holdingApproval(
  db: Database,
  run: string,
  gate: Gate,
  decided: Decided | null,
  read: () => Promise<SignedParts>,
): Promise<Approval> {
  const approval = await ofThisState(db, run, gate, decided, read);
  if (!approval.ok || decided === null || decided.lapsed === null) return approval;
  const { lapsed, decided_by: by } = decided;
  const place = gateSays(gate);
  const did = lapsed === by ? `signed off ${place}` : `overrode what stopped ${place}`;
  return {
    ok: false,
    because: "SignOffLapsed",
    message: `${lapsed}, who ${did}, may no longer decide about commits. Nothing was written; ask anew with \`wavegate sign-off ask\`.`,
  };
}

/** The newest decision about a gate, if it approves this very state, whatever its people may do since. */
export const approvalOfState = async (
  db: Database,
  run: string,
  gate: Gate,
  read: () => Promise<SignedParts>,
): Promise<Approval> => ofThisState(db, run, gate, await decisionAbout(db, run, gate), read);

async function ofThisState(
  db: Database,
  run: string,
  gate: Gate,
  decided: SignOff | null,
  read: () => Promise<SignedParts>,
): Promise<Approval> {
  const place = gateSays(gate);
  if (!decided) {
    return {
      ok: false,
      because: "NotSignedOff",
      message: `Nobody has signed off ${place} yet. Nothing was written; ask with \`wavegate sign-off ask\`.`,
    };
  }
  if (decided.status === "rejected") {
    return {
      ok: false,
      because: "SignOffRejected",
      message: `${decided.decided_by} ${decided.changes_asked ? "asked for changes before" : "rejected"} ${place}. Nothing was written; correct what they found, run the dry run and the review export again, and ask anew.`,
    };
  }
  const now = await read();
  if (decided.digest !== signedDigest(now, now.export)) {
    const { references } = await db.one<{ references: string[] }>(sql`
      select to_jsonb(array(select jsonb_object_keys(definition -> 'references'))) as references
        from wavegate.legacy_import_runs where id = ${uuid(run)}`);
    const what =
      explainChange(decided.parts, now, references) || "something that was reviewed changed";
    return {
      ok: false,
      because: "SignOffStale",
      message: `Since ${decided.decided_by} signed off ${place}, ${what}. Nothing was written; run the dry run and the review export again, and ask anew.`,
    };
  }
  return { ok: true, signOff: decided };
}
