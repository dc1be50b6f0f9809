import { RunInput } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { auditExport } from "../lib/stages/export-audit.ts";

/** Leaves the bundle that auditors check (W12). */
export const handler = lambda(RunInput, ({ run }, services) => auditExport(services, run));
