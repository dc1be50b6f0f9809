import { z } from "zod";
import { RunId } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { rollback } from "../lib/stages/rollback.ts";

const Input = z.strictObject({
  run: RunId,
  toWave: z.number().int().positive(),
  caller: z.looseObject({ person: z.string() }),
});

/** Takes waves back, the latest first (M12, D16). What was spared is in the ledger: an answer holds 256 KiB. */
export const handler = lambda(Input, async ({ run, toWave, caller }, services) => {
  const { outcome, waves } = await rollback(services, run, toWave, caller.person);
  const sum = (count: "undone" | "spared") => waves.reduce((all, wave) => all + wave[count], 0);
  return { run, outcome, waves: waves.length, undone: sum("undone"), spared: sum("spared") };
});
