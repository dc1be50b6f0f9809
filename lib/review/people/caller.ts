import { createHash } from "node:crypto";
import type { Database } from "../../data/database.ts";
import { sql } from "../../data/sql.ts";
import type { Permission } from "../../define/permissions.ts";
import { appendAudit } from "../../evidence/audit-log.ts";
import { contactIn } from "../../evidence/contacts.ts";
import { isSamePerson } from "../../evidence/same-person.ts";
import { appendSecurity } from "../../evidence/security-log.ts";
import { Refusal } from "../../services/errors.ts";
import type { Machine, Services, Stamp } from "../../services/services.ts";
import { type Act, actOf } from "./acts.ts";
import { listPeople, type Person } from "./people.ts";
import { denied } from "./permissions.ts";
import { inputDigest } from "./stamp.ts";
import { noteBeginning } from "./starter.ts";

/** An execution at its first state. */
export interface Begun {
  readonly machine: Machine;
  readonly executionArn: string;
  readonly startedAt: Date;
  readonly input: Readonly<Record<string, unknown>>;
}

/** For whom an execution acts, and with which permission: what its states and its waves carry on. */
export interface Caller {
  readonly person: string;
  readonly permission: Permission;
}

type Needs = Pick<Services, "sign" | "executions" | "stamps" | "clock">;

/**
 * Who is behind an execution (D36): the person whom its stamp names or, for one that was started past
 * the CLI, whom CloudTrail names; with the permission of what it does. Kept in the run's audit log, or,
 * when it is refused, in the security log. Errors: `StarterUnknown`, to be tried again;
 * `PermissionDenied`. Nothing of the run is changed by either.
 */
export async function callerOf(services: Needs, begun: Begun): Promise<Caller> {
  const stamp = stampOf(services, begun);
  const identity =
    stamp?.person ?? (await services.executions.starter(begun.executionArn, begun.startedAt));
  if (identity === undefined) {
    throw new Refusal(
      "StarterUnknown",
      "This was started past the CLI, and CloudTrail does not say yet by whom. Nothing was written; it waits until CloudTrail does, which takes up to 15 minutes.",
    );
  }
  const act = actOf(begun.machine, begun.input);
  const takes = stamp?.within ? ([stamp.within] as const) : act.takes;
  const person = await personBehind(services.sign, identity);
  const permission = takes.find((each) => person?.permissions.includes(each));
  if (!person || !permission) {
    await noteRefused(services, begun, act, identity);
    throw denied(takes);
  }
  if (begun.machine === "migration" && permission === "legacy_imports.run") {
    const { executionArn } = begun;
    const run = String(begun.input.run);
    await noteBeginning(services.sign, { run, executionArn, person: person.name });
  }
  // A wave of a run stands under the entry of its run.
  if (begun.machine !== "wave" || !stamp?.within)
    await noteStarted(services, begun, act, person, stamp ? "stamp" : "CloudTrail");
  return { person: person.name, permission };
}

/** The stamp, if it was made for this very execution and input, and has not expired. */
function stampOf({ stamps, clock }: Needs, begun: Begun): Stamp | undefined {
  const { stamp: text } = begun.input;
  const stamp = typeof text === "string" ? stamps.read(text) : undefined;
  const fits =
    stamp !== undefined &&
    stamp.machine === begun.machine &&
    stamp.execution === nameOf(begun.executionArn) &&
    stamp.input === inputDigest(begun.input) &&
    clock().getTime() < Date.parse(stamp.until);
  return fits ? stamp : undefined;
}

/** How an execution is told of: by its name, unless whoever chose it put somebody's number or address in it (W14). */
function toldName(executionArn: string): string {
  const name = nameOf(executionArn);
  if (contactIn(name) === undefined) return name;
  return `execution ${createHash("sha256").update(executionArn).digest("hex").slice(0, 16)}`;
}

/** `arn:…:execution:MACHINE:NAME` → `NAME`. */
const nameOf = (executionArn: string): string => executionArn.split(":").at(-1) ?? "";

/** The person of the people's record behind an identity that AWS vouches for. */
export async function personBehind(db: Database, identity: string): Promise<Person | undefined> {
  const found = (await listPeople(db)).filter((person) => isSamePerson(identity, person));
  // One address that two people carry names neither.
  return found.length === 1 ? found[0] : undefined;
}

async function runOf({ sign }: Needs, { input }: Begun): Promise<string | undefined> {
  const [run] = await sign.rows<{ id: string }>(sql`
    select id::text as id from wavegate.legacy_import_runs where id::text = ${String(input.run)}`);
  return run?.id;
}

/** A run that is just being made has no log yet: that the person started it is its first entry. */
async function noteStarted(
  services: Needs,
  begun: Begun,
  { what }: Act,
  person: Person,
  vouchedBy: "stamp" | "CloudTrail",
): Promise<void> {
  const run = await runOf(services, begun);
  if (run === undefined) return;
  const execution = toldName(begun.executionArn);
  await services.sign.transaction(async (db) => {
    const [known] = await db.rows(sql`
      select 1 as yes from wavegate.audit_log
       where run_id::text = ${run} and action in ('execution-started', 'started') and details ->> 'execution' = ${execution}
         -- Another machine's execution may be called the same by whoever starts it.
         and actor = ${person.name} and details ->> 'what' = ${what}`);
    if (known) return;
    const details = { what, execution, vouchedBy };
    const event = { actor: person.name, action: "execution-started", details };
    await appendAudit(db, run, event, services.clock());
  });
}

async function noteRefused(
  services: Needs,
  begun: Begun,
  { what }: Act,
  identity: string,
): Promise<void> {
  const run = (await runOf(services, begun)) ?? null;
  const details = { what, execution: toldName(begun.executionArn), run };
  const event = { actor: identity.slice(0, 200), action: "start-refused", details } as const;
  await appendSecurity(services.sign, event, services.clock());
}
