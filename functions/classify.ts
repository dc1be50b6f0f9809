import { RunInput } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { classify } from "../lib/stages/classify.ts";

/** Runs the stage classify of a run. */
export const handler = lambda(RunInput, ({ run }, services) => classify(services, run));
