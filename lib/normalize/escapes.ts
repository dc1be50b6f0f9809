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
const CODE = /\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|%u([0-9a-fA-F]{4})|u(0[0-6][0-9a-fA-F]{2})/g;
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

const withEntities = (text: string): string =>
  text.replace(
    ENTITY,
    (written, decimal, hex, name, digits, open) =>
      entity(decimal ?? digits, hex, name ?? open) ?? written,
  );

/** Whether a name holds what programs write instead of a letter: entities, `%C3%A9`, `\u00e9`, `=C3=A9`, `\'`. */
export const holdsEscapes = (name: string): boolean =>
  [ENTITY, PERCENT, CODE, QUOTED_PRINTABLE, QUOTED].some((each) => name.search(each) !== -1);

/** Text with the letters that its entities stand for, however often they were written anew (`&amp;eacute;`). */
export function withoutEntities(text: string): string {
  let plain = text;
  for (let round = 0; round < 3; round++) plain = withEntities(plain);
  return plain;
}

/** A name with the letters that programs wrote otherwise. */
export const withoutEscapes = (name: string): string =>
  withoutEntities(name)
    .replace(CODE, (written, u, x, percent, bare) => {
      return character(Number.parseInt(u ?? x ?? percent ?? bare, 16)) ?? written;
    })
    .replace(PERCENT, bytes)
    .replace(QUOTED_PRINTABLE, bytes)
    .replace(QUOTED, "");
