import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import {
  LONGEST_RECORD,
  parseRecords,
  RecordDamaged,
  type Written,
} from "../../lib/sources/csv/parse.ts";
import { mulberry32 } from "../support/random.ts";

/** What is read of some text: rows, each with the line that it begins on and the byte behind it, and what is wrong then. */
interface Read {
  readonly rows: readonly (readonly [
    fields: readonly (string | null)[],
    line: number,
    endsAt: number,
  ])[];
  readonly damaged?: string;
}

/** The reader under test, of bytes that come in pieces of so many. */
async function ours(bytes: Buffer, written: Written, size: number): Promise<Read> {
  const rows: Read["rows"][number][] = [];
  let line = 1;
  try {
    for await (const record of parseRecords(pieces(bytes, size), written, true)) {
      const begins = line + record.empty;
      line = begins + 1 + record.breaks;
      rows.push([record.fields, begins, record.endsAt]);
    }
  } catch (error) {
    if (!(error instanceof RecordDamaged)) throw error;
    return { rows, damaged: error.message };
  }
  return { rows };
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

/** csv-parse, asked for the same. */
function theirs(bytes: Buffer, { separator, feeds }: Written): Read {
  const rows: Read["rows"][number][] = [];
  let [line, breaks, empty] = [1, 0, 0];
  try {
    parse(bytes, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      delimiter: separator,
      record_delimiter: feeds ? ["\r\n", "\n"] : ["\r"],
      cast: (value, { quoting }) => {
        breaks += value.split(feeds ? "\n" : "\r").length - 1;
        return !quoting && (value === "" || value === "\\N") ? null : value;
      },
      on_record: (fields: (string | null)[], { bytes: endsAt, empty_lines }) => {
        const begins = line + empty_lines - empty;
        rows.push([fields, begins, endsAt]);
        line = begins + 1 + breaks;
        [breaks, empty] = [0, empty_lines];
        return null;
      },
    });
  } catch (error) {
    return { rows, damaged: words[(error as { code: string }).code] ?? String(error) };
  }
  return { rows };
}

const words: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "a quotation mark is never closed",
  CSV_INVALID_CLOSING_QUOTE: "something follows a closing quotation mark",
  INVALID_OPENING_QUOTE: "a quotation mark stands inside an unquoted field",
};

const random = mulberry32(20_261_128);
const oneOf = <Of>(list: readonly Of[]): Of => list[Math.floor(random() * list.length)] as Of;
const separators = [",", ";", "\t", "|"] as const;

/** Letters that mean something to a reader, next to others of one to four bytes. */
const letters = [
  '"',
  '""',
  ",",
  ";",
  "\t",
  "|",
  "\r",
  "\n",
  "\r\n",
  "\\N",
  "\\",
  " ",
  "a",
  "é",
  "س",
  "🌸",
  "\uFEFF",
  "\u2028",
  "0",
];
const noise = (most: number) =>
  Array.from({ length: Math.floor(random() * most) }, () => oneOf(letters)).join("");

/** A field as programs write it, or nearly. */
function field(separator: string): string {
  const text = noise(6);
  switch (oneOf(["quoted", "quoted", "plain", "plain", "empty", "null", "noise"])) {
    case "quoted":
      return `"${text.replaceAll('"', '""')}"`;
    case "plain":
      return text.replaceAll(/["\r\n]/gu, "").replaceAll(separator, "");
    case "null":
      return "\\N";
    case "noise":
      return random() < 0.3 ? text : "";
    default:
      return "";
  }
}

function file({ separator, feeds }: Written): string {
  const end = () => (feeds ? oneOf(["\n", "\r\n"]) : "\r");
  const rows = Array.from({ length: 1 + Math.floor(random() * 8) }, () => {
    const fields = Array.from({ length: 1 + Math.floor(random() * 4) }, () => field(separator));
    return fields.join(separator) + end().repeat(random() < 0.2 ? 2 : 1);
  });
  const text = (random() < 0.2 ? "\uFEFF" : "") + (random() < 0.1 ? end() : "") + rows.join("");
  return random() < 0.3 ? text.replace(/[\r\n]+$/u, "") : text;
}

describe("V11 W13 the reader of CSV", () => {
  it.each([
    ["as programs write it", (written: Written) => file(written)],
    ["of which nothing fits", () => noise(40)],
  ])(
    "reads the same rows as csv-parse, with their lines and places, or finds the same damage: text %s",
    async (_, make) => {
      const seen = { whole: 0, damaged: 0 };
      for (let turn = 0; turn < 3_000; turn++) {
        const written: Written = {
          separator: oneOf(separators),
          feeds: random() < 0.8,
          encoding: "utf-8",
        };
        const text = make(written);
        const bytes = Buffer.from(text);
        const expected = theirs(bytes, written);
        const found = await ours(bytes, written, oneOf([3, 7, 1_000]));
        expect(found, JSON.stringify({ text, written })).toEqual(expected);
        seen[expected.damaged === undefined ? "whole" : "damaged"] += 1;
      }
      expect(seen.whole).toBeGreaterThan(300);
      expect(seen.damaged).toBeGreaterThan(60);
    },
  );

  it.each([1_000_003, 2 * LONGEST_RECORD])(
    "holds a record of %i bytes a piece up to 16 MiB, and refuses a longer one, ended or not, when it has read no more than that and a piece",
    async (size) => {
      const written = { separator: ",", feeds: true, encoding: "utf-8" } as const;
      const record = (bytes: number) => Buffer.from(`"${"a".repeat(bytes - 3)}"\n`);
      const text = Buffer.concat([record(LONGEST_RECORD), record(5)]);
      expect((await ours(text, written, size)).rows.map(([fields]) => fields[0]?.length)).toEqual([
        LONGEST_RECORD - 3,
        2,
      ]);
      const damaged = "the record is longer than 16 MiB; a quotation mark may be missing";
      const ended = Buffer.concat([record(LONGEST_RECORD + 1), record(5)]);
      expect(await ours(ended, written, size)).toEqual({ rows: [], damaged });
      let read = 0;
      const endless = (async function* () {
        for (yield Buffer.from('"'); ; read += size) yield Buffer.alloc(size, "a");
      })();
      await expect(parseRecords(endless, written, false).next()).rejects.toThrow(damaged);
      expect(read).toBeLessThanOrEqual(LONGEST_RECORD + size);
    },
  );
});
