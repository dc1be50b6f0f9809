import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { S3Error } from "./errors.ts";
import type { Store } from "./store.ts";

/** A request in the words of S3. */
export interface S3Request {
  readonly method: string;
  /** `undefined` for the service itself. */
  readonly bucket: string | undefined;
  /** `undefined` for the bucket itself. */
  readonly key: string | undefined;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<Buffer>;
}

/** An answer. XML goes as a string, an object's bytes as a stream that is closed in every case. */
export interface S3Response {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
}

/** One operation of S3 on the embedded store. */
export type Operation = (store: Store, request: S3Request) => Promise<S3Response>;

/** An XML answer. */
export function xmlResponse(body: string, headers: Record<string, string> = {}): S3Response {
  return { status: 200, headers: { "content-type": "application/xml", ...headers }, body };
}

/** The key that an object operation is about. */
export function keyOf(request: S3Request): string {
  if (request.key === undefined) throw new S3Error("InvalidRequest", "A key is required.");
  return request.key;
}

/** The bucket's name that an operation is about. */
export function bucketNameOf(request: S3Request): string {
  if (request.bucket === undefined) throw new S3Error("InvalidRequest", "A bucket is required.");
  return request.bucket;
}

/** A header as one string. */
export function headerOf(request: S3Request, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}

/** A whole number from the query. Errors: `InvalidArgument`. */
export function integerOf(
  request: S3Request,
  name: string,
  range: { least: number; most: number; otherwise: number },
): number {
  const text = request.query.get(name);
  if (text === undefined || text === "") return range.otherwise;
  const value = Number(text);
  if (!/^\d{1,10}$/.test(text) || value < range.least) {
    throw new S3Error(
      "InvalidArgument",
      `Provided ${name} not an integer or within integer range`,
      {
        details: { ArgumentName: name, ArgumentValue: text },
      },
    );
  }
  return Math.min(value, range.most);
}

/**
 * Reads the request target without any normalising: `..` is a name like others. Path style
 * (`/bucket/key`) and virtual hosts (`bucket.localhost`). Errors: `InvalidURI`.
 */
export function readRequest(message: IncomingMessage): S3Request {
  const target = message.url ?? "";
  if (!target.startsWith("/")) throw invalidUri();
  const at = target.indexOf("?");
  const path = (at < 0 ? target : target.slice(0, at)).slice(1);
  const query = readQuery(at < 0 ? "" : target.slice(at + 1));
  const hosted = bucketOfHost(message.headers.host);
  const slash = path.indexOf("/");
  const bucket = hosted ?? decode(slash < 0 ? path : path.slice(0, slash));
  const key = hosted === undefined ? (slash < 0 ? "" : path.slice(slash + 1)) : path;
  return {
    method: message.method ?? "",
    bucket: bucket === "" ? undefined : bucket,
    key: key === "" ? undefined : decode(key),
    query,
    headers: withHoisted(message.headers, query),
    // A refusal must not close the connection under a client that is still sending.
    body: message.iterator({ destroyOnReturn: false }),
  };
}

function readQuery(text: string): Map<string, string> {
  const query = new Map<string, string>();
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = decode(at < 0 ? pair : pair.slice(0, at));
    if (query.has(name)) {
      throw new S3Error("InvalidArgument", `The parameter ${name} is given twice.`);
    }
    query.set(name, at < 0 ? "" : decode(pair.slice(at + 1)));
  }
  return query;
}

/**
 * Presigners move headers into the query. Those that say something about the object count as
 * headers; checksums in a presigned query are ignored, as Amazon documents (signers write there the
 * checksum of an empty body).
 */
function withHoisted(
  headers: IncomingHttpHeaders,
  query: ReadonlyMap<string, string>,
): IncomingHttpHeaders {
  const all: IncomingHttpHeaders = { ...headers };
  for (const [name, value] of query) {
    const header = name.toLowerCase();
    const counts =
      header.startsWith("x-amz-meta-") ||
      header.startsWith("x-amz-server-side-encryption") ||
      header === "x-amz-content-sha256";
    if (counts && all[header] === undefined) all[header] = value;
  }
  return all;
}

function bucketOfHost(host: string | undefined): string | undefined {
  const match = /^(.+)\.(?:localhost|127\.0\.0\.1)(?::\d+)?$/i.exec(host ?? "");
  return match?.[1]?.toLowerCase();
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidUri();
  }
}

function invalidUri(): S3Error {
  return new S3Error("InvalidURI", "Couldn't parse the specified URI.");
}
