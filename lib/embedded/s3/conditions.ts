import { preconditionFailed, S3Error } from "./errors.ts";
import { headerOf, type S3Request } from "./exchange.ts";
import type { ObjectRecord, WriteConditions } from "./records.ts";

/** A stretch of bytes, both ends included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Reads `If-None-Match: *` and `If-Match` of a write. Errors: `InvalidArgument`. */
export function writeConditions(request: S3Request): WriteConditions {
  const noneMatch = headerOf(request, "if-none-match");
  if (noneMatch !== undefined && noneMatch.trim() !== "*") {
    throw new S3Error(
      "InvalidArgument",
      "On a write, If-None-Match can only be *. Nothing was stored.",
    );
  }
  const match = headerOf(request, "if-match");
  return {
    onlyIfAbsent: noneMatch !== undefined,
    onlyIfEtag: match === undefined ? undefined : bare(match),
  };
}

/**
 * Holds the conditions on the source of a copy against it: all of them are failures of the copy.
 * Errors: `PreconditionFailed`.
 */
export function checkSourceConditions(request: S3Request, record: ObjectRecord): void {
  const of = (name: string) => headerOf(request, `x-amz-copy-source-${name}`);
  const modified = Math.floor(Date.parse(record.modified) / 1000);
  const [match, noneMatch] = [of("if-match"), of("if-none-match")];
  const [unmodifiedSince, modifiedSince] = [
    seconds(of("if-unmodified-since")),
    seconds(of("if-modified-since")),
  ];
  if (match !== undefined) {
    if (!lists(match, record.etag)) throw preconditionFailed("x-amz-copy-source-If-Match");
  } else if (unmodifiedSince !== undefined && modified > unmodifiedSince) {
    throw preconditionFailed("x-amz-copy-source-If-Unmodified-Since");
  }
  if (noneMatch !== undefined) {
    if (lists(noneMatch, record.etag)) throw preconditionFailed("x-amz-copy-source-If-None-Match");
  } else if (modifiedSince !== undefined && modified <= modifiedSince) {
    throw preconditionFailed("x-amz-copy-source-If-Modified-Since");
  }
}

/** Holds a read's conditions against the object. Errors: `PreconditionFailed`, `NotModified`. */
export function checkReadConditions(request: S3Request, record: ObjectRecord): void {
  const modified = Math.floor(Date.parse(record.modified) / 1000);
  const match = headerOf(request, "if-match");
  const unmodifiedSince = seconds(headerOf(request, "if-unmodified-since"));
  if (match !== undefined) {
    if (!lists(match, record.etag)) throw preconditionFailed("If-Match");
  } else if (unmodifiedSince !== undefined && modified > unmodifiedSince) {
    throw preconditionFailed("If-Unmodified-Since");
  }
  const noneMatch = headerOf(request, "if-none-match");
  const modifiedSince = seconds(headerOf(request, "if-modified-since"));
  if (noneMatch !== undefined) {
    if (lists(noneMatch, record.etag)) throw notModified(record);
  } else if (modifiedSince !== undefined && modified <= modifiedSince) throw notModified(record);
}

/**
 * Reads a `Range` header. `undefined`: the whole object, also for what is not a single byte range,
 * as Amazon does. Errors: `InvalidRange` when no byte of the object lies in it.
 */
export function readRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return undefined;
  const [, from = "", to = ""] = match;
  if (from === "") {
    const length = Math.min(Number(to), size);
    if (length === 0) throw unsatisfiable(size, header);
    return { first: size - length, last: size - 1 };
  }
  const first = Number(from);
  if (to !== "" && Number(to) < first) return undefined;
  if (first >= size) throw unsatisfiable(size, header);
  return { first, last: to === "" ? size - 1 : Math.min(Number(to), size - 1) };
}

/** An ETag without its quotes. */
export function bare(etag: string): string {
  return etag.trim().replace(/^(?:W\/)?"(.*)"$/, "$1");
}

function lists(header: string, etag: string): boolean {
  return header.split(",").some((one) => one.trim() === "*" || bare(one) === etag);
}

function seconds(header: string | undefined): number | undefined {
  const time = Date.parse(header ?? "");
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

function notModified(record: ObjectRecord): S3Error {
  return new S3Error("NotModified", "Not Modified", {
    headers: {
      etag: `"${record.etag}"`,
      "last-modified": new Date(record.modified).toUTCString(),
    },
  });
}

function unsatisfiable(size: number, header: string | undefined): S3Error {
  return new S3Error("InvalidRange", "The requested range is not satisfiable", {
    details: { ActualObjectSize: String(size), RangeRequested: header ?? "" },
    headers: { "content-range": `bytes */${size}` },
  });
}
