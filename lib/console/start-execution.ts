import { StartRequest, startFor } from "../review/start-execution.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { type PageResponse, safeHeaders } from "./page.ts";

/** An event of an HTTP API whose route has an IAM authorizer (payload format 2.0), as far as it is read. */
export interface IamEvent {
  readonly requestContext: {
    readonly authorizer?: { readonly iam?: { readonly userArn?: string } };
  };
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

const answer = (statusCode: number, body: unknown): PageResponse => ({
  statusCode,
  headers: { ...safeHeaders, "content-type": "application/json; charset=utf-8" },
  body: JSON.stringify(body),
});

/** Status of a refusal by its name. */
const statusOf: Readonly<Record<string, number>> = { NotIdentified: 401, PermissionDenied: 403 };

/** Answers the terminal that asks for an execution, with its ARN or with one sentence that says why not. */
export async function startExecution(services: Services, event: IamEvent): Promise<PageResponse> {
  try {
    const identity = event.requestContext.authorizer?.iam?.userArn;
    if (!identity) {
      throw new Refusal(
        "NotIdentified",
        "It is not known who asks. Nothing was started; sign the request with your own credentials.",
      );
    }
    const request = StartRequest.safeParse(bodyOf(event));
    if (!request.success) {
      const [issue] = request.error.issues;
      throw new Refusal(
        "InputInvalid",
        `The input is not right: ${issue?.path.join(".") || "body"}: ${issue?.message}. Nothing was started.`,
      );
    }
    return answer(200, await startFor(services, identity, request.data));
  } catch (error) {
    if (error instanceof Refusal) {
      return answer(statusOf[error.name] ?? 400, { error: error.name, message: error.message });
    }
    console.error(`start-execution: ${error instanceof Error ? error.name : "error"}`);
    return answer(500, {
      error: "Unexpected",
      message:
        "Something went wrong on our side, and it is not known whether it was started. Look with `wavegate status`.",
    });
  }
}

function bodyOf({ body = "", isBase64Encoded }: IamEvent): unknown {
  try {
    return JSON.parse(Buffer.from(body, isBase64Encoded ? "base64" : "utf8").toString("utf8"));
  } catch {
    return undefined;
  }
}
