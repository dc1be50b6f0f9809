import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { SourceRowUnreadable } from "../errors.ts";
import { fileFault } from "../file-fault.ts";
import { type Place, START, type TableRecord } from "../place.ts";
import type { LegacyRow } from "../source.ts";
import { encodingOf, fromUtf16, lettersOf } from "../utf16.ts";
import { checkedUtf8 } from "./letters.ts";
import { LONGEST_RECORD, parseRecords, RecordDamaged, type Written } from "./parse.ts";
import { quoteFault } from "./quote-fault.ts";
import { separatorBelow, separatorOf } from "./separators.ts";

/** Bytes that are read at once. */
const BLOCK = 64 * 1024;

/**
 * Reads a file record by record (RFC 4180, UTF-8 or UTF-16 with its mark, header included), its columns separated as its header's are: by commas,
 * semicolons, tabs or bars. NULL is an unquoted `\N` or an unquoted empty field, as PostgreSQL and MySQL write it; `""` is
 * an empty text. A line of separators alone is no record, as an empty one is none, nor is a first line `sep=;`. A quote that is
 * never closed, or a text that is neither, is a `SourceRowUnreadable` with its line.
 */
export async function* readRecords(path: string, from: Place = START): AsyncGenerator<TableRecord> {
  const file = basename(path);
  let line = from.line;
  let endsAt = from.byte;
  const written = await writtenWith(path).catch((error) => {
    throw fileFault(path, error);
  });
  const bytes = createReadStream(path, { start: from.byte, highWaterMark: BLOCK });
  try {
    const { encoding, feeds } = written;
    const end = feeds ? "\n" : "\r";
    const letters =
      encoding === "utf-8"
        ? checkedUtf8(bytes, file, from.line, end)
        : fromUtf16(bytes, encoding, file, from.line, end);
    for await (const record of parseRecords(letters, written, from.byte === 0)) {
      const begins = line + record.empty;
      line = begins + 1 + record.breaks;
      endsAt = from.byte + record.endsAt;
      if (record.nothing || (begins === 1 && isHint(record.fields))) continue;
      yield { fields: record.fields, line: begins, endsOn: line, endsAt };
    }
  } catch (error) {
    throw error instanceof RecordDamaged
      ? await unreadable(path, written, { byte: endsAt, line }, error)
      : fileFault(path, error);
  } finally {
    bytes.destroy();
  }
}

/** The line `sep=;` above a header, by which a spreadsheet is told what separates columns. */
const isHint = ([first, ...others]: LegacyRow): boolean =>
  first === "sep=" && others.length === 1 && others[0] === null;

/**
 * How a file separates columns, and how its lines end: each as it does, as a header of one program is put before rows of
 * another; only where there is no line feed at all they end as on an old Macintosh.
 */
async function writtenWith(path: string): Promise<Written> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0);
    const encoding = encodingOf(buffer.subarray(0, bytesRead), basename(path));
    const begins = lettersOf(encoding, buffer.subarray(0, bytesRead));
    const feeds = begins.includes("\n") || !begins.includes("\r");
    refuseTitle(begins, basename(path));
    return { separator: separatorOf(headerIn(begins), path), feeds, encoding };
  } finally {
    await file.close();
  }
}

/** A title above the columns' names would be taken for the one column of a table of one. */
function refuseTitle(begins: string, file: string): void {
  const lines = begins.split(/[\r\n]+/u).filter((line) => /[^\uFEFF]/u.test(line));
  const mark = separatorBelow(lines.slice(0, 3));
  if (mark === undefined) return;
  throw new SourceRowUnreadable(
    `${file}: the first line has one column, and those below have several, with ${called[mark]} between them: it is a title. Nothing was read; take away what stands above the line that names the columns.`,
  );
}
const called = { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars" } as const;

/** The first line that is not empty, to its end outside of quotes, as a name may be of two lines. */
const headerIn = (begins: string): string =>
  /^[\uFEFF\r\n]*((?:"(?:[^"]|"")*(?:"|$)|[^"\r\n])*)/u.exec(begins)?.[1] ?? "";
const BEGINNING = 64 * 1024;

async function unreadable(
  path: string,
  written: Written,
  after: Place,
  error: RecordDamaged,
): Promise<Error> {
  const { line, opened } = await quoteFault(path, written, after, LONGEST_RECORD);
  const since = opened < line ? ` (of a field that begins on line ${opened})` : "";
  return new SourceRowUnreadable(
    `${basename(path)}, line ${line}: ${error.message}${since}; nothing was read. Correct the line or export the table again.`,
    { cause: error },
  );
}
