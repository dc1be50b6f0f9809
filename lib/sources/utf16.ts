import { SourceRowUnreadable } from "./errors.ts";

/** How a file's letters are written: UTF-16 is told by its mark. */
export type Encoding = "utf-8" | "utf-16le" | "utf-16be";

/** By the beginning of a file. Errors: `SourceRowUnreadable` of UTF-16 without a mark. */
export function encodingOf(begins: Buffer, file: string): Encoding {
  const mark = begins.toString("hex", 0, 2);
  if (mark === "fffe") return "utf-16le";
  if (mark === "feff") return "utf-16be";
  const zeros = [0, 0];
  for (const [at, byte] of begins.subarray(0, 64).entries())
    if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even, odd] = zeros as [number, number];
  if (begins.length < 4 || (even + odd) * 2 < Math.min(begins.length, 64) - 1) return "utf-8";
  throw new SourceRowUnreadable(
    `${file} is UTF-16 without the mark that tells the order of its bytes; nothing was read. ` +
      `Export it with one, or convert it: iconv -f UTF-16${odd >= even ? "LE" : "BE"} -t UTF-8.`,
  );
}

/** As many bytes of its file are these, which are UTF-8 by now. */
export const bytesInFile = (encoding: Encoding, bytes: Buffer): number =>
  encoding === "utf-8" ? bytes.length : 2 * bytes.toString("utf8").length;

/** The beginning of a file as text; a letter that is cut off at its end is damaged. */
export const lettersOf = (encoding: Encoding, bytes: Buffer): string =>
  encoding === "utf-8" ? bytes.toString("utf8") : unitsOf(encoding, wholeUnits(bytes));

/** UTF-16 in pieces of any size as UTF-8, piece by piece. Errors: `SourceRowUnreadable` with the line of what is no letter. */
export async function* fromUtf16(
  pieces: AsyncIterable<Buffer>,
  encoding: Encoding,
  file: string,
  firstLine: number,
  end: "\n" | "\r",
): AsyncGenerator<Buffer> {
  let line = firstLine;
  let rest = Buffer.alloc(0);
  const refuse = (text: string, why: string) =>
    new SourceRowUnreadable(
      `${file}, line ${line + count(text, end)}: ${why}; nothing was read. Export the table again.`,
    );
  for await (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const text = unitsOf(encoding, wholeUnits(bytes));
    // The first half of a pair waits for the other.
    const half = isFirstHalf(text.charCodeAt(text.length - 1)) ? 1 : 0;
    const whole = text.slice(0, text.length - half);
    rest = Buffer.from(bytes.subarray(2 * whole.length));
    const damaged = LONE.exec(whole);
    if (damaged) throw refuse(whole.slice(0, damaged.index), "the text is not valid UTF-16");
    line += count(whole, end);
    yield Buffer.from(whole);
  }
  if (rest.length > 0) throw refuse("", "the file ends within a letter, as where it was cut off");
}

const LONE = /\p{Surrogate}/u;
const isFirstHalf = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const wholeUnits = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length - (bytes.length % 2));

const unitsOf = (encoding: Encoding, bytes: Buffer): string =>
  (encoding === "utf-16be" ? Buffer.from(bytes).swap16() : bytes).toString("utf16le");

function count(text: string, end: string): number {
  let found = 0;
  for (let at = text.indexOf(end); at !== -1; at = text.indexOf(end, at + 1)) found += 1;
  return found;
}
