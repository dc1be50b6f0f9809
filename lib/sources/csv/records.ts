import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { pipeline } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { SourceRowUnreadable } from "../errors.ts";
import type { LegacyRow } from "../source.ts";
import { utf8Lines } from "./lines.ts";
import { type Place, START } from "./place.ts";
import { quoteFault } from "./quote-fault.ts";
import { type Separator, separatorOf } from "./separators.ts";

/** One record of a file: its fields, the line it begins on, and the byte after its end. */
export interface CsvRecord {
  readonly fields: LegacyRow;
  readonly line: number;
  readonly endsAt: number;
}

const LONGEST_RECORD = 16 * 1024 * 1024;

/**
 * Reads a file record by record (RFC 4180, UTF-8, header included), its columns separated as its header's are: by commas,
 * semicolons, tabs or bars. NULL is an unquoted `\N` or an unquoted empty field, as PostgreSQL and MySQL write it; `""` is
 * an empty text. A quote that is
 * never closed, or text that is not UTF-8, is a `SourceRowUnreadable` with its line.
 */
export async function* readRecords(path: string, from: Place = START): AsyncGenerator<CsvRecord> {
  const file = basename(path);
  // The parser is ahead of whoever reads its records, and counts CRLF inside quotes as two lines: so
  // lines are counted here, as each record is made, and are exact when the parser stops at a fault.
  let line = from.line;
  let endsAt = from.byte;
  let breaks = 0;
  let empty = 0;
  const { separator, lineEnds } = await writtenWith(path);
  const parser = parse({
    bom: from.byte === 0,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    delimiter: separator,
    record_delimiter: [...lineEnds],
    max_record_size: LONGEST_RECORD,
    cast: (value, { quoting }) => {
      breaks += newlines(value);
      return !quoting && (value === "" || value === "\\N") ? (null as unknown as string) : value;
    },
    on_record: (parsed, { bytes, empty_lines }) => {
      const begins = line + empty_lines - empty;
      line = begins + 1 + breaks;
      endsAt = from.byte + bytes;
      breaks = 0;
      empty = empty_lines;
      // With `info` the parser gives the fields as `record`; what is returned takes their place.
      const { record: fields } = parsed as unknown as { record: LegacyRow };
      return { fields, line: begins, endsAt } satisfies CsvRecord as unknown as string[];
    },
  });
  const bytes = createReadStream(path, { start: from.byte, highWaterMark: 256 * 1024 });
  const stream = pipeline(bytes, utf8Lines(file, from.line), parser, () => {});
  try {
    for await (const record of stream) yield record as unknown as CsvRecord;
  } catch (error) {
    throw error instanceof CsvError
      ? await unreadable(path, separator, { byte: endsAt, line }, error)
      : error;
  } finally {
    bytes.destroy();
  }
}

/**
 * How a file separates columns, and how its lines end: each as it does, as a header of one program is put before rows of
 * another; only where there is no line feed at all they end as on an old Macintosh.
 */
async function writtenWith(
  path: string,
): Promise<{ readonly separator: Separator; readonly lineEnds: readonly string[] }> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0);
    const begins = buffer.toString("utf8", 0, bytesRead);
    const lineEnds = begins.includes("\n") || !begins.includes("\r") ? ["\r\n", "\n"] : ["\r"];
    return { separator: separatorOf(headerIn(begins)), lineEnds };
  } finally {
    await file.close();
  }
}

/** The first line that is not empty, to its end outside of quotes, as a name may be of two lines. */
const headerIn = (begins: string): string =>
  /^[\uFEFF\r\n]*((?:"(?:[^"]|"")*(?:"|$)|[^"\r\n])*)/u.exec(begins)?.[1] ?? "";
const BEGINNING = 64 * 1024;

function newlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

async function unreadable(
  path: string,
  separator: Separator,
  after: Place,
  error: CsvError,
): Promise<Error> {
  const { line, opened } = await quoteFault(path, separator, after, LONGEST_RECORD);
  const since = opened < line ? ` (of a field that begins on line ${opened})` : "";
  return new SourceRowUnreadable(
    `${basename(path)}, line ${line}: ${WORDS[error.code] ?? error.code}${since}; nothing was read. Correct the line or export the table again.`,
    { cause: error },
  );
}

const WORDS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "a quotation mark is never closed",
  CSV_INVALID_CLOSING_QUOTE: "something follows a closing quotation mark",
  INVALID_OPENING_QUOTE: "a quotation mark stands inside an unquoted field",
  CSV_MAX_RECORD_SIZE: "the record is longer than 16 MiB; a quotation mark may be missing",
};
