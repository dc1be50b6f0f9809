import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { NewBlob } from "./blob.ts";
import type { Bucket } from "./bucket.ts";
import {
  type Checksum,
  checksumFromHeaders,
  compositeChecksum,
  parseAlgorithm,
  startChecksum,
} from "./checksums.ts";
import { S3Error } from "./errors.ts";
import { headerOf, type S3Request } from "./exchange.ts";
import { type Part, partBytes, type Upload } from "./uploads.ts";

/** The checksum an upload is begun with. Errors: `InvalidRequest` for a pair that S3 does not have. */
export function wishedChecksum(request: S3Request): Upload["checksum"] {
  const name = headerOf(request, "x-amz-checksum-algorithm");
  const type = headerOf(request, "x-amz-checksum-type")?.toUpperCase();
  if (name === undefined) return undefined;
  const algorithm = parseAlgorithm(name);
  if (type === undefined) {
    return { algorithm, type: algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE" };
  }
  const isPossible =
    type === "FULL_OBJECT"
      ? algorithm.startsWith("CRC")
      : type === "COMPOSITE" && algorithm !== "CRC64NVME";
  if (!isPossible) {
    throw new S3Error(
      "InvalidRequest",
      `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return { algorithm, type: type as "FULL_OBJECT" | "COMPOSITE" };
}

/** Writes the parts one after the other, and sums up what was asked for at the beginning. */
export async function joinParts(
  bucket: Bucket,
  upload: Upload,
  parts: readonly Part[],
  blob: NewBlob,
): Promise<{ size: number; checksum: Checksum | undefined }> {
  const wished = upload.checksum;
  const running = wished?.type === "FULL_OBJECT" ? startChecksum(wished.algorithm) : undefined;
  let size = 0;
  for (const part of parts) {
    for await (const piece of createReadStream(partBytes(bucket, upload, part))) {
      running?.update(piece);
      size += piece.length;
      await blob.write(piece);
    }
  }
  if (wished === undefined) return { size, checksum: undefined };
  const { algorithm, type } = wished;
  const value =
    running?.digest().toString("base64") ??
    compositeChecksum(
      algorithm,
      parts.map((part) => part.checksum?.value ?? ""),
    );
  return { size, checksum: { algorithm, type, value } };
}

/** Holds the checksum sent with the completion against the one computed. Errors: `BadDigest`. */
export function checkWholeChecksum(request: S3Request, computed: Checksum | undefined): void {
  const composite = /-\d+$/;
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) =>
      name.startsWith("x-amz-checksum-") && typeof value === "string"
        ? [name, value.replace(composite, "")]
        : [name, value],
    ),
  );
  const expected = checksumFromHeaders(headers);
  if (expected === undefined || computed === undefined) return;
  const value = computed.value.replace(composite, "");
  if (expected.algorithm === computed.algorithm && expected.value === value) return;
  throw new S3Error(
    "BadDigest",
    `The ${expected.algorithm} you specified did not match the calculated checksum. The upload is still open.`,
  );
}

/** MD5 of the parts' MD5s, and their number. */
export function multipartEtag(parts: readonly Part[]): string {
  const md5 = createHash("md5");
  for (const part of parts) md5.update(Buffer.from(part.etag, "hex"));
  return `${md5.digest("hex")}-${parts.length}`;
}
