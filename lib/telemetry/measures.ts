import type { Classified } from "../stages/classify.ts";
import type { CommittedWave } from "../stages/commit.ts";
import type { ImportedRange } from "../stages/import/stage-range.ts";
import type { askNextGate } from "../stages/sign-off.ts";
import type { Validated } from "../stages/validate.ts";

/** Numbers by the name of their metric. */
export type Numbers = Readonly<Record<string, number>>;

const verified = ({ passed }: { passed: boolean }): Numbers => ({
  VerificationsPassed: passed ? 1 : 0,
  VerificationsFailed: passed ? 0 : 1,
});

/** One that asks to wait for a database that wakes, or for CloudTrail, is none that failed. */
const answered = ({ statusCode }: { readonly statusCode: number }): Numbers => ({
  AnswersFailed: statusCode >= 500 && statusCode !== 503 ? 1 : 0,
});

/** What each function's result says in numbers: the dashboard and the alarms are made of these. */
const measures = {
  "import-range": ({ rowsRead, rowsStaged }: ImportedRange): Numbers => ({
    RowsRead: rowsRead,
    RowsStaged: rowsStaged,
  }),
  validate: ({ statuses }: Validated): Numbers => ({
    RowsValid: statuses.valid ?? 0,
    RowsFailed: statuses.failed ?? 0,
    RowsNeedingReview: statuses.needs_review ?? 0,
  }),
  classify: ({ classifications }: Classified): Numbers => ({
    RowsUnknown: classifications.unknown ?? 0,
  }),
  commit: ({ counts }: CommittedWave): Numbers => ({
    WavesCommitted: 1,
    RowsCommitted: counts.committed,
    RowsLinked: counts.linked,
    RowsHeldBack: counts.heldBack,
  }),
  verify: verified,
  "final-verify": verified,
  rollback: ({ undone, spared }: { undone: number; spared: number }): Numbers => ({
    RowsRolledBack: undone,
    RollbackConflicts: spared,
  }),
  "sign-off": ({ kind }: Awaited<ReturnType<typeof askNextGate>>): Numbers => ({
    SignOffsAsked: kind === "asked" ? 1 : 0,
  }),
  halted: (): Numbers => ({ RunsHalted: 1 }),
  waiting: (output: { readonly hours: Numbers }): Numbers => output.hours,
  "front-door": answered,
  "start-execution": answered,
  "keep-decision": answered,
  look: answered,
  "profile-activity": answered,
} as const;

/** What ends its step is no result, and is counted all the same. */
const failures: Readonly<Record<string, Numbers>> = {
  FinalVerificationFailed: verified({ passed: false }),
  DrillFailed: verified({ passed: false }),
};

/** The numbers of a function's failure, by its name. */
export const measureFailure = (error: string): Numbers => failures[error] ?? {};

/** The numbers of a function's result; none for a function that has none. */
export function measure(name: string, output: unknown): Numbers {
  const read = (measures as Record<string, ((output: never) => Numbers) | undefined>)[name];
  return read ? read(output as never) : {};
}
