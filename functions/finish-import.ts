import * as z from "zod";
import { Refusal } from "../lib/services/errors.ts";
import { CaughtError, RunId, readError } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { finishImport } from "../lib/stages/finish-import.ts";

const Input = z.strictObject({
  run: RunId,
  ranges: z.array(z.looseObject({ error: CaughtError.optional() })),
});

/** Ends the import, or fails with the first range's own error. */
export const handler = lambda(Input, ({ run, ranges }, services) => {
  const failed = ranges.find(({ error }) => error !== undefined);
  if (failed?.error) {
    const { error, message } = readError(failed.error);
    throw new Refusal(
      error,
      `${message} What was staged so far stays, and an import of the same run goes on from there.`,
    );
  }
  return finishImport(services, run);
});
