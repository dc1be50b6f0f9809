import type { Run } from "../../data/runs.ts";

/** A run's status as pages call it: nothing runs, or waits, of which no execution is under way and nobody is asked. */
export const statusOf = (
  { status }: Pick<Run, "status">,
  { alive, pendingGate }: { readonly alive: boolean; readonly pendingGate: string | null },
): string =>
  (status === "running" || status === "waiting") && !alive && pendingGate === null
    ? "at_rest"
    : status;

/** Whether its rows are judged and shown: from then on it is told where a run stands by its waves, and no stage follows. */
export const isReviewed = (run: Pick<Run, "stage">): boolean => run.stage === "export-review";
