import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { pipeline } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { SourceRowUnreadable } from "../errors.ts";
import type { LegacyRow } from "../source.ts";
import { utf8Lines } from "./lines.ts";

/** One record of a file: its fields, the line it begins on, and the byte after its end. */
export interface CsvRecord {
  readonly fields: LegacyRow;
  readonly line: number;
  readonly endsAt: number;
}

/** A place between two records, to begin reading there. */
export interface Place {
  readonly byte: number;
  readonly line: number;
}

export const START: Place = { byte: 0, line: 1 };
const LONGEST_RECORD = 16 * 1024 * 1024;

/**
 * Reads a file record by record (RFC 4180, UTF-8, header included). NULL is an unquoted `\N` or an
 * unquoted empty field, as PostgreSQL and MySQL write it; `""` is an empty text. A quote that is
 * never closed, or text that is not UTF-8, is a `SourceRowUnreadable` with its line.
 */
export async function* readRecords(path: string, from: Place = START): AsyncGenerator<CsvRecord> {
  const file = basename(path);
  const parser = parse({
    bom: from.byte === 0,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_RECORD,
    cast: (value, { quoting }) =>
      !quoting && (value === "" || value === "\\N") ? (null as unknown as string) : value,
  });
  const bytes = createReadStream(path, { start: from.byte, highWaterMark: 256 * 1024 });
  const stream = pipeline(bytes, utf8Lines(file, from.line), parser, () => {});
  let line = from.line;
  try {
    for await (const { record, info } of stream) {
      yield { fields: record, line, endsAt: from.byte + info.bytes };
      line = from.line + info.lines;
    }
  } catch (error) {
    throw error instanceof CsvError ? unreadable(file, line, error) : error;
  } finally {
    bytes.destroy();
  }
}

function unreadable(file: string, line: number, error: CsvError): SourceRowUnreadable {
  return new SourceRowUnreadable(
    `${file}, line ${line}: ${WORDS[error.code] ?? error.code}; nothing was read. Correct the line or export the table again.`,
    { cause: error },
  );
}

const WORDS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "a quotation mark is never closed",
  CSV_INVALID_CLOSING_QUOTE: "something follows a closing quotation mark",
  INVALID_OPENING_QUOTE: "a quotation mark stands inside an unquoted field",
  CSV_MAX_RECORD_SIZE: "the record is longer than 16 MiB; a quotation mark may be missing",
};
