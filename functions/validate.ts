import { RunInput } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { validate } from "../lib/stages/validate.ts";

/** Runs the stage validate of a run. */
export const handler = lambda(RunInput, ({ run }, services) => validate(services, run));
