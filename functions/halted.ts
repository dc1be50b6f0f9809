import { z } from "zod";
import { CaughtError, RunId, readError } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { halt } from "../lib/stages/halted.ts";

const Input = z.strictObject({ run: RunId, token: z.string(), error: CaughtError });

/** Exports the summary, tells people, and lets the execution wait for a command. */
export const handler = lambda(Input, ({ run, token, error }, services) =>
  halt(services, { run, token, because: readError(error) }),
);
