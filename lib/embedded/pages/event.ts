import type { IncomingMessage } from "node:http";

/** An event of an HTTP API of API Gateway with a JWT authorizer (payload format 2.0). */
export interface HttpApiEvent {
  readonly version: "2.0";
  readonly routeKey: string;
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly requestContext: {
    readonly accountId: string;
    readonly apiId: string;
    /** Of a route without an authorizer: none. */
    readonly authorizer?: {
      readonly jwt: { readonly claims: Readonly<Record<string, string>>; readonly scopes: null };
    };
    readonly domainName: string;
    readonly http: {
      readonly method: string;
      readonly path: string;
      readonly protocol: string;
      readonly sourceIp: string;
      readonly userAgent: string;
    };
    readonly requestId: string;
    readonly routeKey: string;
    readonly stage: "$default";
    readonly timeEpoch: number;
  };
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

/** What a handler answers (payload format 2.0). */
export interface HttpApiResponse {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** Somebody who signed in. */
export interface SignedIn {
  readonly name: string;
  readonly email: string;
}

/** Headers that never reach the handler: a password, and cookies, which have a field of their own. */
const withheld = new Set(["authorization", "cookie"]);

/** The event that API Gateway would make of a request; `cookies` without the session's own. */
export function httpApiEvent(request: {
  message: IncomingMessage;
  /** Who signed in, and when. */
  signedIn: { person: SignedIn; since: Date } | undefined;
  cookies: readonly string[];
  body: Buffer;
  requestId: string;
  now: Date;
}): HttpApiEvent {
  const { message, signedIn, cookies, body, requestId, now } = request;
  const [rawPath = "/", rawQueryString = ""] = split(message.url ?? "/");
  const headers = Object.fromEntries(
    Object.entries(message.headers)
      .filter(([name]) => !withheld.has(name))
      .map(([name, value]) => [name, [value ?? ""].flat().join(",")]),
  );
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    ...(cookies.length > 0 ? { cookies } : {}),
    headers,
    requestContext: {
      accountId: "000000000000",
      apiId: "embedded",
      ...(signedIn ? { authorizer: { jwt: { claims: claimsOf(signedIn), scopes: null } } } : {}),
      domainName: message.headers.host ?? "127.0.0.1",
      http: {
        method: message.method ?? "GET",
        path: rawPath,
        protocol: `HTTP/${message.httpVersion}`,
        sourceIp: message.socket.remoteAddress ?? "127.0.0.1",
        userAgent: message.headers["user-agent"] ?? "",
      },
      requestId,
      routeKey: "$default",
      stage: "$default",
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 ? { body: body.toString("base64") } : {}),
    isBase64Encoded: body.length > 0,
  };
}

const claimsOf = ({ person, since }: { person: SignedIn; since: Date }) => ({
  sub: person.name,
  "cognito:username": person.name,
  email: person.email,
  iat: String(Math.floor(since.getTime() / 1000)),
  token_use: "id",
});

/** An event of a route with an IAM authorizer, as far as handlers read it. */
export interface IamApiEvent {
  readonly requestContext: { readonly authorizer: { readonly iam: { readonly userArn: string } } };
  readonly body: string;
  readonly isBase64Encoded: true;
}

/** The event that API Gateway would make of a request that this user signed. */
export const iamEvent = (user: string, body: Buffer): IamApiEvent => ({
  requestContext: {
    authorizer: { iam: { userArn: `arn:aws:iam::000000000000:user/${user}` } },
  },
  body: body.toString("base64"),
  isBase64Encoded: true,
});

function split(target: string): [string, string] {
  const at = target.indexOf("?");
  return at < 0 ? [target, ""] : [target.slice(0, at), target.slice(at + 1)];
}
