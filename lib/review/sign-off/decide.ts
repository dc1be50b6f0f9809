import type { Database } from "../../data/database.ts";
import { findRun, type Run } from "../../data/runs.ts";
import { json, sql, text, timestamp, uuid } from "../../data/sql.ts";
import { appendAudit } from "../../evidence/audit-log.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import type { Person } from "../people/people.ts";
import { keepPerson, requirePermission } from "../people/permissions.ts";
import { keepableRemark } from "../remark.ts";
import {
  findSignOff,
  lockSignOff,
  requireOpen,
  type SignOff,
  type SignOffRef,
} from "../sign-off-store.ts";
import {
  approvalObstacles,
  refusalOf,
  requireSeen,
  restsOn,
  standingOf,
} from "./approval-obstacles.ts";
import { openForDecision, requireUnchanged } from "./open.ts";
import { type Told, tellNow } from "./tell.ts";

export interface DecideInput {
  readonly ref: SignOffRef;
  /** Who decides, as the platform vouches. */
  readonly person: string;
  /** Asking for changes is a rejection that says so: nothing is written until somebody is asked anew. */
  readonly decision: "approve" | "reject" | "changes";
  readonly comment: string;
  /** What of stops and overrides the person saw, as for `requireSeen`; of an approval alone. */
  readonly seen?: string | undefined;
}

export interface Decided {
  readonly signOff: string;
  readonly run: string;
  readonly reference: string;
  readonly gate: SignOff["gate"];
  readonly decision: "approved" | "rejected";
  /** Whether it was rejected so that something is changed. */
  readonly changes: boolean;
  readonly digest: string;
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly comment: string | null;
  readonly told: Told;
  /** What the run was told to do: one that is to pause or stop does not go on by the decision. */
  readonly control: Run["control"];
}

/**
 * Stores one person's decision and tells the task that waits for it. Two decisions at once end in
 * exactly one. Errors: `LinkUnknown`, `LinkExpired`, `AlreadyDecided`, `PermissionDenied`,
 * `ApproverIsStarter`, `DigestChanged`, `PersonalDataInRemark`, `SampleNotJudged`, `StopConditionHolds`, `CommentMissing`,
 * `StandingChanged`.
 */
export async function decide(services: Services, input: DecideInput): Promise<Decided> {
  const { signOff, run, person } = await openForDecision(services, input.ref, input.person);
  const { sign } = services;
  const comment = await keepableRemark(sign, run, input.comment);
  if (input.decision !== "approve" && comment === "") {
    throw new Refusal(
      "CommentMissing",
      "A rejection takes a comment that says what is wrong, or what is to be changed. Nothing was decided; write one.",
    );
  }
  if (input.decision === "approve") await requireUnchanged(services, signOff, run);

  const status = input.decision === "approve" ? "approved" : "rejected";
  const changes = input.decision === "changes";
  await services.sign.transaction((db) =>
    store(db, { ...input, signOff, person, status, changes, comment, now: services.clock() }),
  );
  const decided = await findSignOff(services.sign, { id: signOff.id }, services.clock());
  return {
    signOff: signOff.id,
    run: run.id,
    reference: run.reference,
    gate: signOff.gate,
    decision: status,
    changes,
    digest: signOff.digest,
    by: person.name,
    at: decided.decided_at ?? "",
    comment: decided.comment,
    told: await tellNow(services, decided),
    control: (await findRun(services.sign, run.id)).control,
  };
}

/** From pending to decided, once: the row is locked, so that of two people the second one is refused. */
async function store(
  db: Database,
  decision: {
    signOff: SignOff;
    person: Person;
    status: "approved" | "rejected";
    changes: boolean;
    comment: string;
    seen?: string | undefined;
    now: Date;
  },
): Promise<void> {
  const { signOff, person, status, changes, comment, seen, now } = decision;
  await keepPerson(db, person);
  const locked = await lockSignOff(db, signOff.id, now);
  requireOpen(locked);
  // Whoever lost the permission since they were asked for it decides nothing.
  await requirePermission(db, person.name, "legacy_imports.commit");
  const standing = await standingOf(db, locked, person);
  if (status === "approved") {
    const [obstacle] = approvalObstacles(standing, person);
    if (obstacle) throw refusalOf(obstacle);
    requireSeen(standing, seen);
  }
  const [override = null] = standing.overrides.map(({ by }) => by);
  await db.execute(sql`
    update wavegate.sign_offs
       set status = ${status}, changes_asked = ${changes}, decided_by = ${person.name}, rests_on = ${json(status === "approved" ? restsOn(standing, person) : [])},
           decided_at = ${timestamp(now.toISOString())}, comment = ${text(comment || null)}
     where id = ${uuid(signOff.id)} and status = 'pending'`);
  await appendAudit(
    db,
    signOff.run_id,
    {
      actor: person.name,
      action: `sign-off-${status}`,
      digest: signOff.digest,
      details: {
        signOff: signOff.id,
        gate: signOff.gate,
        comment,
        override,
        ...(changes ? { changes } : {}),
      },
    },
    now,
  );
}
