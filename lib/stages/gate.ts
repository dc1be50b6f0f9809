import { findRunState } from "../data/runs.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { wavesOf } from "./commit.ts";
import { latestWave } from "./verify.ts";

/** The end of a wave that passed; one that is not clean all the same, a person is asked about next (D38). */
export interface Gated {
  readonly run: string;
  readonly wave: number;
  readonly clean: boolean;
}

/** Lets a run past a wave only if every check passed (R15); otherwise the wave is an incident. */
export async function gate(services: Services, id: string, wave: number): Promise<Gated> {
  const run = await findRunState(services.stage, id);
  const found = latestWave(run.reference, await wavesOf(services.stage, run.id), wave);
  if (found.status !== "verified") {
    throw new Refusal(
      "WaveNotClean",
      `Wave ${wave} of ${run.reference} did not pass its verification. No further wave starts. ` +
        `\`wavegate status --run ${run.reference}\` shows the checks; \`wavegate rollback --run ${run.reference}\` takes the waves back.`,
    );
  }
  return { run: run.id, wave, clean: found.clean === true };
}
