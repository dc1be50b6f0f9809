import { checkWholeChecksum, joinParts, multipartEtag, wishedChecksum } from "./assembly.ts";
import { receiveBody, receiveText, requireLength } from "./body.ts";
import { checksumElement, checksumHeader } from "./checksums.ts";
import { writeConditions } from "./conditions.ts";
import { S3Error } from "./errors.ts";
import {
  bucketNameOf,
  integerOf,
  keyOf,
  type Operation,
  type S3Request,
  xmlResponse,
} from "./exchange.ts";
import { KeyedLock } from "./keyed-lock.ts";
import { checkKey } from "./keys.ts";
import { keptHeaders, writtenHeaders } from "./object-headers.ts";
import { chooseParts } from "./part-list.ts";
import { isMarker, type ObjectRecord } from "./records.ts";
import {
  createUpload,
  findUpload,
  listParts as listStoredParts,
  removeUpload,
  storePart,
} from "./uploads.ts";
import { document, element } from "./xml.ts";

/** 10,000 parts with a checksum each. */
const LARGEST_COMPLETE_REQUEST = 4 * 1024 * 1024;
const MOST_PARTS = 10_000;
const completions = new KeyedLock();

/** CreateMultipartUpload. */
export const createMultipartUpload: Operation = async (store, request) => {
  const bucket = await store.bucket(bucketNameOf(request));
  const key = keyOf(request);
  checkKey(key);
  const checksum = wishedChecksum(request);
  const upload = await createUpload(bucket, { key, headers: keptHeaders(request), checksum });
  return xmlResponse(
    document(
      "InitiateMultipartUploadResult",
      element("Bucket", bucket.name),
      element("Key", key),
      element("UploadId", upload.id),
    ),
    checksum && {
      "x-amz-checksum-algorithm": checksum.algorithm,
      "x-amz-checksum-type": checksum.type,
    },
  );
};

/** UploadPart: verified like an object, replaces an earlier part of its number. */
export const uploadPart: Operation = async (store, request) => {
  const { bucket, upload } = await openUpload(store, request);
  const number = partNumberOf(request);
  requireLength(request.headers);
  const alsoCompute = upload.checksum?.algorithm;
  const part = await storePart(bucket, upload, number, async (blob) => {
    const body = await receiveBody(request.body, request.headers, { alsoCompute }, blob.write);
    if (alsoCompute !== undefined && body.checksum?.algorithm !== alsoCompute) {
      throw new S3Error(
        "InvalidRequest",
        `Checksum Type mismatch occurred, expected checksum Type: ${alsoCompute.toLowerCase()}. The part was not stored.`,
      );
    }
    return {
      size: body.size,
      etag: body.md5.toString("hex"),
      modified: new Date().toISOString(),
      ...(body.checksum && { checksum: body.checksum }),
    };
  });
  const headers: Record<string, string> = { etag: `"${part.etag}"` };
  if (part.checksum) headers[checksumHeader(part.checksum.algorithm)] = part.checksum.value;
  return { status: 200, headers };
};

/** CompleteMultipartUpload: the object appears at once, whole. A failed try leaves the upload open. */
export const completeMultipartUpload: Operation = async (store, request) => {
  const id = request.query.get("uploadId") ?? "";
  return completions.run(id, async () => {
    const done = await completedBefore(store, request, id);
    if (done) return done;
    const { bucket, upload } = await openUpload(store, request);
    const conditions = writeConditions(request);
    // Checksums in these headers are those of the finished object, not of this request.
    const own = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => !name.startsWith("x-amz-checksum-")),
    );
    const body = await receiveText(request.body, own, LARGEST_COMPLETE_REQUEST);
    const parts = chooseParts(body, await listStoredParts(bucket, upload));
    const record = await bucket.store(upload.key, conditions, async (blob) => {
      const { size, checksum } = await joinParts(bucket, upload, parts, blob);
      checkWholeChecksum(request, checksum);
      return {
        size,
        etag: multipartEtag(parts),
        modified: new Date().toISOString(),
        headers: upload.headers,
        upload: id,
        ...(checksum && { checksum }),
      };
    });
    await removeUpload(bucket, upload);
    return completed(bucket.name, record);
  });
};

/** A completion whose answer was lost and that is sent again is answered as before, as on AWS. */
async function completedBefore(store: Parameters<Operation>[0], request: S3Request, id: string) {
  const bucket = await store.bucket(bucketNameOf(request));
  const versions = id === "" ? [] : await bucket.versions(keyOf(request));
  const record = versions.find((one): one is ObjectRecord => !isMarker(one) && one.upload === id);
  return record && completed(bucket.name, record);
}

function completed(bucket: string, record: ObjectRecord) {
  const { etag = "", ...headers } = writtenHeaders(record);
  return xmlResponse(
    document(
      "CompleteMultipartUploadResult",
      element("Location", `/${bucket}/${encodeURIComponent(record.key)}`),
      element("Bucket", bucket),
      element("Key", record.key),
      element("ETag", etag),
      record.checksum && element(checksumElement(record.checksum.algorithm), record.checksum.value),
      element("ChecksumType", record.checksum?.type),
    ),
    headers,
  );
}

/** AbortMultipartUpload. */
export const abortMultipartUpload: Operation = async (store, request) => {
  const { bucket, upload } = await openUpload(store, request);
  await removeUpload(bucket, upload);
  return { status: 204 };
};

/** ListParts, paged by part number. */
export const listParts: Operation = async (store, request) => {
  const { bucket, upload } = await openUpload(store, request);
  const after = integerOf(request, "part-number-marker", {
    least: 0,
    most: MOST_PARTS,
    otherwise: 0,
  });
  const most = integerOf(request, "max-parts", { least: 0, most: 1000, otherwise: 1000 });
  const later = (await listStoredParts(bucket, upload)).filter((part) => part.number > after);
  const page = later.slice(0, most);
  return xmlResponse(
    document(
      "ListPartsResult",
      element("Bucket", bucket.name),
      element("Key", upload.key),
      element("UploadId", upload.id),
      element("PartNumberMarker", after),
      element("NextPartNumberMarker", page.at(-1)?.number),
      element("MaxParts", most),
      element("IsTruncated", later.length > page.length),
      element("StorageClass", "STANDARD"),
      page.map((part) =>
        element("Part", [
          element("PartNumber", part.number),
          element("LastModified", part.modified),
          element("ETag", `"${part.etag}"`),
          element("Size", part.size),
          part.checksum && element(checksumElement(part.checksum.algorithm), part.checksum.value),
        ]),
      ),
    ),
  );
};

/** Errors: `InvalidArgument`. */
export function partNumberOf(request: S3Request): number {
  const number = integerOf(request, "partNumber", { least: 1, most: MOST_PARTS + 1, otherwise: 0 });
  if (number >= 1 && number <= MOST_PARTS) return number;
  throw new S3Error(
    "InvalidArgument",
    `Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`,
  );
}

/** The upload that a request names. Errors: `NoSuchUpload`. */
export async function openUpload(store: Parameters<Operation>[0], request: S3Request) {
  const bucket = await store.bucket(bucketNameOf(request));
  const upload = await findUpload(bucket, request.query.get("uploadId") ?? "", keyOf(request));
  return { bucket, upload };
}
