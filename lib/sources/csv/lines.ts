import { isUtf8 } from "node:buffer";
import { Transform } from "node:stream";
import { SourceRowUnreadable } from "../errors.ts";

const NEWLINE = 0x0a;

/**
 * Passes a file on unchanged and stops at the first line that is not UTF-8, naming it: letters that
 * are silently replaced would be wrong names later. `firstLine` is the number of the first line.
 */
export function utf8Lines(file: string, firstLine: number): Transform {
  let line = firstLine;
  let open: Buffer[] = [];
  const check = (bytes: Buffer): Error | null => {
    if (isUtf8(bytes)) {
      line += countNewlines(bytes);
      return null;
    }
    return new SourceRowUnreadable(
      `${file}, line ${line + linesBeforeBroken(bytes)}: the text is not valid UTF-8; nothing was read. ` +
        "Export the table again as UTF-8, or convert the file.",
    );
  };
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const end = chunk.lastIndexOf(NEWLINE) + 1;
      if (end === 0) {
        open.push(chunk);
        done();
        return;
      }
      const whole = Buffer.concat([...open, chunk.subarray(0, end)]);
      open = [chunk.subarray(end)];
      done(check(whole), whole);
    },
    flush(done) {
      const rest = Buffer.concat(open);
      done(check(rest), rest);
    },
  });
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
