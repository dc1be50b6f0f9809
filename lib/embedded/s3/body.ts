import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import {
  type ChecksumAlgorithm,
  checksumFromHeaders,
  checksumHeader,
  parseAlgorithm,
  startChecksum,
  validChecksum,
} from "./checksums.ts";
import { decodeAwsChunked } from "./chunked.ts";
import { notImplemented, S3Error } from "./errors.ts";

/** Facts about a body that has been received whole and found to be what the sender promised. */
interface ReceivedBody {
  readonly size: number;
  readonly md5: Buffer;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined;
}

/** Amazon's limit for one request; larger objects are multipart. */
const LARGEST_BODY = 5 * 1024 ** 3;

/**
 * Passes a request's body on piece by piece and verifies every promise made about it: length,
 * Content-MD5, `x-amz-content-sha256`, `x-amz-checksum-*` in headers or trailer. It throws after the
 * last piece when one does not hold: what was passed on must then be thrown away.
 * Errors: `BadDigest`, `InvalidDigest`, `XAmzContentSHA256Mismatch`, `IncompleteBody`, `EntityTooLarge`.
 */
export async function receiveBody(
  source: AsyncIterable<Buffer>,
  headers: IncomingHttpHeaders,
  options: { limit?: number; alsoCompute?: ChecksumAlgorithm | undefined },
  take: (piece: Buffer) => Promise<void>,
): Promise<ReceivedBody> {
  const promised = readPromises(headers);
  const limit = options.limit ?? LARGEST_BODY;
  const trailers = new Map<string, string>();
  const pieces = promised.framed ? decodeAwsChunked(source, trailers) : source;
  const algorithm =
    promised.checksum?.algorithm ?? promised.trailerAlgorithm ?? options.alsoCompute;
  const md5 = createHash("md5");
  const sha256 = promised.sha256 === undefined ? undefined : createHash("sha256");
  const running = algorithm === undefined ? undefined : startChecksum(algorithm);
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > limit) throw tooLarge();
    md5.update(piece);
    sha256?.update(piece);
    running?.update(piece);
    await take(piece);
  }
  if (promised.length !== undefined && size !== promised.length) {
    throw new S3Error(
      "IncompleteBody",
      "The number of bytes received is not the one announced. Nothing was stored.",
    );
  }
  const md5Digest = md5.digest();
  if (promised.md5 !== undefined && !promised.md5.equals(md5Digest)) {
    throw new S3Error("BadDigest", "The Content-MD5 you specified did not match what we received.");
  }
  if (sha256 !== undefined && sha256.digest("hex") !== promised.sha256) {
    throw new S3Error(
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  const computed = running?.digest().toString("base64");
  if (algorithm === undefined || computed === undefined) {
    return { size, md5: md5Digest, checksum: undefined };
  }
  const expected = promised.checksum?.value ?? trailerChecksum(promised, trailers);
  if (expected !== undefined && expected !== computed) {
    throw new S3Error(
      "BadDigest",
      `The ${algorithm} you specified did not match the calculated checksum.`,
    );
  }
  return { size, md5: md5Digest, checksum: { algorithm, value: computed } };
}

/** Refuses what cannot be received before a byte of it is read. */
export function requireLength(headers: IncomingHttpHeaders): void {
  const length = headers["x-amz-decoded-content-length"] ?? headers["content-length"];
  if (length === undefined) {
    throw new S3Error("MissingContentLength", "You must provide the Content-Length HTTP header.");
  }
  if (Number(length) > LARGEST_BODY) throw tooLarge();
}

/** Reads a small body whole and verified, for XML requests. */
export async function receiveText(
  source: AsyncIterable<Buffer>,
  headers: IncomingHttpHeaders,
  limit: number,
): Promise<string> {
  const pieces: Buffer[] = [];
  await receiveBody(source, headers, { limit }, async (piece) => void pieces.push(piece));
  return Buffer.concat(pieces).toString("utf8");
}

interface Promises {
  readonly framed: boolean;
  readonly length: number | undefined;
  readonly md5: Buffer | undefined;
  readonly sha256: string | undefined;
  readonly checksum: { algorithm: ChecksumAlgorithm; value: string } | undefined;
  readonly trailerAlgorithm: ChecksumAlgorithm | undefined;
}

function readPromises(headers: IncomingHttpHeaders): Promises {
  const payload = String(headers["x-amz-content-sha256"] ?? "UNSIGNED-PAYLOAD");
  const framed = payload === "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
  if (payload.startsWith("STREAMING-") && !framed) throw notImplemented(`The payload ${payload}`);
  const trailer = headers["x-amz-trailer"];
  const length = headers[framed ? "x-amz-decoded-content-length" : "content-length"];
  return {
    framed,
    length: length === undefined ? undefined : Number(length),
    md5: contentMd5(headers["content-md5"]),
    sha256: /^[0-9a-f]{64}$/i.test(payload) ? payload.toLowerCase() : undefined,
    checksum: checksumFromHeaders(headers),
    trailerAlgorithm:
      framed && trailer !== undefined ? trailerAlgorithm(String(trailer)) : undefined,
  };
}

function contentMd5(header: string | string[] | undefined): Buffer | undefined {
  if (header === undefined) return undefined;
  const digest = Buffer.from(String(header), "base64");
  if (digest.length === 16 && digest.toString("base64") === header) return digest;
  throw new S3Error("InvalidDigest", "The Content-MD5 you specified is not valid.");
}

function trailerAlgorithm(header: string): ChecksumAlgorithm {
  const name = header.trim().toLowerCase();
  if (!name.startsWith("x-amz-checksum-")) throw notImplemented(`The trailer ${name}`);
  return parseAlgorithm(name.slice("x-amz-checksum-".length));
}

/** A trailer that was announced must come. */
function trailerChecksum(promised: Promises, trailers: Map<string, string>): string | undefined {
  const { trailerAlgorithm: algorithm } = promised;
  if (algorithm === undefined) return undefined;
  const value = trailers.get(checksumHeader(algorithm));
  if (value === undefined) {
    throw new S3Error(
      "InvalidRequest",
      `The announced trailer ${checksumHeader(algorithm)} is missing.`,
    );
  }
  return validChecksum(algorithm, value);
}

function tooLarge(): S3Error {
  return new S3Error(
    "EntityTooLarge",
    "Your proposed upload exceeds the maximum allowed size. Nothing was stored.",
  );
}
