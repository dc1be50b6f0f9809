import { z } from "zod";
import { permissions } from "../lib/define/permissions.ts";
import { waveStart } from "../lib/review/start-execution.ts";
import { RunId } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { nextWave } from "../lib/stages/next-wave.ts";

const Input = z.strictObject({
  run: RunId,
  caller: z.looseObject({ person: z.string(), permission: z.enum(permissions) }),
});

/** Decides from what is stored what comes next; a wave carries on in whose name its run acts. */
export const handler = lambda(Input, async ({ run, caller }, services) => {
  const step = await nextWave(services, run);
  return step.next === "wave" ? { ...step, ...waveStart(services, step, caller) } : step;
});
