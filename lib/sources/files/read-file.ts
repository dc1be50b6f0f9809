import { createHash } from "node:crypto";
import type { Readable } from "node:stream";

/** What a file's bytes are. */
export interface FileFacts {
  readonly size: number;
  /** Of all bytes, as hex. */
  readonly sha256: string;
  /** The media type that its first bytes say. */
  readonly type: string;
}

/** Bytes that tell a type. */
const looked = 64;

/** Reads a file's bytes once, as they come: nothing of it is kept. */
export async function readFacts(bytes: Readable): Promise<FileFacts> {
  const hash = createHash("sha256");
  let first = Buffer.alloc(0);
  let size = 0;
  for await (const chunk of bytes) {
    const piece = Buffer.from(chunk);
    hash.update(piece);
    size += piece.length;
    if (first.length < looked) first = Buffer.concat([first, piece.subarray(0, looked)]);
  }
  return { size, sha256: hash.digest("hex"), type: typeOfBytes(first) };
}

/** Media types that first bytes tell of by themselves: what a zip holds, they do not. */
export const toldTypes: ReadonlySet<string> = new Set([
  "application/pdf",
  "image/jpeg",
  "image/png",
  "image/gif",
  "image/webp",
  "image/heic",
]);

/** The media type of a file's first bytes; `application/octet-stream` for any other. */
function typeOfBytes(first: Buffer): string {
  const text = (from: number, to: number) => first.toString("latin1", from, to);
  if (text(0, 5) === "%PDF-") return "application/pdf";
  if (first[0] === 0xff && first[1] === 0xd8 && first[2] === 0xff) return "image/jpeg";
  if (text(0, 8) === "\u0089PNG\r\n\u001a\n") return "image/png";
  if (/^GIF8[79]a/u.test(text(0, 6))) return "image/gif";
  if (text(0, 4) === "RIFF" && text(8, 12) === "WEBP") return "image/webp";
  if (text(4, 8) === "ftyp" && /^(?:hei[cxms]|mif1|msf1|hev[cx])/u.test(text(8, 12)))
    return "image/heic";
  if (text(0, 4) === "PK\u0003\u0004") return "application/zip";
  return "application/octet-stream";
}
