import type { Bucket } from "./bucket.ts";
import { S3Error } from "./errors.ts";
import { bucketNameOf, integerOf, type Operation, xmlResponse } from "./exchange.ts";
import { compareKeys } from "./keys.ts";
import type { ObjectRecord } from "./records.ts";
import { document, element, type XmlContent } from "./xml.ts";

export const LARGEST_PAGE = 1000;
const READ_AT_ONCE = 32;

/** Where a page begins: after a key, or after everything below a common prefix. */
interface Start {
  readonly after: string;
  readonly isPrefix: boolean;
}

interface Page {
  readonly keys: string[];
  readonly prefixes: string[];
  /** Where the next page begins; `undefined` when this was the last one. */
  readonly next: Start | undefined;
}

/** ListObjectsV2. */
export const listObjectsV2: Operation = async (store, request) => {
  const bucket = await store.bucket(bucketNameOf(request));
  const prefix = request.query.get("prefix") ?? "";
  const delimiter = request.query.get("delimiter") ?? "";
  const startAfter = request.query.get("start-after") ?? "";
  const token = request.query.get("continuation-token");
  const most = { least: 0, most: LARGEST_PAGE, otherwise: LARGEST_PAGE };
  const maxKeys = integerOf(request, "max-keys", most);
  const encodes = readEncoding(request.query.get("encoding-type"));
  const start = token === undefined ? { after: startAfter, isPrefix: false } : readToken(token);
  const page = selectPage(await bucket.keys(), { prefix, delimiter, start, maxKeys });
  const records = await readRecords(bucket, page.keys);
  const shown = shownAs(encodes);
  const optional = (name: string, value: string) =>
    value === "" ? undefined : element(name, shown(value));
  return xmlResponse(
    document(
      "ListBucketResult",
      element("Name", bucket.name),
      element("Prefix", shown(prefix)),
      optional("Delimiter", delimiter),
      optional("StartAfter", startAfter),
      element("ContinuationToken", token),
      element("NextContinuationToken", page.next && writeToken(page.next)),
      element("KeyCount", records.length + page.prefixes.length),
      element("MaxKeys", maxKeys),
      element("EncodingType", encodes ? "url" : undefined),
      element("IsTruncated", page.next !== undefined),
      records.map((record) => contents(record, shown)),
      page.prefixes.map((common) => element("CommonPrefixes", element("Prefix", shown(common)))),
    ),
  );
};

/** ListObjects, the first edition: pages begin after a key, which only a page with a delimiter names. */
export const listObjects: Operation = async (store, request) => {
  const bucket = await store.bucket(bucketNameOf(request));
  const prefix = request.query.get("prefix") ?? "";
  const delimiter = request.query.get("delimiter") ?? "";
  const marker = request.query.get("marker") ?? "";
  const most = { least: 0, most: LARGEST_PAGE, otherwise: LARGEST_PAGE };
  const maxKeys = integerOf(request, "max-keys", most);
  const encodes = readEncoding(request.query.get("encoding-type"));
  const start = {
    after: marker,
    isPrefix: delimiter !== "" && marker.endsWith(delimiter) && marker.length > prefix.length,
  };
  const page = selectPage(await bucket.keys(), { prefix, delimiter, start, maxKeys });
  const records = await readRecords(bucket, page.keys);
  const shown = shownAs(encodes);
  return xmlResponse(
    document(
      "ListBucketResult",
      element("Name", bucket.name),
      element("Prefix", shown(prefix)),
      element("Marker", shown(marker)),
      element("NextMarker", page.next && delimiter !== "" ? shown(page.next.after) : undefined),
      element("Delimiter", delimiter === "" ? undefined : shown(delimiter)),
      element("MaxKeys", maxKeys),
      element("EncodingType", encodes ? "url" : undefined),
      element("IsTruncated", page.next !== undefined),
      records.map((record) => contents(record, shown)),
      page.prefixes.map((common) => element("CommonPrefixes", element("Prefix", shown(common)))),
    ),
  );
};

function contents(record: ObjectRecord, shown: (text: string) => string): XmlContent {
  return element("Contents", [
    element("Key", shown(record.key)),
    element("LastModified", record.modified),
    element("ETag", `"${record.etag}"`),
    element("ChecksumAlgorithm", record.checksum?.algorithm),
    element("ChecksumType", record.checksum?.type),
    element("Size", record.size),
    element("StorageClass", "STANDARD"),
  ]);
}

/** Picks one page out of the sorted keys. A common prefix counts as one key. */
function selectPage(
  keys: readonly string[],
  wanted: { prefix: string; delimiter: string; start: Start; maxKeys: number },
): Page {
  const { prefix, delimiter, start, maxKeys } = wanted;
  const page = { keys: [] as string[], prefixes: [] as string[] };
  if (maxKeys === 0) return { ...page, next: undefined };
  let last: Start | undefined;
  const from = compareKeys(start.after, prefix) > 0 ? start.after : prefix;
  for (let at = firstNotBelow(keys, from); at < keys.length; at++) {
    const key = keys[at] as string;
    if (!key.startsWith(prefix)) break;
    if (
      start.after !== "" &&
      (start.isPrefix ? key.startsWith(start.after) : key === start.after)
    ) {
      continue;
    }
    if (last?.isPrefix && key.startsWith(last.after)) continue;
    if (page.keys.length + page.prefixes.length === maxKeys) return { ...page, next: last };
    const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const found = cut < 0 ? key : key.slice(0, cut + delimiter.length);
    (cut < 0 ? page.keys : page.prefixes).push(found);
    last = { after: found, isPrefix: cut >= 0 };
  }
  return { ...page, next: undefined };
}

/** The place of the first key that does not come before the bound. */
export function firstNotBelow(keys: readonly string[], bound: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(keys[middle] as string, bound) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Keys deleted since they were listed are left out. */
async function readRecords(bucket: Bucket, keys: readonly string[]): Promise<ObjectRecord[]> {
  const records: ObjectRecord[] = [];
  for (let at = 0; at < keys.length; at += READ_AT_ONCE) {
    const some = await Promise.all(
      keys.slice(at, at + READ_AT_ONCE).map((key) => bucket.find(key)),
    );
    records.push(...some.filter((record) => record !== undefined));
  }
  return records;
}

function writeToken(start: Start): string {
  return Buffer.from(`${start.isPrefix ? "p" : "k"}${start.after}`).toString("base64url");
}

function readToken(token: string): Start {
  const text = Buffer.from(token, "base64url").toString("utf8");
  if (
    /^[kp]/.test(text) &&
    writeToken({ after: text.slice(1), isPrefix: text[0] === "p" }) === token
  ) {
    return { after: text.slice(1), isPrefix: text[0] === "p" };
  }
  throw new S3Error("InvalidArgument", "The continuation token provided is incorrect", {
    details: { ArgumentName: "continuation-token" },
  });
}

/** How keys are written into an answer. */
export const shownAs =
  (encodes: boolean) =>
  (text: string): string =>
    encodes ? encodeURIComponent(text).replaceAll("%2F", "/") : text;

/** Whether keys are wanted percent-encoded. Errors: `InvalidArgument`. */
export function readEncoding(type: string | undefined): boolean {
  if (type === undefined || type === "url") return type === "url";
  throw new S3Error("InvalidArgument", "Invalid Encoding Method specified in Request", {
    details: { ArgumentName: "encoding-type", ArgumentValue: type },
  });
}
