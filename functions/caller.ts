import * as z from "zod";
import { permissions } from "../lib/define/permissions.ts";
import { callerOf } from "../lib/review/people/caller.ts";
import { handOver, waveStart } from "../lib/review/steer/start-execution.ts";
import { RunId } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";

const Begun = z.strictObject({
  machine: z.enum(["migration", "wave", "rollback"]),
  executionArn: z.string(),
  startedAt: z.coerce.date(),
  input: z.looseObject({ run: RunId }),
});

/** A wave that a run is about to begin, and in whose name the run acts. */
const Wave = z.strictObject({
  run: RunId,
  wave: z.number().int().positive(),
  caller: z.looseObject({ person: z.string(), permission: z.enum(permissions) }),
});

/** An execution whose history is nearly full, and in whose name the run goes on. */
const Full = z.strictObject({
  run: RunId,
  handsOver: z.string(),
  caller: z.looseObject({ person: z.string(), permission: z.enum(permissions) }),
});

/**
 * Who asks for an execution, and whether they may: the first state of every machine (D36). Before a wave it signs in
 * whose name that one begins, and it begins what a long run goes on in: of what runs in an execution, this function
 * alone holds the key.
 */
export const handler = lambda(
  z.union([Begun, Wave, Full]),
  async (input, services): Promise<object> => {
    if ("handsOver" in input) return handOver(services, input, input.caller);
    return "wave" in input ? waveStart(services, input, input.caller) : callerOf(services, input);
  },
);
