import { RunInput } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { planImport } from "../lib/stages/plan-import.ts";

/** Stages what rows refer to and cuts the source into key ranges. */
export const handler = lambda(RunInput, ({ run }, services) => planImport(services, run));
