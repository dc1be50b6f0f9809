import { z } from "zod";
import { RunId } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { importRange } from "../lib/stages/import-range.ts";

const Input = z.strictObject({
  run: RunId,
  item: z.looseObject({ range: z.number().int().positive() }),
});

/** Reads one key range, normalises its rows and stages them. */
export const handler = lambda(Input, ({ run, item }, services) =>
  importRange(services, run, item.range),
);
