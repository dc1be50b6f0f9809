import * as z from "zod";
import { RunId } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { previewRollback } from "../lib/stages/preview-rollback.ts";

const Input = z.strictObject({ run: RunId, toWave: z.number().int().positive() });

/** Says what a rollback would do (B1). What it found is in the database: an answer holds 256 KiB. */
export const handler = lambda(Input, async ({ run, toWave }, services) => {
  const { waves } = await previewRollback(services, run, toWave);
  return { run, waves: waves.length };
});
