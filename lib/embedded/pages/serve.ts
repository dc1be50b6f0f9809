import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type HttpApiEvent, type HttpApiResponse, httpApiEvent } from "./event.ts";
import { fromHandler, type Reply } from "./replies.ts";
import { readBody } from "./requests.ts";

/** A route without an authorizer: its function looks at the token that comes along. */
export async function serve(
  message: IncomingMessage,
  handler: (event: HttpApiEvent) => Promise<HttpApiResponse>,
  now: Date,
): Promise<Reply> {
  const event = httpApiEvent({
    message,
    signedIn: undefined,
    cookies: [],
    body: await readBody(message),
    requestId: randomUUID(),
    now,
  });
  const { authorization } = message.headers;
  const asked = Object.fromEntries(new URLSearchParams(event.rawQueryString));
  return fromHandler(
    await handler({
      ...event,
      headers: authorization === undefined ? event.headers : { ...event.headers, authorization },
      ...(Object.keys(asked).length > 0 ? { queryStringParameters: asked } : {}),
    }),
  );
}
