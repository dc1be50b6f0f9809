import * as z from "zod";
import { inFewWords } from "../lib/evidence/contacts.ts";
import { RunId } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { importRange } from "../lib/stages/import-range.ts";

const Input = z.strictObject({
  run: RunId,
  item: z.looseObject({ range: z.number().int().positive() }),
});

const work = lambda(Input, ({ run, item }, services) => importRange(services, run, item.range));

/**
 * Reads one key range, normalises its rows and stages them. What it fails with is said in few words: Step Functions hands
 * on the errors of all ranges together, in 256 KiB.
 */
export const handler = (payload: unknown) =>
  work(payload).catch((error) => {
    throw inFewWords(error);
  });
