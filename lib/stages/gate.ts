import { rowsWhole } from "../data/records.ts";
import { findRunState } from "../data/runs.ts";
import { sql, uuid } from "../data/sql.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import type { Check } from "./run/check.ts";
import { latestWave } from "./verify.ts";
import { wavesCalled } from "./wave/plan.ts";

/** The end of a wave that passed; one that is not clean all the same, a person is asked about next (D38). */
interface Gated {
  readonly run: string;
  readonly wave: number;
  readonly clean: boolean;
}

/** Lets a run past a wave only if every check passed (R15); otherwise the wave is an incident. */
export async function gate(services: Services, id: string, wave: number): Promise<Gated> {
  const [run, waves] = await Promise.all([
    findRunState(services.stage, id),
    wavesCalled(services.stage, id),
  ]);
  const found = latestWave(run.reference, waves, wave);
  if (found.status !== "verified") {
    const failed = await failedChecks(services, run.id, wave);
    throw new Refusal(
      "WaveNotClean",
      `Wave ${wave} of ${run.reference} did not pass its verification${failed}. No further wave starts. ` +
        `\`wavegate verify --run ${run.reference}\` looks again and shows the checks; \`wavegate rollback --run ${run.reference}\` takes the waves back.`,
    );
  }
  return { run: run.id, wave, clean: found.clean === true };
}

/** What the latest verification of a wave found wrong, behind a colon; nothing where it was not verified. */
async function failedChecks({ stage }: Services, run: string, wave: number): Promise<string> {
  const [latest] = await rowsWhole<{ checks: readonly Check[] }>(
    stage,
    sql`
  select checks from wavegate.verifications
   where run_id = ${uuid(run)} and kind = ${`wave:${wave}`} order by id desc limit 1`,
  );
  const failed = (latest?.checks ?? []).filter(({ passed }) => !passed);
  if (failed.length === 0) return "";
  const kept = failed.some(({ changed }) => changed !== undefined)
    ? ". Where a trigger of the platform keeps such a column, the definition's `effects` say so by `keeps`"
    : "";
  return `: ${failed.map(({ says, expected, got }) => `“${says}” (expected ${expected}, found ${got})`).join("; ")}${kept}`;
}
