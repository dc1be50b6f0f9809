import * as z from "zod";
import { CaughtError, RunId, readError } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { halt } from "../lib/stages/halted.ts";

const Input = z.strictObject({ run: RunId, error: CaughtError });

/** Records the incident, exports the summary and tells people (R17). */
export const handler = lambda(Input, ({ run, error }, services) =>
  halt(services, { run, because: readError(error) }),
);
