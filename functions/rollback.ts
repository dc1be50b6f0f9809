import * as z from "zod";
import { RunId } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { inAll, rollback } from "../lib/stages/rollback.ts";

const Sum = z.number().int().nonnegative();

const Input = z.strictObject({
  run: RunId,
  toWave: z.number().int().positive(),
  caller: z.looseObject({ person: z.string() }),
  /** What calls before this one took back of the same rollback. */
  before: z
    .object({ waves: Sum, undone: Sum, spared: Sum })
    .default({ waves: 0, undone: 0, spared: 0 }),
});

/** Minutes after which a call begins nothing more: what it began last has as long again to end. */
const minutes = 7;

/** Takes waves back, the latest first (M12, D16). What was spared is in the ledger: an answer holds 256 KiB. */
export const handler = lambda(Input, async ({ run, toWave, caller, before }, services) => ({
  run,
  ...inAll(before, await rollback(services, run, toWave, caller.person, minutes)),
}));
