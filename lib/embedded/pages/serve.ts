import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type HttpApiEvent, type HttpApiResponse, httpApiEvent } from "./event.ts";
import { fromHandler, type Reply } from "./replies.ts";
import { readBody } from "./requests.ts";

/** What API Gateway answers where no route is of this path and method: whoever asks there is a program. */
export const noSuchRoute: Reply = {
  status: 404,
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify({ message: "Not Found" }),
};

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
  const authorization = message.headersDistinct.authorization?.join(",");
  const asked = together(new URLSearchParams(event.rawQueryString));
  return fromHandler(
    await handler({
      ...event,
      headers: authorization === undefined ? event.headers : { ...event.headers, authorization },
      ...(Object.keys(asked).length > 0 ? { queryStringParameters: asked } : {}),
    }),
  );
}

/** What is said twice comes as one text, with commas between. */
function together(parameters: URLSearchParams): Record<string, string> {
  const names = new Set(parameters.keys());
  return Object.fromEntries([...names].map((name) => [name, parameters.getAll(name).join(",")]));
}
