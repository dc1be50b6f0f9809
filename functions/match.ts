import { RunInput } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { match } from "../lib/stages/match.ts";

/** Runs the stage match of a run. */
export const handler = lambda(RunInput, ({ run }, services) => match(services, run));
