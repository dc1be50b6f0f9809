import { isUtf8 } from "node:buffer";
import { SourceRowUnreadable } from "../errors.ts";
import { isUtf16 } from "../utf16.ts";

const NEWLINE = 0x0a;

/**
 * Passes a file on unchanged, by whole lines, and stops at the first line that is not UTF-8, naming it: letters that
 * are silently replaced would be wrong names later. `firstLine` is the number of the first line.
 */
export async function* utf8Lines(
  pieces: AsyncIterable<Buffer>,
  file: string,
  firstLine: number,
): AsyncGenerator<Buffer> {
  let line = firstLine;
  let begun = firstLine > 1;
  let open: Buffer[] = [];
  const check = (bytes: Buffer): void => {
    if (!isUtf8(bytes)) {
      throw new SourceRowUnreadable(
        `${file}, line ${line + linesBeforeBroken(bytes)}: the text is not valid UTF-8; nothing was read. ` +
          "Export the table again as UTF-8, or convert the file: where it is Windows-1252, as spreadsheets save it, iconv -f cp1252 -t utf8.",
      );
    }
    line += countNewlines(bytes);
  };
  for await (const piece of pieces) {
    if (!begun && isUtf16(piece)) {
      throw new SourceRowUnreadable(
        `${file} is UTF-16, as spreadsheets save “Unicode text”; nothing was read. Save it as CSV in UTF-8, or convert it: iconv -f UTF-16 -t UTF-8.`,
      );
    }
    begun = true;
    const end = piece.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      open.push(piece);
      continue;
    }
    const whole = Buffer.concat([...open, piece.subarray(0, end)]);
    open = [piece.subarray(end)];
    check(whole);
    yield whole;
  }
  const rest = Buffer.concat(open);
  check(rest);
  yield rest;
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

function linesBeforeBroken(bytes: Buffer): number {
  let before = 0;
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return before;
    before += 1;
    start = end + 1;
  }
}
