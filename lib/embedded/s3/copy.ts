import { createReadStream } from "node:fs";
import { join } from "node:path";
import { parseAlgorithm } from "./checksums.ts";
import { writeConditions } from "./conditions.ts";
import { noSuchKey, notImplemented, S3Error } from "./errors.ts";
import { bucketNameOf, headerOf, keyOf, type Operation, xmlResponse } from "./exchange.ts";
import { checkKey } from "./keys.ts";
import { keptHeaders, writtenHeaders } from "./object-headers.ts";
import { document, element } from "./xml.ts";

/** CopyObject: the bytes of one object under another key, with its headers or with new ones. */
export const copyObject: Operation = async (store, request) => {
  const bucket = await store.bucket(bucketNameOf(request));
  const key = keyOf(request);
  checkKey(key);
  const directive = headerOf(request, "x-amz-metadata-directive") ?? "COPY";
  const source = await sourceOf(store, headerOf(request, "x-amz-copy-source") ?? "");
  const wanted = headerOf(request, "x-amz-copy-source-if-match")?.replaceAll('"', "");
  if (wanted !== undefined && wanted !== source.record.etag) {
    throw new S3Error(
      "PreconditionFailed",
      "At least one of the pre-conditions you specified did not hold",
    );
  }
  const algorithm = headerOf(request, "x-amz-checksum-algorithm");
  if (algorithm !== undefined && parseAlgorithm(algorithm) !== source.record.checksum?.algorithm) {
    throw notImplemented("Another checksum for a copy");
  }
  const headers =
    directive === "REPLACE" ? keptHeaders(withoutSource(request)) : source.record.headers;
  const copied = await bucket.store(key, writeConditions(request), async (blob) => {
    for await (const bytes of createReadStream(source.file)) await blob.write(bytes as Buffer);
    const { key: _, blob: __, upload: ___, ...rest } = source.record;
    return { ...rest, headers, modified: new Date().toISOString() };
  });
  const { etag = "", ...written } = writtenHeaders(copied);
  return xmlResponse(
    document("CopyObjectResult", element("LastModified", copied.modified), element("ETag", etag)),
    written,
  );
};

async function sourceOf(store: Parameters<Operation>[0], header: string) {
  const [path = "", query = ""] = header.split("?");
  if (query !== "") throw notImplemented("Copying a version");
  const [name = "", ...parts] = decodeURIComponent(path).replace(/^\//, "").split("/");
  const bucket = await store.bucket(name);
  const record = await bucket.find(parts.join("/"));
  if (record === undefined) throw noSuchKey();
  return { record, file: join(bucket.folders.data, record.blob) };
}

/** The request as if it were an upload: what names the source says nothing about the copy. */
const withoutSource = (request: Parameters<Operation>[1]): Parameters<Operation>[1] => ({
  ...request,
  headers: Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => !name.startsWith("x-amz-copy-source")),
  ),
});
