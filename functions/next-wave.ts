import * as z from "zod";
import { RunId } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { inTurns, nextWave } from "../lib/stages/next-wave.ts";

const Input = z.strictObject({
  run: RunId,
  /** How often its execution asked before; one that was begun before turns were counted does not say. */
  turn: z.number().int().nonnegative().default(0),
});

/** Decides from what is stored what comes next. */
export const handler = lambda(Input, async ({ run, turn }, services) =>
  inTurns(await nextWave(services, run), turn),
);
