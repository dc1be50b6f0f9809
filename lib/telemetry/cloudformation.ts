import { z } from "zod";
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

const longestReason = 1_000;

/**
 * Does the work and tells CloudFormation what became of it, also when it failed: a stack whose
 * resource never answers hangs for an hour. The reason shows in the console, so it holds no
 * personal data.
 */
export async function answerCloudFormation(
  event: z.infer<typeof CloudFormationEvent>,
  work: () => Promise<void>,
): Promise<void> {
  const failure = await work().then(
    () => undefined,
    (error: unknown) => publicError(error),
  );
  const answer = {
    Status: failure ? "FAILED" : "SUCCESS",
    Reason: failure
      ? `${failure.name}: ${failure.message}`.slice(0, longestReason)
      : "The database is set up.",
    // Always the same: another id would make CloudFormation delete the old one.
    PhysicalResourceId: event.PhysicalResourceId ?? event.LogicalResourceId,
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
