import { receiveBody, receiveText, requireLength } from "./body.ts";
import type { Bucket } from "./bucket.ts";
import { parseAlgorithm } from "./checksums.ts";
import { checkReadConditions, readRange, writeConditions } from "./conditions.ts";
import { S3Error } from "./errors.ts";
import {
  bucketNameOf,
  headerOf,
  keyOf,
  type Operation,
  type S3Request,
  xmlResponse,
} from "./exchange.ts";
import { checkKey } from "./keys.ts";
import { keptHeaders, objectHeaders, writtenHeaders } from "./object-headers.ts";
import { isMarker, type Version, versionIdOf } from "./records.ts";
import { childrenOf, document, element, parseXml, textOf, type Xml, type XmlNode } from "./xml.ts";

/** 1000 keys of 1024 bytes, each byte escaped as `&quot;` at worst, and the elements around them. */
const LARGEST_DELETE_REQUEST = 8 * 1024 * 1024;
const MOST_DELETED = 1000;
const DELETED_AT_ONCE = 16;

/** PutObject: verified, then visible at once, or not at all. */
export const putObject: Operation = async (store, request) => {
  const bucket = await store.bucket(bucketNameOf(request));
  const key = keyOf(request);
  checkKey(key);
  requireLength(request.headers);
  const headers = keptHeaders(request);
  const conditions = writeConditions(request);
  const alsoCompute = askedAlgorithm(request);
  const record = await bucket.store(key, conditions, async (blob) => {
    const body = await receiveBody(request.body, request.headers, { alsoCompute }, blob.write);
    return {
      size: body.size,
      etag: body.md5.toString("hex"),
      modified: new Date().toISOString(),
      headers,
      ...(body.checksum === undefined
        ? {}
        : { checksum: { ...body.checksum, type: "FULL_OBJECT" as const } }),
    };
  });
  return { status: 200, headers: writtenHeaders(record) };
};

/** GetObject, whole or one range. */
export const getObject: Operation = async (store, request) => {
  const bucket = await store.bucket(bucketNameOf(request));
  const { record, handle } = await bucket.openObject(
    keyOf(request),
    request.query.get("versionId"),
  );
  try {
    checkReadConditions(request, record);
    const range = readRange(headerOf(request, "range"), record.size);
    const headers = objectHeaders(request, record, range === undefined);
    if (range === undefined) {
      headers["content-length"] = String(record.size);
      if (record.size === 0) {
        await handle.close();
        return { status: 200, headers };
      }
      return { status: 200, headers, body: handle.createReadStream() };
    }
    headers["content-length"] = String(range.last - range.first + 1);
    headers["content-range"] = `bytes ${range.first}-${range.last}/${record.size}`;
    const body = handle.createReadStream({ start: range.first, end: range.last });
    return { status: 206, headers, body };
  } catch (error) {
    await handle.close();
    throw error;
  }
};

/** HeadObject: what GetObject would answer, without the bytes. */
export const headObject: Operation = async (store, request) => {
  const response = await getObject(store, request);
  if (typeof response.body === "object") response.body.destroy();
  return { status: response.status, ...(response.headers && { headers: response.headers }) };
};

/** GetObjectTagging: clients that copy in parts ask for tags first. None can be given here. */
export const getObjectTagging: Operation = async (store, request) => {
  const bucket = await store.bucket(bucketNameOf(request));
  const record = await bucket.locate(keyOf(request), request.query.get("versionId"));
  return xmlResponse(document("Tagging", element("TagSet", "")), {
    "x-amz-version-id": versionIdOf(record),
  });
};

/**
 * DeleteObject: a delete marker on top of what is there, also where nothing is; or, by its id, one
 * version for good.
 */
export const deleteObject: Operation = async (store, request) => {
  const bucket = await store.bucket(bucketNameOf(request));
  const { version, marker } = await remove(bucket, {
    key: keyOf(request),
    version: request.query.get("versionId"),
    onlyIfEtag: writeConditions(request).onlyIfEtag,
  });
  const headers: Record<string, string> = { "x-amz-version-id": version };
  if (marker) headers["x-amz-delete-marker"] = "true";
  return { status: 204, headers };
};

/** Deletes as the request says; `marker`: what was made, or removed, is a delete marker. */
async function remove(
  bucket: Bucket,
  wanted: { key: string; version: string | undefined; onlyIfEtag: string | undefined },
): Promise<{ version: string; marker: boolean }> {
  const { key, version, onlyIfEtag } = wanted;
  if (version === undefined) {
    return { version: versionIdOf(await bucket.mark(key, onlyIfEtag)), marker: true };
  }
  const gone: Version | undefined = await bucket.removeVersion(key, version, onlyIfEtag);
  return { version, marker: isMarker(gone) };
}

/** DeleteObjects: up to 1000 keys, each with its own outcome. */
export const deleteObjects: Operation = async (store, request) => {
  const bucket = await store.bucket(bucketNameOf(request));
  const body = await receiveText(request.body, request.headers, LARGEST_DELETE_REQUEST);
  const root = parseXml(body);
  const wanted = childrenOf(root, "Object");
  if (root.name !== "Delete" || wanted.length === 0 || wanted.length > MOST_DELETED) {
    throw new S3Error(
      "MalformedXML",
      `A Delete document with 1 to ${MOST_DELETED} objects is needed. Nothing was deleted.`,
    );
  }
  const isQuiet = textOf(root, "Quiet")?.trim() === "true";
  const outcomes: Xml[] = [];
  // Most of the time of each is the disk's: several wait for it together.
  const open = [...wanted.entries()];
  const work = async () => {
    for (let next = open.shift(); next !== undefined; next = open.shift())
      outcomes[next[0]] = await outcomeOf(next[1]);
  };
  await Promise.all(Array.from({ length: DELETED_AT_ONCE }, work));
  return xmlResponse(document("DeleteResult", outcomes));

  async function outcomeOf(object: XmlNode): Promise<Xml> {
    const key = textOf(object, "Key") ?? "";
    const named = textOf(object, "VersionId");
    try {
      const deleted = await deleteOne(object, key, named);
      return isQuiet ? { xml: "" } : element("Deleted", deleted);
    } catch (error) {
      const { code, message } =
        error instanceof S3Error
          ? error
          : new S3Error("InternalError", "The object could not be deleted.");
      return element("Error", [
        element("Key", key),
        element("VersionId", named),
        element("Code", code),
        element("Message", message),
      ]);
    }
  }

  async function deleteOne(object: XmlNode, key: string, named: string | undefined) {
    if (key === "") throw new S3Error("InvalidArgument", "An object without a key.");
    const onlyIfEtag = textOf(object, "ETag")?.replaceAll('"', "");
    const { version, marker } = await remove(bucket, { key, version: named, onlyIfEtag });
    return [
      element("Key", key),
      element("VersionId", named),
      element("DeleteMarker", marker || undefined),
      element("DeleteMarkerVersionId", marker ? version : undefined),
    ];
  }
};

function askedAlgorithm(request: S3Request) {
  const name = headerOf(request, "x-amz-sdk-checksum-algorithm");
  return name === undefined ? undefined : parseAlgorithm(name);
}
