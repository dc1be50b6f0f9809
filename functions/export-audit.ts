import { RunInput } from "../lib/services/inputs.ts";
import { stageLambda } from "../lib/services/lambda.ts";
import { auditExport } from "../lib/stages/export-audit.ts";

/** Leaves the bundle that auditors check (W12). */
export const handler = stageLambda(RunInput, ({ run }, services) => auditExport(services, run));
