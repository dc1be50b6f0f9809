import { RunInput } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { finalVerify } from "../lib/stages/final-verify.ts";

/** Proves the whole run once more. */
export const handler = lambda(RunInput, ({ run }, services) => finalVerify(services, run));
