import type { AuditEntry } from "../../audit-chain.ts";
import { moment } from "../say.ts";
import { apart } from "./clock.ts";
import type { Evidence } from "./evidence.ts";
import { samePerson } from "./sign-offs.ts";

/** Which permissions let somebody do what an entry tells, any one of them: written a second time, on purpose. */
const takes: Readonly<Record<string, readonly string[]>> = {
  "sign-off-approved": ["commit"],
  "sign-off-rejected": ["commit"],
  "stops-overridden": ["commit"],
  "samples-judged": ["review"],
  "verdict-undone": ["review"],
  "mappings-decided": ["review"],
  "row-held": ["review"],
  "row-released": ["review"],
  "rows-searched": ["review"],
  "question-asked": ["review", "commit"],
  "question-closed": ["review", "commit"],
  "rows-judged-anew": ["review"],
  "export-downloaded": ["review", "commit"],
  pause: ["run"],
  resume: ["run"],
  stop: ["run"],
  // Off takes either.
  feature: ["commit", "rollback"],
  erase: ["rollback"],
  "restore-begun": ["rollback"],
  restored: ["rollback"],
  "restore-failed": ["rollback"],
};

/** The same of executions, by what they did. A wave's own has the permission of its run. */
const takesToStart: Readonly<Record<string, readonly string[]>> = {
  run: ["run"],
  trial: ["run"],
  import: ["run"],
  validate: ["validate"],
  classify: ["validate"],
  match: ["validate"],
  "dry-run": ["validate"],
  verify: ["validate"],
  "final-verify": ["validate"],
  "export-review": ["run", "review"],
  "export-audit": ["run", "review"],
  "sign-off": ["run", "commit"],
  drill: ["commit"],
  commit: ["run", "commit"],
  rollback: ["rollback"],
};

/**
 * Whoever did something held a permission for it, as far as the security log tells of this person: given before
 * it, or not yet taken. Of somebody whose permissions it never tells nothing is said: they may be older than it.
 */
export function permissionsHeld({
  facts,
  trustedTo = 0,
}: Pick<Evidence, "facts" | "trustedTo">): string[] {
  const within = apart({ facts, trustedTo });
  const held = (person: string, at: number, any: readonly string[]): boolean => {
    const changes = facts.security.filter(
      (each) => isChange(each) && samePerson(person, personOf(each)),
    );
    return mayHave(changes, at, any, within);
  };
  return facts.log.flatMap((entry) => {
    const { action, actor, seq } = entry;
    if (action === "commit") {
      return signersOf(entry, facts.log)
        .filter((signer) => !held(signer, moment(entry.at), ["commit"]))
        .map((signer) => `wave ${entry.details.wave} was written when ${signer} might not decide`);
    }
    const any = takenBy(entry);
    if (any === undefined) return [];
    if (any.length === 0)
      return [`entry ${seq} of the audit log (${action}) is of nothing that is known`];
    if (actor === "wavegate") {
      return ofTheEngine(entry)
        ? []
        : [`entry ${seq} of the audit log (${action}) is what a person does, and names none`];
    }
    return held(actor, moment(entry.at), any)
      ? []
      : [
          `entry ${seq} of the audit log (${action}) is by somebody who held no ${any.join(" or ")} then`,
        ];
  });
}

/** Since when a wave is written only as long as those whom its approval rests on may decide: earlier ones hold. */
const SIGNERS_STAY_SINCE = moment("2026-11-28T14:20:00Z");

/** Whom the approval of a wave rests on: who approved, and who overrode what stopped it. */
function signersOf({ at, details }: AuditEntry, log: readonly AuditEntry[]): readonly string[] {
  if (moment(at) < SIGNERS_STAY_SINCE) return [];
  const approval = log.find(
    (each) => each.action === "sign-off-approved" && each.details.signOff === details.sign_off,
  );
  if (approval === undefined) return [];
  const { override } = approval.details;
  return [approval.actor, ...(typeof override === "string" ? [override] : [])];
}

/** What an entry takes, any one; nothing is said of what is no person's, and none is enough for what is not known. */
function takenBy({ action, details }: AuditEntry): readonly string[] | undefined {
  const of = (table: Readonly<Record<string, readonly string[]>>, name: string) =>
    Object.hasOwn(table, name) ? table[name] : undefined;
  if (action === "execution-started") return of(takesToStart, `${details.what}`) ?? [];
  if (action === "feature" && details.percentage !== 0) return ["commit"];
  return of(takes, action);
}

/** Off with a rollback, and erased when it is due: both are settled beforehand. */
const ofTheEngine = ({ action, details }: AuditEntry): boolean =>
  action === "feature"
    ? details.percentage === 0
    : action === "erase" && typeof details.days === "number";

const isChange = ({ action }: AuditEntry): boolean =>
  action === "permissions-given" || action === "permissions-taken";

const personOf = ({ details }: AuditEntry): string | null =>
  typeof details.person === "string" ? details.person : null;

const named = (list: unknown, any: readonly string[]): boolean =>
  Array.isArray(list) && any.some((each) => list.includes(`legacy_imports.${each}`));

/** Whether one of the permissions may have been held at a moment, within what clocks differ by. */
function mayHave(
  changes: readonly AuditEntry[],
  at: number,
  any: readonly string[],
  within: number,
): boolean {
  const [first] = changes;
  if (first === undefined || changes.some(({ details }) => !Array.isArray(details.holds)))
    return true;
  const { permissions, holds } = first.details;
  const before =
    first.action === "permissions-given"
      ? any.some((each) => named(holds, [each]) && !named(permissions, [each]))
      : named(permissions, any) || named(holds, any);
  const states = [
    { from: Number.NEGATIVE_INFINITY, held: before },
    ...changes.map((each) => ({ from: moment(each.at), held: named(each.details.holds, any) })),
  ];
  return states.some(({ from, held }, index) => {
    const until = states[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    return held && from - within <= at && at <= until + within;
  });
}
