import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { crc32 } from "node:zlib";
import { crc32c, crc64nvme, type RunningCrc } from "./crc.ts";
import { notImplemented, S3Error } from "./errors.ts";

/** The additional checksums of S3 that are computed and verified here. */
export const CHECKSUM_ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/** Over the whole object's bytes, or over the checksums of its parts (`VALUE-N`). */
export type ChecksumType = "FULL_OBJECT" | "COMPOSITE";

/** A checksum as S3 shows it: base64. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string;
  readonly type: ChecksumType;
}

const DIGEST_BYTES = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 } as const;

/** The header that carries a checksum of this algorithm. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** The element that carries it in XML: `ChecksumCRC32`. */
export function checksumElement(algorithm: ChecksumAlgorithm): string {
  return `Checksum${algorithm}`;
}

/** Starts a checksum. */
export function startChecksum(algorithm: ChecksumAlgorithm): RunningCrc {
  switch (algorithm) {
    case "CRC32":
      return plainCrc32();
    case "CRC32C":
      return crc32c();
    case "CRC64NVME":
      return crc64nvme();
    case "SHA1":
    case "SHA256": {
      const hash = createHash(algorithm.toLowerCase());
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
    }
  }
}

/** Reads an algorithm's name in any case. Errors: `NotImplemented` for those only Amazon has. */
export function parseAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = CHECKSUM_ALGORITHMS.find((known) => known === name.toUpperCase());
  if (algorithm === undefined) throw notImplemented(`The checksum algorithm ${name}`);
  return algorithm;
}

/** The one checksum sent in the headers. Errors: `InvalidRequest` (two, or not of that algorithm). */
export function checksumFromHeaders(
  headers: IncomingHttpHeaders,
): { algorithm: ChecksumAlgorithm; value: string } | undefined {
  const sent = Object.entries(headers).filter(
    ([name]) =>
      name.startsWith("x-amz-checksum-") &&
      !["x-amz-checksum-mode", "x-amz-checksum-type", "x-amz-checksum-algorithm"].includes(name),
  );
  const [first, second] = sent;
  if (first === undefined) return undefined;
  if (second !== undefined) {
    throw new S3Error(
      "InvalidRequest",
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    );
  }
  const algorithm = parseAlgorithm(first[0].slice("x-amz-checksum-".length));
  return { algorithm, value: validChecksum(algorithm, String(first[1])) };
}

/** Base64 of the right length, in its one canonical spelling. Errors: `InvalidRequest`. */
export function validChecksum(algorithm: ChecksumAlgorithm, value: string): string {
  const bytes = Buffer.from(value, "base64");
  if (bytes.length === DIGEST_BYTES[algorithm] && bytes.toString("base64") === value) return value;
  throw new S3Error("InvalidRequest", `Value for ${checksumHeader(algorithm)} header is invalid.`);
}

/** The checksum of checksums of a multipart object: `VALUE-N`. */
export function compositeChecksum(algorithm: ChecksumAlgorithm, parts: readonly string[]): string {
  const running = startChecksum(algorithm);
  for (const part of parts) running.update(Buffer.from(part, "base64"));
  return `${running.digest().toString("base64")}-${parts.length}`;
}

function plainCrc32(): RunningCrc {
  let crc = 0;
  return {
    update(bytes) {
      crc = crc32(bytes, crc);
    },
    digest() {
      const out = Buffer.alloc(4);
      out.writeUInt32BE(crc);
      return out;
    },
  };
}
