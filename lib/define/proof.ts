import type { Condition } from "./condition.ts";

/** What must not be: a check counts it, and one is a failure. */
export type MustNotBe =
  /** A row of one of these platform tables that a wave's own transaction wrote. */
  | { readonly untouched: readonly string[] }
  /**
   * A row of the run that stands on the platform though the condition holds for it; with `outside`, one that
   * was created in another table than these. Of several kinds of things `of` says which one's.
   */
  | { readonly standing: Condition; readonly outside?: readonly string[]; readonly of?: string }
  /** A row that was written with what a reference is, though it is a placeholder by the definition's own rule. */
  | { readonly placeholder: string };

/** A check of each wave (R13), beside those that every migration has: its summary and its ledger. */
export interface Check {
  readonly id: string;
  readonly says: string;
  readonly never: MustNotBe;
  /** Also at the run's end, over all of its waves. */
  readonly again?: true;
}

/** What the go/no-go list (R18) knows of a run, each from what is stored. */
export const facts = [
  "connection_verified",
  "dry_run_reviewed",
  "sample_approved",
  "mappings_reviewed",
  "first_batch_passed",
  "drill_passed",
  "logs_correct",
  "no_mutations",
] as const;
export type Fact = (typeof facts)[number];

/** An item of the go/no-go list in a migration's own words; no item is left out for want of words. */
export interface GoNoGoWords {
  readonly id: Fact;
  readonly says: string;
  /** Of the samples: the quota of which a row has to be judged right, if it has any; the first one unless said. */
  readonly of?: string;
  /** What is said where that quota has no row at all. */
  readonly empty?: string;
}

/** Counts what must not be; `again` also at the run's end. */
export function check(
  id: string,
  says: string,
  never: MustNotBe,
  options?: { again: true },
): Check {
  if ("untouched" in never !== id.endsWith("_untouched")) {
    throw new Error(
      `The check “${id}” ${"untouched" in never ? "is about tables that stay as they are, so its id has to end" : "ends"} with “_untouched”${"untouched" in never ? "." : ", which is how checks about tables that stay as they are are known."}`,
    );
  }
  return { id, says, never, ...options };
}

export const untouched = (...tables: string[]): MustNotBe => ({ untouched: tables });
export const standing = (
  when: Condition,
  options: { outside?: string[]; of?: string } = {},
): MustNotBe => ({
  standing: when,
  ...options,
});
/** Rows that were written with a placeholder for a real thing. */
export const placeholderOf = (reference: string): MustNotBe => ({ placeholder: reference });
export const item = (
  id: Fact,
  says: string,
  options: { of?: string; empty?: string } = {},
): GoNoGoWords => ({ id, says, ...options });
