import { CHECKSUM_ALGORITHMS, checksumElement } from "./checksums.ts";
import { bare } from "./conditions.ts";
import { S3Error } from "./errors.ts";
import type { Part } from "./uploads.ts";
import { childrenOf, parseXml, textOf, type XmlNode } from "./xml.ts";

/** Every part but the last. */
const SMALLEST_PART = 5 * 1024 * 1024;

/**
 * The stored parts that a CompleteMultipartUpload document names, in its order.
 * Errors: `MalformedXML`, `InvalidPartOrder`, `InvalidPart`, `EntityTooSmall`.
 */
export function chooseParts(body: string, stored: readonly Part[]): Part[] {
  const root = parseXml(body);
  const named = childrenOf(root, "Part");
  if (root.name !== "CompleteMultipartUpload" || named.length === 0) {
    throw new S3Error("MalformedXML", "A CompleteMultipartUpload document with parts is needed.");
  }
  const byNumber = new Map(stored.map((part) => [part.number, part]));
  let before = 0;
  const chosen = named.map((node) => {
    const number = Number(textOf(node, "PartNumber"));
    if (!(number > before)) {
      throw new S3Error("InvalidPartOrder", "The list of parts was not in ascending order.");
    }
    before = number;
    return checkPart(node, byNumber.get(number));
  });
  for (const part of chosen.slice(0, -1)) {
    if (part.size >= SMALLEST_PART) continue;
    throw new S3Error(
      "EntityTooSmall",
      "Your proposed upload is smaller than the minimum allowed size",
      {
        details: {
          PartNumber: String(part.number),
          ProposedSize: String(part.size),
          MinSizeAllowed: String(SMALLEST_PART),
        },
      },
    );
  }
  return chosen;
}

function checkPart(node: XmlNode, part: Part | undefined): Part {
  const isSame =
    part !== undefined &&
    bare(textOf(node, "ETag") ?? "") === part.etag &&
    CHECKSUM_ALGORITHMS.every((algorithm) => {
      const named = textOf(node, checksumElement(algorithm));
      return (
        named === undefined ||
        part.checksum === undefined ||
        (part.checksum.algorithm === algorithm && part.checksum.value === named)
      );
    });
  if (isSame) return part;
  throw new S3Error(
    "InvalidPart",
    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
  );
}
