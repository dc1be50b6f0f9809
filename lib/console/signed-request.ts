import type { z } from "zod";
import { obstacleOf } from "../services/database-words.ts";
import { Refusal } from "../services/errors.ts";
import { isNoText } from "./request.ts";
import { jsonAnswer, type PageResponse } from "./response.ts";
import { outcomes } from "./texts/outcomes.ts";

/** An event of an HTTP API whose route has an IAM authorizer (payload format 2.0), as far as it is read. */
export interface IamEvent {
  readonly requestContext: {
    readonly authorizer?: { readonly iam?: { readonly userArn?: string } };
  };
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** Status of a refusal by its name. */
const statusOf: Readonly<Record<string, number>> = { NotIdentified: 401, PermissionDenied: 403 };

/**
 * Answers a terminal whose person API Gateway vouches for, with what was done or with one sentence that says
 * why not.
 *
 * @param done what a request of this kind does, as in “nothing was started”
 */
export async function answerSigned<Request extends z.ZodType>(
  event: IamEvent,
  { is, done }: { readonly is: Request; readonly done: string },
  work: (identity: string, request: z.output<Request>) => Promise<unknown>,
): Promise<PageResponse> {
  try {
    const identity = event.requestContext.authorizer?.iam?.userArn;
    if (!identity) {
      throw new Refusal(
        "NotIdentified",
        `It is not known who asks. Nothing was ${done}; sign the request with your own credentials.`,
      );
    }
    const request = is.safeParse(bodyOf(event));
    if (!request.success) {
      const [issue] = request.error.issues;
      throw new Refusal(
        "InputInvalid",
        `The input is not right: ${issue?.path.join(".") || "body"}: ${issue?.message}. Nothing was ${done}.`,
      );
    }
    return jsonAnswer(200, await work(identity, request.data));
  } catch (error) {
    if (error instanceof Refusal) {
      return jsonAnswer(statusOf[error.name] ?? 400, { error: error.name, message: error.message });
    }
    const name = error instanceof Error ? error.name : "error";
    if (name === "DatabaseResumingException") {
      const message = `The database was asleep and is waking up. Nothing was ${done}; ask again in half a minute.`;
      return jsonAnswer(503, { error: "DatabaseResuming", message });
    }
    console.error(`signed request: ${name}`);
    const obstacle = obstacleOf(error);
    const fate = `it is not known whether it was ${done}`;
    return jsonAnswer(500, {
      error: "Unexpected",
      message:
        obstacle === undefined
          ? `Something went wrong on our side, and ${fate}. Look with \`wavegate status\`.`
          : `${outcomes[obstacle].en} Of this request ${fate}: look with \`wavegate status\`, and ask again if it was not.`,
    });
  }
}

/** What was sent; undefined for what is no JSON, or holds what no database keeps. */
function bodyOf({ body = "", isBase64Encoded }: IamEvent): unknown {
  const sent = Buffer.from(body, isBase64Encoded ? "base64" : "utf8").toString("utf8");
  try {
    return JSON.parse(sent, (name, value) => {
      if (isNoText(name) || (typeof value === "string" && isNoText(value))) throw new TypeError();
      return value;
    });
  } catch {
    return undefined;
  }
}
