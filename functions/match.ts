import { RunInput } from "../lib/services/inputs.ts";
import { stageLambda } from "../lib/services/lambda.ts";
import { match } from "../lib/stages/match.ts";

/** Runs the stage match of a run. */
export const handler = stageLambda(RunInput, ({ run }, services) => match(services, run));
