import * as z from "zod";
import { RunId } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { askNextGate } from "../lib/stages/sign-off.ts";

const Input = z.strictObject({ run: RunId, executionArn: z.string(), token: z.string() });

/** Asks people about the next gate; the task waits until one of them decides (W8). */
export const handler = lambda(Input, (input, services) => askNextGate(services, input));
