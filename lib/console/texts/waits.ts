import type { NextKind } from "../../review/steer/next-kind.ts";

/** For what a run waits, in one word. */
const waiting = {
  sign_off: "answer",
  halted: "decision",
  trial_halted: "decision",
  source_changed: "decision",
  sent_back: "decision",
  definition_changed: "decision",
  ledger_incomplete: "decision",
  halted_stopped: "decision",
  paused: "decision",
  stopped: "decision",
  stopped_unwritten: "decision",
  stopped_asking: "decision",
  restoring: "decision",
  told_to_stop: "decision",
  rows_left: "decision",
  failed: "decision",
  judged_anew: "start",
  copies_left: "start",
  erasing: "start",
  unanswered: "start",
  withdrawn: "start",
  asks_next: "start",
  stage_next: "start",
  preflight_failed: "anew",
} satisfies Partial<Record<NextKind, string>>;

/** The same in words. */
export const waitsIn = (
  words: Readonly<Record<(typeof waiting)[keyof typeof waiting], string>>,
): Readonly<Partial<Record<NextKind, string>>> =>
  Object.fromEntries(Object.entries(waiting).map(([kind, waits]) => [kind, words[waits]]));
