import { createDataClient } from "../lib/data/client.ts";
import { type Database, openDatabase } from "../lib/data/database.ts";
import { Refusal } from "../lib/services/errors.ts";
import { answer } from "../serving/profile-activity/answer.ts";
import { failure, type Response } from "../serving/profile-activity/envelope.ts";

/** An event of an HTTP API (payload format 2.0), as far as it is read. */
interface HttpEvent {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>>;
  readonly requestContext: { readonly requestId: string };
}

let database: Database | undefined;

/** `GET /api/v1/me/profile-activity`, as the role `serve`, which only reads what it shows. */
export const handler = async ({
  headers = {},
  queryStringParameters: parameters = {},
  requestContext: { requestId },
}: HttpEvent): Promise<Response> => {
  const now = new Date();
  try {
    database ??= openReader();
    const { authorization } = headers;
    return await answer(database, { authorization, parameters, requestId }, now);
  } catch (error) {
    console.error(`profile activity: ${error instanceof Error ? error.name : "error"}`);
    return failure({ requestId, now }, 500, "Server Error");
  }
};

function openReader(): Database {
  const { WAVEGATE_CLUSTER_ARN, WAVEGATE_DATABASE, WAVEGATE_SERVE_SECRET_ARN } = process.env;
  if (!WAVEGATE_CLUSTER_ARN || !WAVEGATE_DATABASE || !WAVEGATE_SERVE_SECRET_ARN) {
    throw new Refusal(
      "EnvironmentIncomplete",
      "WAVEGATE_CLUSTER_ARN, WAVEGATE_DATABASE and WAVEGATE_SERVE_SECRET_ARN have to be set. Nothing was read.",
    );
  }
  return openDatabase({
    client: createDataClient(),
    resourceArn: WAVEGATE_CLUSTER_ARN,
    secretArn: WAVEGATE_SERVE_SECRET_ARN,
    database: WAVEGATE_DATABASE,
    // API Gateway waits 30 s for a database that sleeps.
    patienceMs: 20_000,
  });
}
