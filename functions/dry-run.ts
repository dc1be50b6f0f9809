import { RunInput } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { dryRun } from "../lib/stages/dry-run.ts";

/** Shows what every wave would do. The report stays in the database: payloads carry digests (W14). */
export const handler = lambda(RunInput, async ({ run }, services) => {
  const { digest } = await dryRun(services, run);
  return { run, digest };
});
