import type { Run } from "../data/runs.ts";
import { Refusal } from "../services/errors.ts";

/** Refuses for a trial what ends in a commit. Errors: `RunIsTrial`. */
export function refuseTrial({ trial, reference, migration }: Run, what: string): void {
  if (trial === null || trial === undefined) return;
  throw new Refusal(
    "RunIsTrial",
    `${reference} is a trial: ${what}. Nothing was written. Begin a run with \`wavegate start ${migration}\`.`,
  );
}
