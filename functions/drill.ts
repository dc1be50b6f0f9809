import { RunInput } from "../lib/services/inputs.ts";
import { stageLambda } from "../lib/services/lambda.ts";
import { drill } from "../lib/stages/drill.ts";

/** The rollback drill after wave one (R14). */
export const handler = stageLambda(RunInput, ({ run }, services) => drill(services, run));
