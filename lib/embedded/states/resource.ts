import { functionOf } from "./names.ts";

/** What a task calls. */
export type Resource =
  /** A Lambda function through the service integration: FunctionName and Payload, result around Payload. */
  | { kind: "function"; type: "lambda"; name: "invoke" }
  /** The same, then waiting for the task token. */
  | { kind: "token"; type: "lambda"; name: "invoke.waitForTaskToken" }
  /** A child execution that is waited for. */
  | { kind: "execution"; type: "states"; name: "startExecution.sync:2" }
  /** A Lambda function by its ARN: the data is its input, its result is the task's. */
  | { kind: "bare"; function: string };

/** The calls that the stand-in knows; throws a TypeError for others. */
export function parseResource(resource: string): Resource {
  const integration = /^arn:aws[\w-]*:states:[\w-]*:\d*:(.+)$/.exec(resource)?.[1];
  switch (integration) {
    case "lambda:invoke":
      return { kind: "function", type: "lambda", name: "invoke" };
    case "lambda:invoke.waitForTaskToken":
      return { kind: "token", type: "lambda", name: "invoke.waitForTaskToken" };
    case "states:startExecution.sync:2":
      return { kind: "execution", type: "states", name: "startExecution.sync:2" };
  }
  if (/^arn:aws[\w-]*:lambda:[^:]*:[^:]*:function:[^:]+(:[^:]+)?$/.test(resource)) {
    return { kind: "bare", function: functionOf(resource) };
  }
  throw new TypeError(
    `The Resource ${resource} is not among those the embedded Step Functions knows: lambda:invoke, lambda:invoke.waitForTaskToken, states:startExecution.sync:2, and the ARN of a Lambda function.`,
  );
}
