import * as z from "zod";
import { RunId } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { planWave } from "../lib/stages/next-wave.ts";

/** What was asked of the wave's execution: the wave that was the next one to whoever asks, where they say so. */
const Input = z.strictObject({
  run: RunId,
  asked: z.looseObject({ next: z.number().int().positive().optional() }),
});

/** Fixes the number of a wave before it is written. */
export const handler = lambda(Input, ({ run, asked }, services) =>
  planWave(services, run, asked.next),
);
