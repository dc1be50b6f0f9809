import type { Condition, Migration } from "../../define/definition.ts";
import { type Finding, findingsOf, namedFinding } from "../../define/findings.ts";
import { comparedWith, linesOf, lookedAt, notedIn } from "../../define/looked-at.ts";
import { notedWithoutRule } from "../../define/reasons.ts";
import { planOf } from "../keys.ts";

/** What rows that are held for a reason may share of what the plan's line looked at (B4). */
export interface PinnedCommon {
  readonly kind: "mapping" | "spelling" | "ruled" | "noted" | "unruled";
  /** By the name in the definition. */
  readonly name: string;
  /** The staged column. */
  readonly column: string;
  /** Of what was noted, what no rule is about, and of rules those that ask a person; older runs tell of all that was noted. */
  readonly of?: readonly string[];
  /** Spellings that a line is about already, so that none more would decide; older runs tell of all. */
  readonly listed?: readonly string[];
}

/** References and statuses that a line looks at, directly or by a decision; of what no line is about, what was noted. */
export function commonOf(
  migration: Migration,
  { when, hold }: { readonly when: Condition; readonly hold: string },
): PinnedCommon[] {
  const { fields, decide, validate } = migration.entity;
  if (hold === notedWithoutRule) {
    const of = notedIn(when).flatMap((finding) => namesOf(finding, fields));
    return [{ kind: "unruled", name: "findings", column: "findings", of: [...new Set(of)] }];
  }
  const names = new Set(lookedAt(when));
  const asking = names.has("validation_status")
    ? validate.flatMap(({ id, verdict }) => (verdict === "needs_review" ? [id] : []))
    : [];
  for (const name of names) {
    for (const line of linesOf({ decide }, name))
      for (const each of lookedAt(line.when)) names.add(each);
  }
  const ruled: PinnedCommon = {
    kind: "ruled",
    name: "validation_status",
    column: "validation_issues",
    of: asking,
  };
  const others = [...names].flatMap((name): PinnedCommon[] => {
    const [column, field] =
      Object.entries(fields).find(
        ([own, { kind, ...rest }]) =>
          own === name || (kind === "reference" && "to" in rest && rest.to === name),
      ) ?? [];
    if (column === undefined || field === undefined) return [];
    if (field.kind === "reference") return [{ kind: "mapping", name: field.to, column }];
    if (field.kind !== "status") return [];
    return [{ kind: "spelling", name: column, column, listed: listedIn(migration, column) }];
  });
  return asking.length > 0 ? [ruled, ...others] : others;
}

/** The words of a column that some line of a definition asks for. */
function listedIn(migration: Migration, column: string): string[] {
  const { decide, validate } = migration.entity;
  const lines = [...Object.values(decide).flat(), ...validate, ...planOf(migration)];
  return [...new Set(lines.flatMap(({ when }) => comparedWith(when, column)))];
}

/** A finding of a kind by the names of the fields that give it, where they have names of their own for it. */
function namesOf(finding: string, fields: Migration["entity"]["fields"]): readonly string[] {
  const own = Object.entries(fields).flatMap(([name, { kind }]) =>
    findingsOf[kind].some((each) => each === finding)
      ? (namedFinding(name, fields, finding as Finding) ?? [])
      : [],
  );
  // What is noted of any column of a row is noted without a field's name, too.
  const ofRow = findingsOf.row.some((each) => each === finding);
  return own.length > 0 && !ofRow ? own : [finding];
}
