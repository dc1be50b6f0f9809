import { WaveInput } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { gate } from "../lib/stages/gate.ts";

/** Lets a run past a wave only if the wave was clean (R15). */
export const handler = lambda(WaveInput, ({ run, wave }, services) => gate(services, run, wave));
