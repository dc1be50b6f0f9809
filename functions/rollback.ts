import { z } from "zod";
import { RunId } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { rollback } from "../lib/stages/rollback.ts";

const Input = z.strictObject({ run: RunId, toWave: z.number().int().positive() });

/** Takes waves back, the latest first (M12, D16). */
export const handler = lambda(Input, ({ run, toWave }, services) =>
  rollback(services, run, toWave),
);
