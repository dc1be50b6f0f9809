import * as z from "zod";
import { publicError } from "./public-error.ts";

/** What CloudFormation sends to the function behind a custom resource. */
export const CloudFormationEvent = z.looseObject({
  RequestType: z.enum(["Create", "Update", "Delete"]),
  ResponseURL: z.url(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
  ResourceProperties: z.record(z.string(), z.unknown()),
});

/** What became of it: a sentence, and the resource's id where it is another one. */
export interface Done {
  readonly says: string;
  readonly id?: string;
}

const longestReason = 1_000;

/**
 * Does the work and tells CloudFormation what became of it, also when it failed: a stack whose
 * resource never answers hangs for an hour. The reason shows in the console, so it holds no
 * personal data.
 */
export async function answerCloudFormation(
  event: z.infer<typeof CloudFormationEvent>,
  work: () => Promise<Done>,
): Promise<void> {
  const { failure, done } = await work().then(
    (done) => ({ done, failure: undefined }),
    (error: unknown) => ({ done: undefined, failure: publicError(error) }),
  );
  const answer = {
    Status: failure ? "FAILED" : "SUCCESS",
    Reason: failure ? `${failure.name}: ${failure.message}`.slice(0, longestReason) : done?.says,
    // The same unless it is said: after another id CloudFormation has the old one deleted.
    PhysicalResourceId: done?.id ?? event.PhysicalResourceId ?? event.LogicalResourceId,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
  };
  const response = await fetch(event.ResponseURL, {
    method: "PUT",
    // CloudFormation's address is signed without a content type.
    headers: { "content-type": "" },
    body: JSON.stringify(answer),
  });
  if (!response.ok) throw new Error(`CloudFormation did not take the answer (${response.status}).`);
}
