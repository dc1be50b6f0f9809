import { sql, uuid } from "../lib/data/sql.ts";
import { ask } from "../lib/review/sign-off/ask.ts";
import { decide } from "../lib/review/sign-off/decide.ts";
import type { Gate } from "../lib/review/sign-off-store.ts";
import type { Services } from "../lib/services/services.ts";

/** Asks about a gate and answers it as a second person would, every sampled row judged right. */
export async function approveGate(
  services: Services,
  { run, gate }: { run: string; gate: Gate },
): Promise<void> {
  const local = { ...services, mail: async () => {} };
  const asked = await ask(local, { run, gate });
  if (asked.kind !== "asked") return;
  await services.sign.execute(sql`
    update wavegate.samples set verdict = 'right', wrong = '[]', judged_by = 'approver', judged_at = now()
     where run_id = ${uuid(run)}`);
  await services.sign.execute(sql`
    update wavegate.sign_offs set override_by = 'approver', override_reason = 'a benchmark', override_at = now(),
           override_stops = (select coalesce(jsonb_agg(stop -> 'id'), '[]') from jsonb_array_elements(stops) stop)
     where run_id = ${uuid(run)} and status = 'pending'`);
  await decide(local, {
    ref: { id: asked.signOff },
    person: "approver",
    decision: "approve",
    comment: "Looked at by the benchmark.",
  });
}
