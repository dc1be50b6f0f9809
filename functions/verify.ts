import * as z from "zod";
import { RunId } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { verify, verifyAll } from "../lib/stages/verify.ts";

const Input = z.strictObject({ run: RunId, wave: z.number().int().positive().optional() });

/** The six checks after a wave (R13); without a number, of every wave that stands. */
export const handler = lambda<z.infer<typeof Input>, { passed: boolean }>(
  Input,
  ({ run, wave }, services) =>
    wave === undefined ? verifyAll(services, run) : verify(services, run, wave),
);
