import type { Condition, Entity, PlanRule } from "./definition.ts";
import { lookedAt } from "./looked-at.ts";
import { engineReasons } from "./reasons.ts";

/**
 * When only dates or numbers that nobody knows decide whether a condition holds: every `datedBefore`, and every number
 * that is compared, could be so or not.
 * Null where none is in it, or where it says itself what becomes of rows without one, as
 * `all(present("lent"), datedBefore("lent", "2015-01-01"))` does.
 */
export function undecided(condition: Condition): Condition | null {
  if ("dated" in condition) return { missing: condition.dated };
  if ("number" in condition) return { missing: condition.number };
  if ("not" in condition) return undecided(condition.not);
  const isAll = "all" in condition;
  const parts = isAll ? condition.all : "any" in condition ? condition.any : [];
  const open = parts.flatMap((part) => undecided(part) ?? []);
  const [only, ...more] = open;
  if (only === undefined) return null;
  if (more.length > 0)
    return { all: [supposing(condition, true), { not: supposing(condition, false) }] };
  const others = parts.filter((part) => undecided(part) === null);
  return together(isAll ? others : others.map((not) => ({ not })), only);
}

/** A condition as it is when each of its dates that is unknown makes it hold, or keeps it from holding. */
function supposing(condition: Condition, holds: boolean): Condition {
  const open = "dated" in condition ? condition.dated : "number" in condition && condition.number;
  if (open !== false) return holds ? { any: [{ missing: open }, condition] } : condition;
  if ("not" in condition) return { not: supposing(condition.not, !holds) };
  if ("all" in condition) return { all: condition.all.map((each) => supposing(each, holds)) };
  if ("any" in condition) return { any: condition.any.map((each) => supposing(each, holds)) };
  return condition;
}

/** Both at once; null where that cannot be, as it is present and missing. */
function together(others: readonly Condition[], open: Condition): Condition | null {
  const known = others.some(
    (each) => isMissing("missing" in open ? open.missing : "", each) === false,
  );
  if (known) return null;
  return others.length === 0 ? open : { all: [...others, open] };
}

/** Whether a condition by itself asks that something is missing (true), or that it is there (false). */
function isMissing(name: string, condition: Condition): boolean | undefined {
  if ("missing" in condition && condition.missing === name) return true;
  if ("present" in condition && condition.present === name) return false;
  if (!("not" in condition)) return undefined;
  const inner = isMissing(name, condition.not);
  return inner === undefined ? undefined : !inner;
}

/**
 * The lines of a plan, each behind one that holds the rows of which nobody knows whether it applies, for want of a date.
 * What decisions and rules rest on dates is asked before the first line that looks at one, or that writes a row.
 */
export function withUnknownDates(entity: Entity, plan: readonly PlanRule[]): readonly PlanRule[] {
  const dated = datedDecisions(entity);
  const before = [
    ...Object.values(entity.decide).flatMap(undecidedOf),
    ...entity.validate.flatMap(({ when, verdict }) =>
      verdict === "note" ? [] : (undecided(when) ?? []),
    ),
  ];
  const first = plan.findIndex(
    (line) =>
      "commit" in line || "link" in line || lookedAt(line.when).some((name) => dated.has(name)),
  );
  const above = new Set<string>();
  return plan.flatMap((line, at) => {
    const own = undecided(line.when);
    const held = [...(at === first ? before : []), ...(own === null ? [] : [own])]
      .filter((when) => !above.has(JSON.stringify(when)))
      .map((when) => heldRow(when, entity));
    for (const { when } of [...held, line]) above.add(JSON.stringify(when));
    return [...held, line];
  });
}

/** What is decided by dates that may be unknown: decisions, those that look at them, and verdicts. */
function datedDecisions({ decide, validate }: Entity): ReadonlySet<string> {
  const dated = new Set<string>();
  for (let known = -1; known < dated.size; ) {
    known = dated.size;
    for (const [name, lines] of Object.entries(decide))
      if (lines.some(({ when }) => isDated(when) || lookedAt(when).some((each) => dated.has(each))))
        dated.add(name);
  }
  return validate.some(({ when }) => isDated(when)) ? dated.add("validation_status") : dated;
}

const isDated = (condition: Condition): boolean => undecided(condition) !== null;

/** When only an unknown date says which line of a decision is the first that holds. */
const undecidedOf = (lines: readonly { readonly when: Condition }[]): Condition[] =>
  lines.flatMap(({ when }, at) => {
    const open = undecided(when);
    const above = lines.slice(0, at).map((each) => ({ not: each.when }));
    return open === null ? [] : (together(above, open) ?? []);
  });

function heldRow(when: Condition, { fields }: Entity): PlanRule {
  const isNumber = missingIn(when).every((name) => fields[name]?.kind === "number");
  const reason = isNumber ? "number_unknown" : "date_unknown";
  return { when, hold: reason, says: engineReasons[reason].says };
}

/** What a condition asks to be missing. */
function missingIn(condition: Condition): string[] {
  if ("all" in condition) return condition.all.flatMap(missingIn);
  if ("any" in condition) return condition.any.flatMap(missingIn);
  if ("not" in condition) return missingIn(condition.not);
  return "missing" in condition ? [condition.missing] : [];
}
