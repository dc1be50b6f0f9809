import { isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";
import { type Column, FLOAT, UUID } from "./catalogue.ts";
import { quoted } from "./quoting.ts";

/** A value of a result, as the driver hands it over. */
interface RawField {
  string(encoding: string): string | null;
  buffer(): Buffer | null;
}

/** How a column is asked for, and how its value becomes text. */
export interface Reading {
  readonly sql: string;
  readonly text: (field: RawField) => string | null;
}

/** The server converts what it sends to UTF-8 from the column's own character set, without loss. */
export const asSent = (field: RawField): string | null => field.string("utf8");

/**
 * Reads each column in its own character set. Only where the settings name one that is not UTF-8, its
 * columns are read byte by byte: an application that wrote UTF-8 through a connection of that character
 * set left UTF-8 in them, which a conversion would take apart. A value that is no UTF-8 is what the
 * column says it is, so that a table with both is read right.
 */
export function reading(name: string, column: Column | undefined, charset: string): Reading {
  // Bits come as bytes, which are no text.
  if (column?.type === "bit") return { sql: `${quoted(name)} + 0`, text: asSent };
  // So do UUIDs, which their digits say whole, as a key's do; other bytes may hold a text.
  if (column?.type === UUID) return { sql: `LOWER(HEX(${quoted(name)}))`, text: asSent };
  if (column?.type === FLOAT) return { sql: inDouble(name), text: ofFloat };
  const own = column?.charset ?? null;
  if (own === null || own !== charset.toLowerCase() || own.startsWith("utf8")) {
    return { sql: quoted(name), text: asSent };
  }
  const decoder = decoderOf(own);
  return {
    sql: `CAST(${quoted(name)} AS BINARY)`,
    text: (field) => {
      const bytes = field.buffer();
      return bytes === null || isUtf8(bytes)
        ? (bytes?.toString("utf8") ?? null)
        : decoder.decode(bytes);
    },
  };
}

/** A number of 24 bits to its last digit: as it is, a server shows six digits of it, and 1234567 as 1234570. */
export const inDouble = (name: string): string => `${quoted(name)} + 0E0`;

/** Of six digits as a server shows it, and of more where they do not tell it from every other: 0.1, and not 0.10000000149011612. */
function ofFloat(field: RawField): string | null {
  const text = field.string("utf8");
  if (text === null) return null;
  const number = Number(text);
  const fewest = [6, 7, 8].find((digits) => Math.fround(+number.toPrecision(digits)) === number);
  return String(+number.toPrecision(fewest ?? 9)).replace("e+", "e");
}

/** MySQL's names of character sets that the Encoding Standard knows by others. */
const LABELS: Readonly<Record<string, string>> = {
  latin1: "windows-1252",
  latin2: "iso-8859-2",
  latin5: "iso-8859-9",
  latin7: "iso-8859-13",
  greek: "iso-8859-7",
  hebrew: "iso-8859-8",
  cp1250: "windows-1250",
  cp1251: "windows-1251",
  cp1256: "windows-1256",
  cp1257: "windows-1257",
  cp866: "ibm866",
  koi8r: "koi8-r",
  koi8u: "koi8-u",
  macroman: "macintosh",
  sjis: "shift_jis",
  cp932: "shift_jis",
  ujis: "euc-jp",
  euckr: "euc-kr",
  tis620: "windows-874",
};

function decoderOf(charset: string): TextDecoder {
  try {
    return new TextDecoder(LABELS[charset] ?? charset);
  } catch {
    // What is no UTF-8 then shows as U+FFFD, which the import finds.
    return new TextDecoder("utf-8");
  }
}

/** The list of a select, and {@link textBy} what becomes of its values. */
export const listOf = (readings: readonly Reading[]): string =>
  readings.map(({ sql }, at) => `${sql} AS ${columnAt(at)}`).join(", ");

/** Columns are named by their places, so that each value finds its reading; no table has such a name. */
const columnAt = (at: number): string => `wavegate_${at}`;

export function textBy(readings: readonly Reading[]) {
  if (readings.every(({ text }) => text === asSent)) return asSent;
  const byName = new Map(readings.map(({ text }, at) => [columnAt(at), text]));
  return (field: RawField & { readonly name: string }) => (byName.get(field.name) ?? asSent)(field);
}
