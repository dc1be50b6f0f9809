import * as z from "zod";
import { RunId } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { preflight } from "../lib/stages/preflight.ts";

const Input = z.strictObject({
  executionArn: z.string(),
  /** Whom the state before vouched for, and noted; absent only where a test calls the stage itself. */
  caller: z.looseObject({ person: z.string() }).optional(),
  input: z
    .strictObject({
      migration: z.string(),
      run: RunId,
      only: z.string().optional(),
      connection: z.string().optional(),
      focus: z.string().optional(),
      wavePlan: z.array(z.number().int().positive()).max(1_000).optional(),
      gates: z.enum(["every-wave", "on-anomaly"]).optional(),
      settings: z.record(z.string().max(60), z.string().max(1_000)).optional(),
      trial: z
        .strictObject({ rows: z.number().int().min(1).max(1_000_000_000) })
        .or(z.strictObject({ whole: z.literal(true) }))
        .optional(),
      acknowledge: z
        .strictObject({
          backup: z.string().max(200).optional(),
          queues: z.boolean().optional(),
          priority: z.boolean().optional(),
        })
        .optional(),
      // What was looked at in the state before.
      stamp: z.string().optional(),
      caller: z.unknown().optional(),
      // What the state machine itself adds on its way back here from a halt.
    })
    .or(z.looseObject({ migration: z.string(), run: RunId, preflight: z.looseObject({}) })),
});

/** Checks everything that must be so before a row is staged (R1). */
export const handler = lambda(Input, ({ input, executionArn }, services) =>
  preflight(services, { ...input, executionArn }),
);
