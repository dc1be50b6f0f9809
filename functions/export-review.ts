import { RunInput } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { reviewExport } from "../lib/stages/export-review.ts";

/** Leaves the masked rows and the summary of the newest dry run for review (R10). */
export const handler = lambda(RunInput, ({ run }, services) => reviewExport(services, run));
