import { open } from "node:fs/promises";
import type { Place } from "../place.ts";
import { type Encoding, lettersOf } from "../utf16.ts";
import { MARK, type Written } from "./parse.ts";

const QUOTE = 0x22;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Where the quotes of a record go wrong. */
interface QuoteFault {
  /** The line of the quote itself; of one that is never closed, the line that opens it. */
  readonly line: number;
  /** The line on which its field begins. */
  readonly opened: number;
}

/**
 * Finds the fault in the quotes of the record that begins `after` a place: the parser names only how
 * far it had read. At most `most` bytes of the record are looked at.
 */
export async function quoteFault(
  path: string,
  { separator, encoding, feeds }: Written,
  after: Place,
  most: number,
): Promise<QuoteFault> {
  const file = await open(path, "r");
  try {
    const buffer = Buffer.alloc(Math.min(most, Math.max(0, (await file.stat()).size - after.byte)));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, after.byte);
    const bytes = inUtf8(encoding, buffer.subarray(0, bytesRead));
    return faultIn(bytes, separator.charCodeAt(0), feeds ? NEWLINE : RETURN, after.line);
  } finally {
    await file.close();
  }
}

const inUtf8 = (encoding: Encoding, bytes: Buffer): Buffer =>
  encoding === "utf-8" ? bytes : Buffer.from(lettersOf(encoding, bytes));

function faultIn(bytes: Buffer, separator: number, end: number, firstLine: number): QuoteFault {
  let line = firstLine;
  let opened = firstLine;
  let field: "begins" | "bare" | "quoted" | "closed" = "begins";
  for (let at = bytes.indexOf(MARK) === 0 ? MARK.length : 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (field === "quoted") {
      if (byte === QUOTE && bytes[at + 1] === QUOTE) at += 1;
      else if (byte === QUOTE) field = "closed";
    } else if (byte === separator || byte === end) {
      field = "begins";
    } else if (byte === QUOTE && field === "begins") {
      field = "quoted";
      opened = line;
    } else if (field === "closed" && byte !== RETURN) {
      return { line, opened };
    } else if (byte === QUOTE) {
      return { line, opened: line };
    } else if (field === "begins") {
      field = "bare";
    }
    if (byte === end) line += 1;
  }
  return field === "quoted" ? { line: opened, opened } : { line: firstLine, opened: firstLine };
}
