import { z } from "zod";
import { RunId } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { waitForCommand } from "../lib/stages/control.ts";

const Input = z.strictObject({ run: RunId, token: z.string() });

/** Lets a paused execution wait for resume or stop (W9). */
export const handler = lambda(Input, (input, services) =>
  waitForCommand(services, { ...input, kind: "paused" }),
);
