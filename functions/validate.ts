import { RunInput } from "../lib/services/inputs.ts";
import { stageLambda } from "../lib/services/lambda.ts";
import { validate } from "../lib/stages/validate.ts";

/** Runs the stage validate of a run. */
export const handler = stageLambda(RunInput, ({ run }, services) => validate(services, run));
