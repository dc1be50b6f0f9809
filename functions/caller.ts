import { z } from "zod";
import { callerOf } from "../lib/review/caller.ts";
import { RunId } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";

const Input = z.strictObject({
  machine: z.enum(["migration", "wave", "rollback"]),
  executionArn: z.string(),
  startedAt: z.coerce.date(),
  input: z.looseObject({ run: RunId }),
});

/** Who asks for an execution, and whether they may: the first state of every machine (D36). */
export const handler = lambda(Input, (input, services) => callerOf(services, input));
