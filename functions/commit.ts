import * as z from "zod";
import { RunId } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { commit } from "../lib/stages/commit.ts";

const Input = z.strictObject({
  run: RunId,
  wave: z.number().int().positive(),
  batch: z.number().int().positive().nullable(),
});

/** Writes one signed wave. Safe to deliver twice: a wave already written returns its result. */
export const handler = lambda(Input, ({ run, wave, batch }, services) =>
  commit(services, { run, wave, ...(batch === null ? {} : { batch }) }),
);
