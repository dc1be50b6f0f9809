import { checksumHeader } from "./checksums.ts";
import { notImplemented, S3Error } from "./errors.ts";
import { headerOf, type S3Request } from "./exchange.ts";
import { type ObjectRecord, versionIdOf } from "./records.ts";

/** Headers of an upload that come back with every download. */
const KEPT = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
  "x-amz-server-side-encryption",
  "x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-server-side-encryption-bucket-key-enabled",
];
/** What these ask for would be lost without a word if they were let through. */
const REFUSED =
  /^x-amz-(?:copy-source|tagging$|object-lock-|website-redirect-location|write-offset-bytes|grant-|server-side-encryption-customer-)/;
const USUAL_ACLS = new Set(["private", "bucket-owner-full-control"]);
const LARGEST_METADATA = 2048;
const OVERRIDES = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
];

/** The headers of an upload to keep. Errors: `NotImplemented`, `MetadataTooLarge`. */
export function keptHeaders(request: S3Request): Record<string, string> {
  for (const name of Object.keys(request.headers)) {
    if (REFUSED.test(name)) throw notImplemented(`The header ${name}`);
  }
  const storage = headerOf(request, "x-amz-storage-class");
  if (storage !== undefined && storage !== "STANDARD") {
    throw notImplemented(`The storage class ${storage}`);
  }
  const acl = headerOf(request, "x-amz-acl");
  if (acl !== undefined && !USUAL_ACLS.has(acl)) throw notImplemented(`The access list ${acl}`);
  const kept: Record<string, string> = {};
  let metadataSize = 0;
  for (const name of Object.keys(request.headers)) {
    const value = headerOf(request, name);
    const isMetadata = name.startsWith("x-amz-meta-");
    if (value === undefined || !(isMetadata || KEPT.includes(name))) continue;
    if (isMetadata) metadataSize += name.length - "x-amz-meta-".length + value.length;
    const stored = name === "content-encoding" ? withoutFraming(value) : value;
    if (stored !== "") kept[name] = stored;
  }
  if (metadataSize > LARGEST_METADATA) {
    throw new S3Error(
      "MetadataTooLarge",
      "Your metadata headers exceed the maximum allowed metadata size. Nothing was stored.",
    );
  }
  return kept;
}

/** The headers of a download, apart from its length and range. */
export function objectHeaders(
  request: S3Request,
  record: ObjectRecord,
  isWhole: boolean,
): Record<string, string> {
  const headers: Record<string, string> = {
    "content-type": "binary/octet-stream",
    ...record.headers,
    "accept-ranges": "bytes",
    etag: `"${record.etag}"`,
    "last-modified": new Date(record.modified).toUTCString(),
    "x-amz-version-id": versionIdOf(record),
  };
  const wantsChecksum = headerOf(request, "x-amz-checksum-mode")?.toUpperCase() === "ENABLED";
  if (wantsChecksum && isWhole && record.checksum !== undefined) {
    headers[checksumHeader(record.checksum.algorithm)] = record.checksum.value;
    headers["x-amz-checksum-type"] = record.checksum.type;
  }
  for (const name of OVERRIDES) {
    const value = request.query.get(`response-${name}`);
    if (value === undefined) continue;
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw new S3Error("InvalidArgument", `The value of response-${name} cannot be a header.`);
    }
    headers[name] = value;
  }
  return headers;
}

/** The answer to a write tells the ETag, the version, and what was computed or applied. */
export function writtenHeaders(record: ObjectRecord): Record<string, string> {
  const headers: Record<string, string> = {
    etag: `"${record.etag}"`,
    "x-amz-version-id": versionIdOf(record),
  };
  for (const [name, value] of Object.entries(record.headers)) {
    if (name.startsWith("x-amz-server-side-encryption")) headers[name] = value;
  }
  if (record.checksum !== undefined) {
    headers[checksumHeader(record.checksum.algorithm)] = record.checksum.value;
    headers["x-amz-checksum-type"] = record.checksum.type;
  }
  return headers;
}

/** `aws-chunked` is about the way here, not about the object. */
function withoutFraming(encoding: string): string {
  return encoding
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "" && one.toLowerCase() !== "aws-chunked")
    .join(",");
}
