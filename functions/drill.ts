import { RunInput } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { drill } from "../lib/stages/drill.ts";

/** The rollback drill after wave one (R14). */
export const handler = lambda(RunInput, ({ run }, services) => drill(services, run));
