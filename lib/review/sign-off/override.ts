import { json, sql, timestamp, uuid } from "../../data/sql.ts";
import { appendAudit } from "../../evidence/audit-log.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import { keepPerson, requirePermission } from "../people/permissions.ts";
import { keepableRemark } from "../remark.ts";
import { lockSignOff, requireOpen, type SignOffRef } from "../sign-off-store.ts";
import { requireSeen, standingOf } from "./approval-obstacles.ts";
import { openForDecision } from "./open.ts";

/**
 * Records that a person takes the stop conditions upon them (R7, D15): neither the starter nor the
 * one who approves afterwards, and what they saw alone. Errors: as `decide`, `ReasonMissing`, `NothingToOverride`,
 * `StandingChanged`.
 */
export async function override(
  services: Services,
  input: { ref: SignOffRef; person: string; reason: string; seen?: string | undefined },
): Promise<{ signOff: string; stops: readonly string[] }> {
  const { signOff, run, person } = await openForDecision(services, input.ref, input.person);
  const { sign } = services;
  const reason = await keepableRemark(sign, run, input.reason);
  if (reason === "") {
    throw new Refusal("ReasonMissing", "An override takes a reason. Nothing was recorded.");
  }
  const now = services.clock();
  return services.sign.transaction(async (db) => {
    await keepPerson(db, person);
    const locked = await lockSignOff(db, signOff.id, now);
    requireOpen(locked);
    await requirePermission(db, person.name, "legacy_imports.commit");
    const standing = await standingOf(db, locked, person);
    const { stops } = standing;
    const holding = stops.filter((stop) => stop.stops).map(({ id }) => id);
    if (holding.length === 0) {
      throw new Refusal(
        "NothingToOverride",
        "No stop condition holds. Nothing was recorded; approve or reject.",
      );
    }
    requireSeen(standing, input.seen);
    const done = { signOff: signOff.id, stops: holding };
    // Sent twice, as by two clicks or behind an answer that was lost, and nothing came in between: it is said once.
    const [newest] = standing.overrides.filter(({ by }) => by === person.name);
    const again = newest?.reason === reason && holding.every((id) => newest.stops.includes(id));
    if (again && locked.override_by === person.name) return done;
    await db.execute(sql`
      update wavegate.sign_offs
         set override_by = ${person.name}, override_reason = ${reason},
             override_at = ${timestamp(now.toISOString())}, override_stops = ${json(holding)}
       where id = ${uuid(signOff.id)} and status = 'pending'`);
    const details = { signOff: signOff.id, gate: signOff.gate, stops: holding, reason };
    await appendAudit(
      db,
      run.id,
      { actor: person.name, action: "stops-overridden", digest: signOff.digest, details },
      now,
    );
    return done;
  });
}
