import { expect, it } from "vitest";
import { readError } from "../../lib/services/inputs.ts";

const given = '{"run":"r","stamp":"s3cret"}';
const child = (more: object) =>
  JSON.stringify({ ExecutionArn: "arn:wave", Input: given, Status: "ABORTED", ...more });

it.each<[string, string, string, string, string]>([
  [
    "a function",
    "WaveRefused",
    '{"errorMessage":"No row is left."}',
    "WaveRefused",
    "No row is left.",
  ],
  ["a sentence", "Unfit", "It is not whole.", "Unfit", "It is not whole."],
  [
    "a wave that failed",
    "States.TaskFailed",
    child({ Error: "WaveRefused", Cause: '{"errorMessage":"No row is left."}' }),
    "WaveRefused",
    "No row is left.",
  ],
  [
    "a wave that was stopped",
    "States.TaskFailed",
    child({ Error: "Stopped", Cause: "Its run was stopped." }),
    "Stopped",
    "Its run was stopped.",
  ],
  [
    "a wave that was ended past wavegate",
    "States.TaskFailed",
    child({}),
    "States.TaskFailed",
    "history in Step Functions",
  ],
  [
    "the same, with a reason",
    "States.TaskFailed",
    child({ Cause: "By hand." }),
    "States.TaskFailed",
    "By hand.",
  ],
  [
    "a wave that failed in Step Functions itself",
    "States.TaskFailed",
    child({ Error: "States.Runtime", Cause: `'$.x' could not be found in the input '${given}'` }),
    "States.Runtime",
    "history in Step Functions",
  ],
  [
    "a path that found nothing",
    "States.Runtime",
    `The JSONPath '$.x' could not be found in the input '${given}'`,
    "States.Runtime",
    "history in Step Functions",
  ],
  ["a time that ran out", "States.Timeout", "", "States.Timeout", "took longer than it may"],
  [
    "a function whose time ran out, as behind a machine that slept",
    "Sandbox.Timedout",
    JSON.stringify({
      errorType: "Sandbox.Timedout",
      errorMessage:
        "RequestId: 7f3a0000-0000-4000-8000-000000000001 Error: Task timed out after 900.00 seconds",
    }),
    "Sandbox.Timedout",
    "The step took longer than the 900 s that it has, as where its machine slept meanwhile. What was written stands; look at the run, then resume it.",
  ],
  [
    "a function whose time ran out, in words of another kind",
    "Lambda.Unknown",
    'The cause could not be determined because Lambda did not return an error type. Returned payload: {"errorMessage":"2026-11-20T10:00:00.000Z 7f3a Task timed out after 900.00 seconds"}',
    "Lambda.Unknown",
    "The step took longer than the 900 s that it has, as where its machine slept meanwhile. What was written stands; look at the run, then resume it.",
  ],
  [
    "a function whose memory ran out",
    "Runtime.ExitError",
    JSON.stringify({
      errorType: "Runtime.ExitError",
      errorMessage:
        "RequestId: 7f3a0000-0000-4000-8000-000000000001 Error: Runtime exited with error: signal: killed",
    }),
    "Runtime.ExitError",
    "The step was cut off in its function (signal: killed), as where its memory ran out. What was written stands; look at the run, then resume it.",
  ],
  [
    "a function that ended on one machine",
    "Runtime.ExitError",
    '{"errorMessage":"RequestId: 7f3a Error: Runtime exited: exit status 1"}',
    "Runtime.ExitError",
    "The step was cut off in its function (exit status 1), as where its memory ran out. What was written stands; look at the run, then resume it.",
  ],
  [
    "a function that ended without a word",
    "Runtime.ExitError",
    '{"errorMessage":"RequestId: 7f3a Error: Runtime exited without providing a reason"}',
    "Runtime.ExitError",
    "The step was cut off in its function (without providing a reason), as where its memory ran out. What was written stands; look at the run, then resume it.",
  ],
  ["nothing", "Unheard", "", "Unheard", "nothing more was said"],
])(
  "W14 W9 what is read of %s never quotes what a state was given",
  (_of, error, cause, name, says) => {
    const read = readError({ Error: error, Cause: cause });
    expect(read).toEqual({ error: name, message: expect.stringContaining(says) });
    expect(read.message).not.toContain("s3cret");
  },
);
