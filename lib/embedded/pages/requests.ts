import type { IncomingMessage } from "node:http";

/** Bytes of a request's line and headers together that an HTTP API of API Gateway takes: 431 for more. */
export const largestHead = 10_240;

/** Bytes of a request's body that are read. */
const largestBody = 1024 * 1024;

/** A request that is turned away before anything is done about it. */
export class TurnedAway extends Error {
  override readonly name: string;
  readonly status: number;

  constructor(status: number, name: string, message: string) {
    super(message);
    this.status = status;
    this.name = name;
  }
}

export const wrongPassword = (): TurnedAway =>
  new TurnedAway(401, "WrongPassword", "That name and password do not belong together.");

/** @param what what was not done, as a sentence */
export const strangeForm = (what: string): TurnedAway =>
  new TurnedAway(403, "FormNotTrusted", `This form did not come from the page itself. ${what}`);

/** Whether a program rather than a browser asks. */
export const wantsJson = ({ headers }: IncomingMessage): boolean =>
  /\bapplication\/json\b/i.test(headers.accept ?? "");

/** A path on this machine to go to, never another site. */
export function localPath(wanted: string | null): string {
  const base = "http://127.0.0.1";
  try {
    const url = new URL(wanted ?? "/", base);
    const path = `${url.pathname}${url.search}`;
    // A path of two slashes would again be another host.
    return url.origin === base && !path.startsWith("//") ? path : "/";
  } catch {
    return "/";
  }
}

/**
 * Whether a form was sent by a page of this service. A browser says so; a program says nothing,
 * and nothing may contradict.
 */
export function fromOwnPage({ headers }: IncomingMessage, hosts: readonly string[]): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin";
  const { origin } = headers;
  return origin === undefined || hosts.some((host) => origin === `http://${host}`);
}

/** Name and password of basic authentication, as the terminal sends them. */
export function basicCredentials({
  headers,
}: IncomingMessage): { name: string; password: string } | undefined {
  const found = /^basic ([A-Za-z0-9+/=]+)$/i.exec(headers.authorization ?? "");
  if (!found) return undefined;
  const text = Buffer.from(found[1] ?? "", "base64").toString("utf8");
  const at = text.indexOf(":");
  return at < 0
    ? { name: text, password: "" }
    : { name: text.slice(0, at), password: text.slice(at + 1) };
}

/** The cookies of a request, `name=value` each. */
export const cookiesOf = ({ headers }: IncomingMessage): readonly string[] =>
  (headers.cookie ?? "").split(/;\s*/).filter((each) => each !== "");

/** The whole body. Errors: {@link TurnedAway} when it is too large. */
export async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    size += (chunk as Buffer).length;
    if (size > largestBody) {
      throw new TurnedAway(413, "TooLarge", "The request is too large. Nothing was changed.");
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** Forms of this service itself. */
const ownForms = new Set(["/password", "/sign-out-others"]);

/** Whether a browser says that it sent this form from one of the pages: what was written in it is to be kept. */
export const isFormOfPages = (message: IncomingMessage, path: string): boolean =>
  message.method === "POST" &&
  !ownForms.has(path) &&
  message.headers["sec-fetch-site"] === "same-origin" &&
  /^application\/x-www-form-urlencoded\b/iu.test(message.headers["content-type"] ?? "") &&
  !wantsJson(message);
