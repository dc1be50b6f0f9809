import { DatabaseErrorException } from "../data/failures.ts";
import { findRun } from "../data/runs.ts";
import { appendSecurity } from "../evidence/security-log.ts";
import { findSignOff } from "../review/sign-off-store.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import type { Asked } from "./route.ts";

/** Refusals that tell of somebody who may not, rather than of a slip in a form. */
const tellsOfAuthority = new Set([
  "ApproverIsStarter",
  "FormNotTrusted",
  "LinkUnknown",
  "PermissionDenied",
  "SampleNotJudged",
  "SignInOver",
  "StopConditionHolds",
]);

type Needs = Pick<Services, "sign" | "clock">;

/** Keeps what was refused in the security log (W8, W12); that it cannot be kept changes no answer. */
export async function noteRefusal(
  services: Needs,
  error: unknown,
  { actor, asked }: { readonly actor: string; readonly asked: Asked },
): Promise<void> {
  if (!(error instanceof Refusal) || !tellsOfAuthority.has(error.name)) return;
  try {
    const { what } = asked;
    const details = { refusal: error.name, what, ...(await subjectOf(services, asked)) };
    const event = { actor, action: "decision-refused", details } as const;
    await appendSecurity(services.sign, event, services.clock());
  } catch (fault) {
    console.error(`security log: ${describeFault(fault)}`);
  }
}

/** Ids, and never what stood in an address: anything may stand there. */
async function subjectOf(
  { sign, clock }: Needs,
  { signOff: ref, run: name }: Asked,
): Promise<{ signOff: string | null; run: string | null }> {
  const signOff = ref && (await findSignOff(sign, ref, clock()).catch(() => undefined));
  const run = name === undefined ? undefined : await findRun(sign, name).catch(() => undefined);
  return { signOff: signOff?.id ?? null, run: signOff?.run_id ?? run?.id ?? null };
}

/** A fault for the log: of the database with its message, which quotes no values; else the name alone (W14). */
export function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return "error";
  return error instanceof DatabaseErrorException ? `${error.name}: ${error.message}` : error.name;
}
