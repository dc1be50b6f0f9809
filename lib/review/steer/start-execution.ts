import { createHash } from "node:crypto";
import * as z from "zod";
import type { Database } from "../../data/database.ts";
import { findRun } from "../../data/runs.ts";
import { sql, uuid } from "../../data/sql.ts";
import { contactIn } from "../../evidence/contacts.ts";
import { appendSecurity } from "../../evidence/security-log.ts";
import { RunId } from "../../services/inputs.ts";
import type { Services } from "../../services/services.ts";
import { actOf } from "../people/acts.ts";
import { type Caller, personBehind } from "../people/caller.ts";
import { denied } from "../people/permissions.ts";
import { inputDigest, stampLastsMs } from "../people/stamp.ts";
import { refuseContact } from "../remark.ts";

/** What a terminal or a page asks to be started. */
export const StartRequest = z.strictObject({
  machine: z.enum(["migration", "wave", "rollback"]),
  /** What it is for, as part of the execution's name. */
  about: z.string().regex(/^[a-z][a-z-]{0,19}$/u),
  input: z.looseObject({ run: RunId }).refine((input) => !("stamp" in input), "brings a stamp"),
  /** What is the same when the same is asked again; left out, it is begun anew. */
  once: z
    .string()
    .regex(/^[\w-]{1,20}$/u)
    .optional(),
});

/** Begins with the run's id, by which its executions are found, and says what it is for. */
export const executionName = (run: string, about: string, once: string): string =>
  `${run}-${about}-${once.slice(0, 20)}`;

/**
 * Starts an execution for a person whom the platform vouches for, under a stamp that says so (D36).
 * Its name begins with the run's id and is used once. Errors: `PermissionDenied`, which the security log
 * keeps, `PersonalDataInRemark`; nothing is started. An ARN that is empty says that it was asked for before.
 *
 * @param once what is the same when the same is asked again: one execution comes of it
 */
export async function startFor(
  services: Pick<Services, "sign" | "executions" | "stamps" | "clock" | "newId">,
  identity: string,
  { machine, about, input, once: asks }: z.infer<typeof StartRequest>,
  once: string = asks ?? services.newId(),
): Promise<{ executionArn: string }> {
  const { takes, what } = actOf(machine, input);
  const person = await personBehind(services.sign, identity);
  if (!takes.some((each) => person?.permissions.includes(each))) {
    const actor = (person?.name ?? identity).slice(0, 200);
    const details = { what, execution: null, run: input.run };
    await appendSecurity(
      services.sign,
      { actor, action: "start-refused", details },
      services.clock(),
    );
    throw denied(takes);
  }
  await refuseContacts(services.sign, input);
  const execution = executionName(input.run, about, once);
  const until = new Date(services.clock().getTime() + stampLastsMs).toISOString();
  const asked = { person: person?.name ?? identity, machine, execution, until };
  const stamp = services.stamps.sign({ ...asked, input: inputDigest(input) });
  return services.executions.start(machine, execution, { ...input, stamp }).catch((error) => {
    // Asked for before, under another stamp.
    if (error instanceof Error && error.name === "ExecutionAlreadyExists")
      return { executionArn: "" };
    throw error;
  });
}

/**
 * An execution's history keeps what it was started with: of a run that is there already that was looked at when it was
 * begun. Errors: `PersonalDataInRemark`.
 */
async function refuseContacts(
  db: Database,
  { run, connection, acknowledge }: z.infer<typeof StartRequest>["input"],
): Promise<void> {
  const { backup } = Object(acknowledge) as { readonly backup?: unknown };
  const said = [connection, backup].filter((each) => typeof each === "string");
  if (said.every((each) => contactIn(each) === undefined)) return;
  const [known] = await db.rows(
    sql`select 1 as yes from wavegate.legacy_import_runs where id = ${uuid(run)}`,
  );
  if (!known) said.forEach(refuseContact);
}

/** Name and stamp of a wave's own execution, for which the person of its run stands. */
export function waveStart(
  services: Pick<Services, "stamps" | "clock" | "newId">,
  { run, wave }: { readonly run: string; readonly wave: number },
  { person, permission }: Caller,
): { execution: string; stamp: string } {
  const execution = `${run}-wave-${wave}-${services.newId().slice(0, 13)}`;
  const until = new Date(services.clock().getTime() + stampLastsMs).toISOString();
  const input = inputDigest({ run, wave });
  const stamp = { person, machine: "wave", execution, input, until, within: permission } as const;
  return { execution, stamp: services.stamps.sign(stamp) };
}

/**
 * Begins the execution that a run goes on in where the one it was in is nearly full; the person whom that one acted for
 * stands for it. It is called after the one before, so that whoever asks again finds it begun.
 */
export async function handOver(
  services: Pick<Services, "sign" | "executions" | "stamps" | "clock">,
  { run: id, handsOver }: { readonly run: string; readonly handsOver: string },
  { person, permission }: Caller,
): Promise<{ executionArn: string }> {
  const run = await findRun(services.sign, id);
  const input = { migration: run.migration, run: run.id, acknowledge: run.acknowledgements };
  const before = createHash("sha256").update(handsOver).digest("hex");
  const execution = executionName(run.id, "onward", before);
  const until = new Date(services.clock().getTime() + stampLastsMs).toISOString();
  const asked = { person, machine: "migration", execution, until, within: permission } as const;
  const stamp = services.stamps.sign({ ...asked, input: inputDigest(input) });
  return services.executions.start("migration", execution, { ...input, stamp }).catch((error) => {
    if (!(error instanceof Error) || error.name !== "ExecutionAlreadyExists") throw error;
    // Of one machine: only the name differs.
    return { executionArn: handsOver.replace(/[^:]+$/u, execution) };
  });
}
