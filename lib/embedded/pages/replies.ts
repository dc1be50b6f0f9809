import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpApiResponse } from "./event.ts";
import { pageInFrench, wantsFrench } from "./french.ts";
import { localPath, TurnedAway, wantsJson } from "./requests.ts";
import { pageHeaders, sentencePage, signInPage } from "./sign-in-page.ts";

/** What is sent back. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer | string;
}

export const page = (status: number, body: string): Reply => ({
  status,
  headers: pageHeaders,
  body,
});

export const redirect = (to: string, headers: Record<string, string>): Reply => ({
  status: 303,
  headers: { ...pageHeaders, location: to, ...headers },
  body: "",
});

/** A handler's answer, as API Gateway would send it. */
export const fromHandler = (answer: HttpApiResponse): Reply => ({
  status: answer.statusCode,
  headers: { ...answer.headers, ...(answer.cookies ? { "set-cookie": answer.cookies } : {}) },
  body: Buffer.from(answer.body ?? "", answer.isBase64Encoded ? "base64" : "utf8"),
});

/** The form to sign in with, where a page was to be read. Errors: {@link TurnedAway} for a program, and where something was sent. */
export function askToSignIn(message: IncomingMessage): Reply {
  if (wantsJson(message)) {
    throw new TurnedAway(401, "NotSignedIn", "Nobody is signed in. Nothing was changed.");
  }
  if (message.method !== "GET" && message.method !== "HEAD") {
    throw new TurnedAway(
      401,
      "NotSignedIn",
      "You are no longer signed in, so nothing was changed. Open the link again.",
    );
  }
  return page(401, signInPage({ to: localPath(message.url ?? "/"), name: "", problem: "" }));
}

/** What went wrong, as a page or, for a program, as JSON. */
export function fromError(error: unknown, message: IncomingMessage): Reply {
  const known = error instanceof TurnedAway;
  // Only the name: a message could hold what was sent.
  if (!known) console.error(`pages service: ${error instanceof Error ? error.name : "error"}`);
  // What API Gateway answers for a function that did not end in its time, whoever asks.
  const late = error instanceof Error && error.name === "Sandbox.Timedout";
  const status = known ? error.status : late ? 503 : 502;
  const name = known ? error.name : "Unexpected";
  const says = known
    ? error.message
    : "The page could not be made, and it is not known whether anything was changed. Load it again to see.";
  if (!wantsJson(message)) return page(status, sentencePage("That did not work", says));
  const headers = { ...pageHeaders, "content-type": "application/json; charset=utf-8" };
  const told = late ? { message: "Service Unavailable" } : { error: name, message: says };
  return { status, headers, body: JSON.stringify(told) };
}

/** Pages of this service's own are English, or French for who reads that; the console's speak for themselves. */
const inTheirLanguage = (message: IncomingMessage, { headers, body }: Reply): Buffer | string =>
  typeof body === "string" &&
  headers["content-type"] === pageHeaders["content-type"] &&
  wantsFrench(message)
    ? pageInFrench(body)
    : body;

export function send(message: IncomingMessage, response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, reply.headers as Record<string, string | string[]>);
  response.end(message.method === "HEAD" ? undefined : inTheirLanguage(message, reply));
}
