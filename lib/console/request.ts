/** An event of an HTTP API of API Gateway (payload format 2.0), as far as pages read it. */
export interface HttpEvent {
  readonly rawPath: string;
  readonly rawQueryString?: string;
  readonly cookies?: readonly string[];
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestContext: {
    readonly http: { readonly method: string };
    readonly authorizer?: {
      readonly jwt?: { readonly claims?: Readonly<Record<string, unknown>> };
    };
  };
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** Header that only a program can set: another site's page would need a permission nobody gives. */
export const clientHeader = "x-wavegate-client";

/** A request, read once: who, what, and in which form they want the answer. */
export interface PageRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** By name; whoever signs people in keeps its own to itself. */
  readonly cookies: ReadonlyMap<string, string>;
  /** Languages as the browser prefers them. */
  readonly acceptLanguage: string | undefined;
  /** Who it is as the platform vouches, or nobody. */
  readonly person: string | undefined;
  /** When their sign-in was vouched for, seconds since 1970, if the platform says so. */
  readonly signedIn: number | undefined;
  /** Which of their sign-ins it is, if the platform says so. */
  readonly signIn: string | undefined;
  readonly wantsJson: boolean;
  /** Fields of a form, or the members of a JSON object as a terminal sends it. */
  readonly form: ReadonlyMap<string, readonly string[]>;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  /** A program on a terminal: signed in without cookies and with {@link clientHeader}. */
  readonly fromTerminal: boolean;
}

/** Bytes of a form: sixty verdicts and a long comment fit several times over. */
const largestBody = 256 * 1024;

/** A body that is not what a form or the terminal sends. */
export class UnreadableBody extends Error {
  override readonly name = "UnreadableBody";
}

/** Reads an event. Errors: {@link UnreadableBody}. */
export function readRequest(event: HttpEvent): PageRequest {
  const header = (name: string) => event.headers[name] ?? undefined;
  return {
    method: event.requestContext.http.method.toUpperCase(),
    path: event.rawPath,
    query: new URLSearchParams(event.rawQueryString ?? ""),
    ...readLanguage(event),
    person: personOf(event),
    signedIn: signedInAt(event),
    signIn: signInOf(event.requestContext.authorizer?.jwt?.claims ?? {}),
    wantsJson: /\bapplication\/json\b/i.test(header("accept") ?? ""),
    form: readBody(event, header("content-type") ?? ""),
    origin: header("origin"),
    fetchSite: header("sec-fetch-site"),
    fromTerminal:
      header(clientHeader) !== undefined &&
      (event.cookies?.length ?? 0) === 0 &&
      header("cookie") === undefined,
  };
}

/** What says which language somebody reads: of whatever is asked, be there such a page or not. */
export const readLanguage = (
  event: HttpEvent,
): Pick<PageRequest, "cookies" | "acceptLanguage"> => ({
  cookies: cookiesOf(event),
  acceptLanguage: event.headers["accept-language"] ?? undefined,
});

function cookiesOf({ cookies = [] }: HttpEvent): ReadonlyMap<string, string> {
  return new Map(
    cookies.map((each) => {
      const [name = "", ...value] = each.split("=");
      return [name, value.join("=")];
    }),
  );
}

/** Whether a request only reads. */
export const isReading = ({ method }: Pick<PageRequest, "method">): boolean =>
  method === "GET" || method === "HEAD";

/**
 * The user name in the verified token. Never the attribute `name`: a user pool may let people
 * change it themselves.
 */
function personOf({ requestContext }: HttpEvent): string | undefined {
  const claims = requestContext.authorizer?.jwt?.claims ?? {};
  const name = claims["cognito:username"] ?? claims.username;
  return typeof name === "string" && name !== "" ? name : undefined;
}

/** API Gateway hands claims over as texts, the front door as they are. */
function signedInAt({ requestContext }: HttpEvent): number | undefined {
  const seconds = Number(requestContext.authorizer?.jwt?.claims?.iat);
  return Number.isFinite(seconds) ? seconds : undefined;
}

/** What all tokens of one sign-in have in common, however often they are renewed; or the id of this one. */
export function signInOf(claims: Readonly<Record<string, unknown>>): string | undefined {
  const id = claims.origin_jti ?? claims.jti;
  return typeof id === "string" && id !== "" ? id : undefined;
}

function readBody(event: HttpEvent, type: string): ReadonlyMap<string, readonly string[]> {
  if (event.body === undefined || event.body === "") return new Map();
  const bytes = Buffer.from(event.body, event.isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > largestBody) throw new UnreadableBody("The form is too large.");
  const text = bytes.toString("utf8");
  const fields = /^application\/x-www-form-urlencoded\b/i.test(type)
    ? formFields(text)
    : /^application\/json\b/i.test(type)
      ? jsonFields(text)
      : undefined;
  if (fields === undefined) throw new UnreadableBody("The form is neither URL-encoded nor JSON.");
  if ([...fields].some(([, values]) => values.some(isNoText))) {
    throw new UnreadableBody("The form holds a character that no text has.");
  }
  return fields;
}

/** Whether a text holds what no database keeps: NUL, or half of a character. */
export const isNoText = (text: string): boolean => text.includes("\0") || !text.isWellFormed();

function formFields(text: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else values.push(value);
  }
  return fields;
}

function jsonFields(text: string): Map<string, string[]> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new UnreadableBody("The body is not JSON.");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new UnreadableBody("The body is not a JSON object.");
  }
  return new Map(
    Object.entries(parsed).map(([name, value]) => [name, [value].flat().map(written)]),
  );
}

function written(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value ?? "");
  try {
    return JSON.stringify(value);
  } catch {
    throw new UnreadableBody("The body holds one thing in another very many times over.");
  }
}

/** The first value of a field, or an empty text. */
export const fieldOf = (request: PageRequest, field: string): string =>
  request.form.get(field)?.[0] ?? "";
