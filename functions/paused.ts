import { RunInput } from "../lib/services/inputs.ts";
import { lambda } from "../lib/services/lambda.ts";
import { noteWaiting } from "../lib/stages/run/note-waiting.ts";

/** Notes that a run is paused; `resume` starts an execution that goes on (W9). */
export const handler = lambda(RunInput, ({ run }, services) =>
  noteWaiting(services, { run, status: "paused" }),
);
