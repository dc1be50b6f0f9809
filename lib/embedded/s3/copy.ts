import { createReadStream } from "node:fs";
import { join } from "node:path";
import { checksumElement, parseAlgorithm } from "./checksums.ts";
import { checkSourceConditions, writeConditions } from "./conditions.ts";
import { notImplemented, S3Error } from "./errors.ts";
import { bucketNameOf, headerOf, keyOf, type Operation, xmlResponse } from "./exchange.ts";
import { checkKey } from "./keys.ts";
import { keptHeaders, writtenHeaders } from "./object-headers.ts";
import { type ObjectRecord, versionIdOf } from "./records.ts";
import type { Store } from "./store.ts";
import { document, element } from "./xml.ts";

/** What a copy is made of: a version of an object, and the file that holds its bytes. */
export interface CopySource {
  readonly bucket: string;
  readonly record: ObjectRecord;
  readonly file: string;
  /** Whether the request named a version. */
  readonly isVersion: boolean;
}

/** CopyObject: the bytes of one object, or one version, under another key, with its headers or new ones. */
export const copyObject: Operation = async (store, request) => {
  const bucket = await store.bucket(bucketNameOf(request));
  const key = keyOf(request);
  checkKey(key);
  const replaces = directive(headerOf(request, "x-amz-metadata-directive")) === "REPLACE";
  const source = await copySource(store, request);
  const isItself = source.bucket === bucket.name && source.record.key === key;
  if (isItself && !source.isVersion && !replaces) {
    throw new S3Error(
      "InvalidRequest",
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const algorithm = headerOf(request, "x-amz-checksum-algorithm");
  if (algorithm !== undefined && parseAlgorithm(algorithm) !== source.record.checksum?.algorithm) {
    throw notImplemented("Another checksum for a copy");
  }
  const headers = replaces ? keptHeaders(withoutSource(request)) : source.record.headers;
  const copied = await bucket.store(key, writeConditions(request), async (blob) => {
    for await (const bytes of createReadStream(source.file)) await blob.write(bytes as Buffer);
    const { size, etag, checksum } = source.record;
    const modified = new Date().toISOString();
    return { size, etag, modified, headers, ...(checksum && { checksum }) };
  });
  const { checksum, ...bare } = copied;
  const { etag = "", ...written } = writtenHeaders(bare);
  // A copy's checksum stands in the body, and not in the headers as an upload's.
  return xmlResponse(
    document(
      "CopyObjectResult",
      element("LastModified", copied.modified),
      element("ETag", etag),
      checksum && element("ChecksumType", checksum.type),
      checksum && element(checksumElement(checksum.algorithm), checksum.value),
    ),
    { ...written, ...sourceVersion(source) },
  );
};

/** The header that tells of which version a copy was made. */
export const sourceVersion = ({ record }: CopySource): Record<string, string> => ({
  "x-amz-copy-source-version-id": versionIdOf(record),
});

/**
 * What `x-amz-copy-source` names (`/bucket/key?versionId=ID`), its conditions held against it.
 * Errors: `InvalidArgument`, `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`, `PreconditionFailed`, and
 * `InvalidRequest` for a delete marker.
 */
export async function copySource(
  store: Store,
  request: Parameters<Operation>[1],
): Promise<CopySource> {
  const header = headerOf(request, "x-amz-copy-source") ?? "";
  const [, path = "", version] = /^\/?(.*?)(?:\?versionId=([^?]*))?$/s.exec(header) ?? [];
  const [name = "", ...parts] = decoded(path).replace(/^\//, "").split("/");
  const key = parts.join("/");
  if (name === "" || key === "") throw badSource(header);
  const bucket = await store.bucket(name);
  const record = await bucket.locate(key, version).catch((error) => {
    if (!(error instanceof S3Error) || error.code !== "MethodNotAllowed") throw error;
    throw new S3Error(
      "InvalidRequest",
      "The source of a copy request may not specifically refer to a delete marker by version id.",
    );
  });
  checkSourceConditions(request, record);
  const file = join(bucket.folders.data, record.blob);
  return { bucket: name, record, file, isVersion: version !== undefined };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw badSource(path);
  }
}

function badSource(header: string): S3Error {
  return new S3Error(
    "InvalidArgument",
    "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
    { details: { ArgumentName: "x-amz-copy-source", ArgumentValue: header } },
  );
}

function directive(header = "COPY"): "COPY" | "REPLACE" {
  if (header === "COPY" || header === "REPLACE") return header;
  throw new S3Error("InvalidArgument", "Unknown metadata directive.", {
    details: { ArgumentName: "x-amz-metadata-directive", ArgumentValue: header },
  });
}

/** The request as if it were an upload: what names the source says nothing about the copy. */
const withoutSource = (request: Parameters<Operation>[1]): Parameters<Operation>[1] => ({
  ...request,
  headers: Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => !name.startsWith("x-amz-copy-source")),
  ),
});
