import type { IncomingHttpHeaders } from "node:http";
import { RequestRefused } from "./refusals.ts";

/** A request as it came over the wire. */
export interface SignedRequest {
  readonly method: string;
  /** The request target as sent: encoded path with its query string. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** `undefined`: the body is not checked here (unsigned, or streamed and checked by the caller). */
  readonly body: Buffer | undefined;
  /** When given, the credential's scope must name this service (`s3`, `states`, `ses`, …). */
  readonly service?: string;
}

/** What a request says about its signature, taken apart but not yet believed. */
export interface Claim {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  readonly signedAt: Date;
  readonly signedHeaders: Set<string>;
  readonly signature: string;
  /** Only presigned requests have it. */
  readonly expiresInSeconds: number | undefined;
  /** The payload hash that went into the signature; `undefined`: that of the body. */
  readonly payloadHash: string | undefined;
  readonly path: string;
  /** The query without what the presigner adds itself. */
  readonly query: Record<string, string | string[]>;
}

const LONGEST_EXPIRY_SECONDS = 7 * 24 * 3600;
/** Written by the presigner itself when it signs again. */
const PRESIGNER_ADDS = new Set([
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-expires",
  "x-amz-signedheaders",
  "x-amz-signature",
]);

/** Reads the Authorization header or the presigned query. Errors: {@link RequestRefused}. */
export function readClaim(request: SignedRequest): Claim {
  const [path, query] = splitTarget(request.path);
  const authorization = request.headers.authorization;
  const presigned =
    query["X-Amz-Signature"] !== undefined || query["X-Amz-Algorithm"] !== undefined;
  if (presigned && authorization !== undefined) {
    throw new RequestRefused("AccessDenied", "Only one way of signing is allowed in a request.");
  }
  if (presigned) return presignedClaim(request, path, query);
  if (authorization === undefined) {
    throw new RequestRefused(
      "MissingAuthenticationToken",
      "The request is not signed. Nothing was done; sign it with an access key.",
    );
  }
  return headerClaim(request, authorization, path, query);
}

function headerClaim(
  request: SignedRequest,
  authorization: string,
  path: string,
  query: Claim["query"],
): Claim {
  if (!authorization.startsWith("AWS4-HMAC-SHA256 ")) {
    throw incomplete("Only AWS4-HMAC-SHA256 is understood");
  }
  const fields = new Map<string, string>();
  for (const part of authorization.slice("AWS4-HMAC-SHA256 ".length).split(",")) {
    const at = part.indexOf("=");
    if (at > 0) fields.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  return {
    ...scopeAndTime(fields.get("Credential"), single(request.headers["x-amz-date"])),
    signedHeaders: headerList(fields.get("SignedHeaders")),
    signature: hexSignature(fields.get("Signature")),
    expiresInSeconds: undefined,
    payloadHash: single(request.headers["x-amz-content-sha256"]),
    path,
    query,
  };
}

function presignedClaim(request: SignedRequest, path: string, query: Claim["query"]): Claim {
  if (single(query["X-Amz-Algorithm"]) !== "AWS4-HMAC-SHA256") {
    throw incomplete("Only AWS4-HMAC-SHA256 is understood");
  }
  const expiresInSeconds = Number(single(query["X-Amz-Expires"]));
  if (
    !Number.isInteger(expiresInSeconds) ||
    expiresInSeconds < 0 ||
    expiresInSeconds > LONGEST_EXPIRY_SECONDS
  ) {
    throw incomplete("X-Amz-Expires must be a whole number of seconds, at most a week");
  }
  const rest = Object.entries(query).filter(([name]) => !PRESIGNER_ADDS.has(name.toLowerCase()));
  const service = scopeAndTime(single(query["X-Amz-Credential"]), single(query["X-Amz-Date"]));
  return {
    ...service,
    signedHeaders: headerList(single(query["X-Amz-SignedHeaders"])),
    signature: hexSignature(single(query["X-Amz-Signature"])),
    expiresInSeconds,
    payloadHash:
      single(request.headers["x-amz-content-sha256"]) ??
      single(query["X-Amz-Content-Sha256"]) ??
      (service.service === "s3" ? "UNSIGNED-PAYLOAD" : undefined),
    path,
    query: Object.fromEntries(rest),
  };
}

function scopeAndTime(credential: string | undefined, date: string | undefined) {
  const [accessKeyId, day, region, service, end, ...more] = (credential ?? "").split("/");
  if (!accessKeyId || !day || !region || !service || end !== "aws4_request" || more.length > 0) {
    throw incomplete("The credential must read KEY/DATE/REGION/SERVICE/aws4_request");
  }
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date ?? "");
  if (match === null) throw incomplete("X-Amz-Date must be present and read YYYYMMDDTHHMMSSZ");
  const [, year, month, dayOfMonth, hour, minute, second] = match;
  const signedAt = new Date(`${year}-${month}-${dayOfMonth}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(signedAt.getTime()) || !date?.startsWith(day)) {
    throw incomplete("The credential's date must be that of X-Amz-Date");
  }
  return { accessKeyId, region, service, signedAt };
}

function headerList(names: string | undefined): Set<string> {
  if (!names) throw incomplete("The signed headers must be listed");
  return new Set(names.toLowerCase().split(";"));
}

function hexSignature(signature: string | undefined): string {
  if (!/^[0-9a-f]{64}$/.test(signature ?? "")) throw incomplete("The signature is missing");
  return signature as string;
}

function splitTarget(target: string): [string, Claim["query"]] {
  const at = target.indexOf("?");
  if (at < 0) return [target, {}];
  const query: Claim["query"] = Object.create(null);
  for (const pair of target.slice(at + 1).split("&")) {
    if (pair === "") continue;
    const [name, value] = decodePair(pair);
    const known = query[name];
    query[name] = known === undefined ? value : [...[known].flat(), value];
  }
  return [target.slice(0, at), query];
}

function decodePair(pair: string): [string, string] {
  const at = pair.indexOf("=");
  try {
    if (at < 0) return [decodeURIComponent(pair), ""];
    return [decodeURIComponent(pair.slice(0, at)), decodeURIComponent(pair.slice(at + 1))];
  } catch {
    throw incomplete("The query string is not valid percent-encoding");
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function incomplete(what: string): RequestRefused {
  return new RequestRefused("IncompleteSignature", `${what}. Nothing was done.`);
}
