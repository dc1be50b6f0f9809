import { RunInput } from "../lib/services/inputs.ts";
import { stageLambda } from "../lib/services/lambda.ts";
import { classify } from "../lib/stages/classify.ts";

/** Runs the stage classify of a run. */
export const handler = stageLambda(RunInput, ({ run }, services) => classify(services, run));
