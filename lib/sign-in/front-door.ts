import { messagePage } from "../console/page.ts";
import { isOpen } from "../console/paths.ts";
import { clientHeader, type HttpEvent, signInOf } from "../console/request.ts";
import { jsonAnswer, type PageResponse, safeHeaders } from "../console/response.ts";
import { permissions } from "../review/people/people.ts";
import { begin, exchange, isSameState, readBeginning, writeBeginning } from "./cognito.ts";
import {
  beginningCookie,
  cookie,
  isOwnCookie,
  noCookie,
  readCookie,
  sessionCookie,
} from "./cookies.ts";
import type { SignInSettings } from "./settings.ts";

/** Claims of a token whose signature, issuer, audience and expiry were checked. */
export type Claims = Readonly<Record<string, unknown>>;

/** What the front door stands on. */
interface FrontDoor {
  readonly settings: SignInSettings;
  /** Checks an id token of the user pool; throws for anything else. */
  readonly verify: (token: string) => Promise<Claims>;
  readonly pages: (event: HttpEvent) => Promise<PageResponse>;
  /** Ends one sign-in of somebody, whoever has tokens of it. */
  readonly end: (signIn: { readonly name: string; readonly id: string }) => Promise<void>;
}

/**
 * Stands before the pages and says who is asking: a browser signs in with Cognito and keeps its
 * token in a cookie, a terminal sends it as a bearer. What a request itself claims about who asks
 * is thrown away. Only members of one of the six groups come in.
 */
export function frontDoor(door: FrontDoor): (event: HttpEvent) => Promise<PageResponse> {
  return async (event) => {
    switch (event.rawPath) {
      case "/signed-in":
        return finishSignIn(door, event);
      case "/sign-out":
        return signOut(door, event);
      case "/signed-out":
        return notice(200, "You are signed out", "good", "You can close this window.");
    }
    if (isOpen(event.rawPath)) return door.pages(withPerson(event, undefined, false));
    const bearer = bearerOf(event);
    const token = bearer ?? readCookie(event.cookies, sessionCookie);
    const claims =
      token === undefined ? undefined : await door.verify(token).catch(() => undefined);
    if (claims === undefined && isPageView(event)) return startSignIn(door.settings, event.rawPath);
    if (claims !== undefined && !isMember(claims)) {
      const says =
        "You are signed in, but in none of wavegate's groups. Nothing was changed; ask an administrator to add you to one.";
      return wantsJson(event)
        ? jsonAnswer(403, { error: "PermissionDenied", message: says })
        : notice(403, "You are not in a group", "bad", says);
    }
    const response = await door.pages(withPerson(event, claims, bearer !== undefined));
    if (bearer !== undefined || token === undefined || claims === undefined) return response;
    // The pages know that what the person may do has changed: the sign-in is over.
    if (response.statusCode === 401) {
      if (isPageView(event)) return startSignIn(door.settings, event.rawPath);
      return { ...response, cookies: [noCookie(sessionCookie)] };
    }
    // Each use lengthens it, so that it ends when nobody used it for half an hour.
    const { cookies = [] } = response;
    return { ...response, cookies: [...cookies, keptSession(token, claims)] };
  };
}

/** A person's browser that opens a page: it can be sent to sign in. Anything else gets a refusal. */
const isPageView = ({ requestContext, headers }: HttpEvent): boolean =>
  requestContext.http.method.toUpperCase() === "GET" &&
  headers.authorization === undefined &&
  !wantsJson({ headers });

const wantsJson = ({ headers }: Pick<HttpEvent, "headers">): boolean =>
  /\bapplication\/json\b/iu.test(headers.accept ?? "");

function bearerOf({ headers }: HttpEvent): string | undefined {
  const [, token] = /^Bearer ([\w.-]+)$/u.exec(headers.authorization ?? "") ?? [];
  return token;
}

function isMember(claims: Claims): boolean {
  const groups = claims["cognito:groups"];
  return Array.isArray(groups) && permissions.some((permission) => groups.includes(permission));
}

/** The event with who is asking in it, and without what proved it. */
function withPerson(event: HttpEvent, claims: Claims | undefined, terminal: boolean): HttpEvent {
  const {
    authorization: _authorization,
    cookie: _cookie,
    [clientHeader]: client,
    ...headers
  } = event.headers;
  const { authorizer: _authorizer, ...requestContext } = event.requestContext;
  const { cookies = [], ...rest } = event;
  const others = cookies.filter((each) => !isOwnCookie(each));
  return {
    ...rest,
    ...(others.length > 0 ? { cookies: others } : {}),
    // Signed in by cookie, a request is a browser's, whatever it says of itself.
    headers: terminal && client !== undefined ? { ...headers, [clientHeader]: client } : headers,
    requestContext: claims
      ? { ...requestContext, authorizer: { jwt: { claims } } }
      : requestContext,
  };
}

const goTo = (location: string, cookies: readonly string[]): PageResponse => ({
  statusCode: 302,
  headers: { ...safeHeaders, location },
  body: "",
  cookies,
});

function startSignIn(settings: SignInSettings, to: string): PageResponse {
  const { beginning, location } = begin(settings, to);
  return goTo(location, [cookie(beginningCookie, writeBeginning(beginning), 600)]);
}

/** Unused for as long, in seconds, a session ends. */
const idleSeconds = 30 * 60;
/** However it is used, in seconds: a working day. Cognito's tokens end before, after an hour. */
const longestSeconds = 12 * 60 * 60;

/** The token's cookie: until its expiry, the day's end, or the end of half an hour without use. */
function keptSession(token: string, { exp, auth_time }: Claims): string {
  const now = Math.floor(Date.now() / 1_000);
  const dayEnds = Number.isFinite(Number(auth_time)) ? Number(auth_time) + longestSeconds : now;
  const seconds = Math.min(Number(exp) - now, dayEnds - now, idleSeconds);
  return cookie(sessionCookie, token, Math.max(0, seconds));
}

async function finishSignIn(
  { settings, verify }: FrontDoor,
  event: HttpEvent,
): Promise<PageResponse> {
  const query = new URLSearchParams(event.rawQueryString ?? "");
  const beginning = readBeginning(readCookie(event.cookies, beginningCookie));
  const code = query.get("code") ?? "";
  if (!beginning || code === "" || !isSameState(beginning, query.get("state") ?? "")) {
    return notFinished();
  }
  try {
    const token = await exchange(settings, code, beginning);
    if (token === undefined) return notFinished();
    const claims = await verify(token);
    return goTo(beginning.to, [keptSession(token, claims), noCookie(beginningCookie)]);
  } catch (error) {
    console.error(`sign-in: ${error instanceof Error ? error.name : "error"}`);
    return notFinished();
  }
}

/**
 * Here, in Cognito, and of every copy of the token: that one is good for an hour by itself. A terminal, which asks with
 * its bearer, is told whether it is over; a browser is sent on to Cognito, and loses its cookie either way.
 */
async function signOut(door: FrontDoor, event: HttpEvent): Promise<PageResponse> {
  const { site, signInPages, clientId } = door.settings;
  const bearer = bearerOf(event);
  const ended = await endOf(door, bearer ?? readCookie(event.cookies, sessionCookie));
  if (bearer !== undefined) {
    const [status, answer] = signedOutAnswers[ended];
    return jsonAnswer(status, answer);
  }
  const query = new URLSearchParams({ client_id: clientId, logout_uri: `${site}/signed-out` });
  return goTo(`${signInPages}/logout?${query}`, [noCookie(sessionCookie)]);
}

/** What a terminal is answered. */
const signedOutAnswers = {
  over: [200, { signedOut: true }],
  nobody: [
    401,
    {
      error: "NotSignedIn",
      message: "This token opens nothing, or no longer. Nothing was changed.",
    },
  ],
  failed: [
    503,
    {
      error: "SignOutFailed",
      message: "The database did not answer. The sign-in is not over; ask again in half a minute.",
    },
  ],
} as const satisfies Readonly<Record<string, readonly [number, object]>>;

/** Ends the sign-in of a token, whoever has copies of it. */
async function endOf(
  { verify, end }: FrontDoor,
  token: string | undefined,
): Promise<keyof typeof signedOutAnswers> {
  const claims = token === undefined ? undefined : await verify(token).catch(() => undefined);
  const name = claims?.["cognito:username"];
  const id = claims && signInOf(claims);
  if (typeof name !== "string" || id === undefined) return "nobody";
  try {
    await end({ name, id });
    return "over";
  } catch (error) {
    console.error(`sign-out: ${error instanceof Error ? error.name : "error"}`);
    return "failed";
  }
}

const notFinished = (): PageResponse => ({
  ...notice(
    400,
    "The sign-in was not finished",
    "warn",
    "Nothing was changed. Open the link of the mail again in this browser and sign in; a sign-in has to be finished within ten minutes.",
  ),
  cookies: [noCookie(beginningCookie)],
});

const notice = (
  status: number,
  title: string,
  kind: "good" | "warn" | "bad",
  text: string,
): PageResponse => messagePage(status, { title, kind }, text);
