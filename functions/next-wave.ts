import { z } from "zod";
import { RunId } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { nextWave } from "../lib/stages/next-wave.ts";

/** Decides from what is stored what comes next. */
export const handler = lambda(z.strictObject({ run: RunId }), ({ run }, services) =>
  nextWave(services, run),
);
