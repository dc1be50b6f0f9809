import { isUtf8 } from "node:buffer";
import { SourceRowUnreadable } from "../errors.ts";
import { count } from "./parse.ts";

/**
 * Passes a file on unchanged, each piece up to its last whole letter, and stops at the first line that is not UTF-8, naming
 * it: letters that are silently replaced would be wrong names later. `firstLine` is the number of the first line.
 */
export async function* checkedUtf8(
  pieces: AsyncIterable<Buffer>,
  file: string,
  firstLine: number,
  end: "\n" | "\r",
): AsyncGenerator<Buffer> {
  const byte = end.charCodeAt(0);
  let line = firstLine;
  let rest = Buffer.alloc(0);
  const check = (bytes: Buffer): void => {
    if (!isUtf8(bytes)) {
      throw new SourceRowUnreadable(
        `${file}, line ${line + linesBeforeBroken(bytes, byte)}: the text is not valid UTF-8; nothing was read. ` +
          "Export the table again as UTF-8, or convert the file: where it is Windows-1252, as spreadsheets save it, iconv -f cp1252 -t utf8.",
      );
    }
    line += count(bytes, byte);
  };
  for await (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const whole = bytes.subarray(0, bytes.length - begun(bytes));
    rest = Buffer.from(bytes.subarray(whole.length));
    check(whole);
    yield whole;
  }
  check(rest);
  yield rest;
}

/** Bytes at the end that begin a letter of more of them. */
function begun(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

function linesBeforeBroken(bytes: Buffer, byte: number): number {
  let before = 0;
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(byte, start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return before;
    before += 1;
    start = end + 1;
  }
}
