import type { handler as classify } from "../../functions/classify.ts";
import type { handler as commit } from "../../functions/commit.ts";
import type { handler as finalVerify } from "../../functions/final-verify.ts";
import type { handler as importRange } from "../../functions/import-range.ts";
import type { handler as rollback } from "../../functions/rollback.ts";
import type { handler as signOff } from "../../functions/sign-off.ts";
import type { handler as validate } from "../../functions/validate.ts";
import type { handler as verify } from "../../functions/verify.ts";

/** Numbers by the name of their metric. */
export type Numbers = Readonly<Record<string, number>>;

type Output<Handler extends (...input: never[]) => Promise<unknown>> = Awaited<ReturnType<Handler>>;

const verified = ({ passed }: { passed: boolean }): Numbers => ({
  VerificationsPassed: passed ? 1 : 0,
  VerificationsFailed: passed ? 0 : 1,
});

/** What each function's result says in numbers: the dashboard and the alarms are made of these. */
const measures = {
  "import-range": ({ rowsRead, rowsStaged }: Output<typeof importRange>): Numbers => ({
    RowsRead: rowsRead,
    RowsStaged: rowsStaged,
  }),
  validate: ({ statuses }: Output<typeof validate>): Numbers => ({
    RowsValid: statuses.valid ?? 0,
    RowsFailed: statuses.failed ?? 0,
    RowsNeedingReview: statuses.needs_review ?? 0,
  }),
  classify: ({ classifications }: Output<typeof classify>): Numbers => ({
    RowsUnknown: classifications.unknown ?? 0,
  }),
  commit: ({ counts }: Output<typeof commit>): Numbers => ({
    WavesCommitted: 1,
    RowsCommitted: counts.committed,
    RowsLinked: counts.linked,
    RowsHeldBack: counts.heldBack,
  }),
  verify: (output: Output<typeof verify>): Numbers => verified(output),
  "final-verify": (output: Output<typeof finalVerify>): Numbers => verified(output),
  rollback: ({ undone, spared }: Output<typeof rollback>): Numbers => ({
    RowsRolledBack: undone,
    RollbackConflicts: spared,
  }),
  "sign-off": ({ kind }: Output<typeof signOff>): Numbers => ({
    SignOffsAsked: kind === "asked" ? 1 : 0,
  }),
  halted: (): Numbers => ({ RunsHalted: 1 }),
  waiting: (output: { readonly hours: Numbers }): Numbers => output.hours,
} as const;

/** The numbers of a function's result; none for a function that has none. */
export function measure(name: string, output: unknown): Numbers {
  const read = (measures as Record<string, ((output: never) => Numbers) | undefined>)[name];
  return read ? read(output as never) : {};
}
