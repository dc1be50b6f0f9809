/** A letter of HTML's names, and the mark that is named behind it: `Eacute`, `ccedil`. */
const MARKS: Readonly<Record<string, string>> = {
  grave: "\u0300",
  acute: "\u0301",
  circ: "\u0302",
  tilde: "\u0303",
  uml: "\u0308",
  ring: "\u030A",
  caron: "\u030C",
  cedil: "\u0327",
};
const MARKED = new RegExp(`^([A-Za-z])(${Object.keys(MARKS).join("|")})$`);
const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00A0",
  shy: "\u00AD",
  lsquo: "‘",
  rsquo: "’",
  ldquo: "“",
  rdquo: "”",
  laquo: "«",
  raquo: "»",
  ndash: "–",
  mdash: "—",
  hellip: "…",
  deg: "°",
  ordm: "º",
  ordf: "ª",
  AElig: "Æ",
  aelig: "æ",
  OElig: "Œ",
  oelig: "œ",
  Oslash: "Ø",
  oslash: "ø",
  ETH: "Ð",
  eth: "ð",
  THORN: "Þ",
  thorn: "þ",
  szlig: "ß",
};

const ENTITY =
  /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,30}));|&#(\d{2,7})|&([A-Za-z](?:grave|acute|circ|tilde|uml|ring|caron|cedil))/g;
const PERCENT = /(?:%[0-9A-Fa-f]{2})+/g;
const QUOTED_PRINTABLE = /(?:=[0-9A-F]{2})+/g;
const CODE =
  /\\u\{?([0-9a-fA-F]{4})\}?|<U\+([0-9a-fA-F]{4})>|\\x([0-9a-fA-F]{2})|%u([0-9a-fA-F]{4})|u(0[0-6][0-9a-fA-F]{2})/g;
/** Octal numbers of bytes, as C and PHP write them: `\\351`, `\\303\\251`. */
const OCTAL = /(?:\\[0-3][0-7]{2})+/g;
/** UTF-7, of which only letters beyond ASCII are in base 64: `Andr+AOk-`. */
const UTF7 = /\+([A-Za-z0-9+/]{3,})-/g;
/** Entities without their beginning: `eacute;`, `#233;`. */
const BEGINNING_LOST =
  /(?<!&)#(\d{2,5}|[xX][0-9a-fA-F]{2,4});|(?<!&)([A-Za-z](?:grave|acute|circ|tilde|uml|ring|caron|cedil));/g;
/** What an editor puts around words. Other markup is what somebody typed, and stays text (D9). */
const TAG =
  /<\/?(?:b|i|u|em|strong|small|p|br|span|div|font|td|tr|li|h[1-6])(?:\s[^<>]{0,200})?\s*\/?>/gi;
/** A byte in the rich text of word processors, or shown by a console: `\\'e9`, `<e9>`. */
const BYTE = /\\'([0-9a-f]{2})|<([0-9a-fA-F]{2})>/g;
const QUOTED = /\\+(?=['"’])/g;

const character = (code: number): string | null =>
  code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : null;

/** The character that an entity of HTML stands for; null for one that is not known. */
function entity(decimal?: string, hex?: string, name?: string): string | null {
  if (decimal !== undefined) return character(Number(decimal));
  if (hex !== undefined) return character(Number.parseInt(hex, 16));
  const [, letter, mark] = MARKED.exec(name ?? "") ?? [];
  if (letter !== undefined && mark !== undefined) return (letter + MARKS[mark]).normalize("NFC");
  return NAMED[name ?? ""] ?? null;
}

/** Bytes that a program wrote in ASCII, as UTF-8, or else as the Latin-1 of old scripts. */
function bytes(escaped: string): string {
  const buffer = Buffer.from(escaped.replace(/[%=]/g, ""), "hex");
  const text = buffer.toString("utf8");
  return text.includes("\uFFFD") ? buffer.toString("latin1") : text;
}

/** Octal numbers as the bytes that they are. */
const octal = (escaped: string): string =>
  bytes(
    escaped.replace(/\\(\d{3})/g, (_, digits) =>
      Number.parseInt(digits, 8).toString(16).padStart(2, "0"),
    ),
  );

/** Letters in base 64, or what was there where it is none of letters. */
function utf7(written: string, base64: string): string {
  const text = Buffer.from(base64, "base64").swap16().toString("utf16le");
  return /^\p{L}+$/u.test(text) ? text : written;
}

const isEvenBase64 = (base64: string): boolean => Buffer.from(base64, "base64").length % 2 === 0;

const withEntities = (text: string): string =>
  text.replace(
    ENTITY,
    (written, decimal, hex, name, digits, open) =>
      entity(decimal ?? digits, hex, name ?? open) ?? written,
  );

/** Whether a name holds what programs write instead of a letter: entities, `%C3%A9`, `\u00e9`, `\351`, `=C3=A9`, `\'`. */
export const holdsEscapes = (name: string): boolean =>
  SIGN_OF_ONE.test(name) &&
  (ESCAPES.some((each) => name.search(each) !== -1) || fromUtf7(name) !== name);
const SIGN_OF_ONE = /[&%\\=+#;<]|u0/;
const ESCAPES = [ENTITY, PERCENT, CODE, OCTAL, QUOTED_PRINTABLE, BYTE, QUOTED, BEGINNING_LOST, TAG];

const fromUtf7 = (name: string): string =>
  name.replace(UTF7, (written, base64) => (isEvenBase64(base64) ? utf7(written, base64) : written));

/** Words of a mail's head that are written in ASCII: `=?UTF-8?B?w4lsaXNl?=`, `=?iso-8859-1?Q?Andr=E9?=`. */
const ENCODED_WORD =
  /=\?([\w-]{2,20})\?([BbQq])\?([^?\s]{1,200})\?=(?:\s+(?==\?[\w-]{2,20}\?[BbQq]\?))?/g;

/** Text with the words that mail programs write in ASCII as they are read; what no character set says stays. */
export const withoutEncodedWords = (text: string): string =>
  text.replace(ENCODED_WORD, (written, set, way, encoded) => {
    const hex = (byte: string) => String.fromCharCode(Number.parseInt(byte, 16));
    const bytes =
      way.toUpperCase() === "B"
        ? Buffer.from(encoded, "base64")
        : Buffer.from(
            encoded
              .replaceAll("_", " ")
              .replace(/=([0-9A-Fa-f]{2})/g, (_: string, byte: string) => hex(byte)),
            "latin1",
          );
    try {
      return new TextDecoder(set, { fatal: true }).decode(bytes);
    } catch {
      return written;
    }
  });

/** Text with the letters that its entities stand for, however often they were written anew (`&amp;eacute;`). */
export function withoutEntities(text: string): string {
  let plain = text;
  for (let round = 0; round < 3; round++) plain = withEntities(plain);
  return plain;
}

/** A name with the letters that programs wrote otherwise. */
export const withoutEscapes = (name: string): string =>
  fromUtf7(withoutEntities(name.replace(BEGINNING_LOST, "&$&")))
    .replace(CODE, (written, u, r, x, percent, bare) => {
      return character(Number.parseInt(u ?? r ?? x ?? percent ?? bare, 16)) ?? written;
    })
    .replace(PERCENT, bytes)
    .replace(QUOTED_PRINTABLE, bytes)
    .replace(OCTAL, octal)
    .replace(BYTE, (_, rich, shown) => bytes(rich ?? shown))
    .replace(TAG, " ")
    .replace(QUOTED, "")
    .trim();
