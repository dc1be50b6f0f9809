import { RunInput } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { planWave } from "../lib/stages/next-wave.ts";

/** Fixes the number of a wave before it is written. */
export const handler = lambda(RunInput, ({ run }, services) => planWave(services, run));
