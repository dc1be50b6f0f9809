import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { checksumElement, startChecksum } from "./checksums.ts";
import type { ByteRange } from "./conditions.ts";
import { copySource, sourceVersion } from "./copy.ts";
import { S3Error } from "./errors.ts";
import { headerOf, type Operation, xmlResponse } from "./exchange.ts";
import { openUpload, partNumberOf } from "./multipart.ts";
import { storePart } from "./uploads.ts";
import { document, element } from "./xml.ts";

/** Amazon's limit for the source of one part. */
const LARGEST_PART = 5 * 1024 ** 3;

/** UploadPartCopy: a part whose bytes, or a stretch of them, are those of an object or a version. */
export const uploadPartCopy: Operation = async (store, request) => {
  const { bucket, upload } = await openUpload(store, request);
  const number = partNumberOf(request);
  const source = await copySource(store, request);
  const range = copyRange(headerOf(request, "x-amz-copy-source-range"), source.record.size);
  const algorithm = upload.checksum?.algorithm;
  const part = await storePart(bucket, upload, number, async (blob) => {
    const md5 = createHash("md5");
    const running = algorithm && startChecksum(algorithm);
    let size = 0;
    const stretch = range && { start: range.first, end: range.last };
    for await (const bytes of createReadStream(source.file, stretch) as AsyncIterable<Buffer>) {
      md5.update(bytes);
      running?.update(bytes);
      size += bytes.length;
      await blob.write(bytes);
    }
    return {
      size,
      etag: md5.digest("hex"),
      modified: new Date().toISOString(),
      ...(algorithm &&
        running && { checksum: { algorithm, value: running.digest().toString("base64") } }),
    };
  });
  return xmlResponse(
    document(
      "CopyPartResult",
      element("LastModified", part.modified),
      element("ETag", `"${part.etag}"`),
      part.checksum && element(checksumElement(part.checksum.algorithm), part.checksum.value),
    ),
    sourceVersion(source),
  );
};

/** The stretch that is wanted of the source, whole when none is named. Errors: `InvalidArgument`. */
function copyRange(header: string | undefined, size: number): ByteRange | undefined {
  if (header === undefined) {
    if (size <= LARGEST_PART) return undefined;
    throw new S3Error(
      "InvalidRequest",
      "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120",
    );
  }
  const [, from = "", to = ""] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  const [first, last] = [Number(from), Number(to)];
  const wrong =
    from === "" || first > last
      ? "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy"
      : last >= size
        ? `Range specified is not valid for source object of size: ${size}`
        : undefined;
  if (wrong === undefined) return { first, last };
  const details = { ArgumentName: "x-amz-copy-source-range", ArgumentValue: header };
  throw new S3Error("InvalidArgument", wrong, { details });
}
