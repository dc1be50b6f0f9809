import type { Bucket } from "./bucket.ts";
import { S3Error } from "./errors.ts";
import { bucketNameOf, integerOf, type Operation, xmlResponse } from "./exchange.ts";
import { compareKeys } from "./keys.ts";
import { firstNotBelow, LARGEST_PAGE, readEncoding, shownAs } from "./listing.ts";
import { isMarker, type Version, versionIdOf } from "./records.ts";
import { document, element, type Xml } from "./xml.ts";

/** What of all versions is asked for. */
interface Wanted {
  readonly prefix: string;
  readonly delimiter: string;
  readonly keyMarker: string;
  readonly versionMarker: string | undefined;
  readonly most: number;
}

/** One entry of a page: a version with what it is among those of its key, or a common prefix. */
type Entry =
  | { readonly version: Version; readonly isLatest: boolean }
  | { readonly prefix: string };

/** ListObjectVersions: all versions and delete markers by key, the latest of each key first. */
export const listObjectVersions: Operation = async (store, request) => {
  const bucket = await store.bucket(bucketNameOf(request));
  const wanted: Wanted = {
    prefix: request.query.get("prefix") ?? "",
    delimiter: request.query.get("delimiter") ?? "",
    keyMarker: request.query.get("key-marker") ?? "",
    versionMarker: request.query.get("version-id-marker") || undefined,
    most: integerOf(request, "max-keys", {
      least: 0,
      most: LARGEST_PAGE,
      otherwise: LARGEST_PAGE,
    }),
  };
  if (wanted.versionMarker !== undefined && wanted.keyMarker === "") {
    throw new S3Error(
      "InvalidArgument",
      "A version-id marker cannot be specified without a key marker.",
      {
        details: { ArgumentName: "version-id-marker", ArgumentValue: wanted.versionMarker },
      },
    );
  }
  const encodes = readEncoding(request.query.get("encoding-type"));
  const shown = shownAs(encodes);
  const { page, isTruncated } = await pageOf(bucket, wanted);
  const last = isTruncated ? page.at(-1) : undefined;
  return xmlResponse(
    document(
      "ListVersionsResult",
      element("Name", bucket.name),
      element("Prefix", shown(wanted.prefix)),
      element("KeyMarker", shown(wanted.keyMarker)),
      element("VersionIdMarker", wanted.versionMarker ?? ""),
      element("NextKeyMarker", last && shown("prefix" in last ? last.prefix : last.version.key)),
      element(
        "NextVersionIdMarker",
        (last && "version" in last && versionIdOf(last.version)) || undefined,
      ),
      element("MaxKeys", wanted.most),
      element("Delimiter", wanted.delimiter === "" ? undefined : shown(wanted.delimiter)),
      element("EncodingType", encodes ? "url" : undefined),
      element("IsTruncated", isTruncated),
      page.map((entry) =>
        "prefix" in entry
          ? element("CommonPrefixes", element("Prefix", shown(entry.prefix)))
          : versionElement(entry, shown),
      ),
    ),
  );
};

function versionElement(
  { version, isLatest }: { version: Version; isLatest: boolean },
  shown: (text: string) => string,
): Xml {
  const known = [
    element("Key", shown(version.key)),
    element("VersionId", versionIdOf(version)),
    element("IsLatest", isLatest),
    element("LastModified", version.modified),
  ];
  const owner = element("Owner", element("ID", "wavegate"));
  if (isMarker(version)) return element("DeleteMarker", [...known, owner]);
  return element("Version", [
    ...known,
    element("ETag", `"${version.etag}"`),
    element("ChecksumAlgorithm", version.checksum?.algorithm),
    element("ChecksumType", version.checksum?.type),
    element("Size", version.size),
    element("StorageClass", "STANDARD"),
    owner,
  ]);
}

async function pageOf(
  bucket: Bucket,
  wanted: Wanted,
): Promise<{ page: Entry[]; isTruncated: boolean }> {
  const page: Entry[] = [];
  if (wanted.most === 0) return { page, isTruncated: false };
  for await (const entry of entries(bucket, wanted)) {
    if (page.length === wanted.most) return { page, isTruncated: true };
    page.push(entry);
  }
  return { page, isTruncated: false };
}

async function* entries(bucket: Bucket, wanted: Wanted): AsyncGenerator<Entry> {
  const { prefix, delimiter, keyMarker } = wanted;
  const keys = await bucket.keysOfVersions();
  const afterPrefix =
    delimiter !== "" && keyMarker.endsWith(delimiter) && keyMarker.length > prefix.length;
  let common: string | undefined = afterPrefix ? keyMarker : undefined;
  const from = compareKeys(keyMarker, prefix) > 0 ? keyMarker : prefix;
  for (let at = firstNotBelow(keys, from); at < keys.length; at++) {
    const key = keys[at] as string;
    if (!key.startsWith(prefix)) return;
    if (common !== undefined && key.startsWith(common)) continue;
    const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    if (cut >= 0) {
      common = key.slice(0, cut + delimiter.length);
      yield { prefix: common };
      continue;
    }
    for (const entry of await rest(bucket, key, wanted)) yield entry;
  }
}

/** A key's versions, or those that come after the marker. One removed meanwhile hides none. */
async function rest(
  bucket: Bucket,
  key: string,
  { keyMarker, versionMarker }: Wanted,
): Promise<Entry[]> {
  if (key === keyMarker && versionMarker === undefined) return [];
  const versions = await bucket.versions(key);
  const all = versions.map((version, at) => ({ version, isLatest: at === 0 }));
  if (key !== keyMarker) return all;
  return all.slice(all.findIndex(({ version }) => versionIdOf(version) === versionMarker) + 1);
}
