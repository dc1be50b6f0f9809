/**
 * The letters that masking knows, as ranges of code points: Latin, Greek, Cyrillic, Armenian,
 * Hebrew, Arabic (without tatweel and harakat), Devanagari, Thai, Georgian, Tifinagh, Japanese,
 * Chinese, Korean. Written out because `\p{L}` and PostgreSQL's `[[:alpha:]]` disagree, and the
 * latter changes with the database's locale: both sides of masking are built from this one list.
 */
const ranges: readonly (readonly [number, number])[] = [
  [0x41, 0x5a],
  [0x61, 0x7a],
  [0xc0, 0xd6],
  [0xd8, 0xf6],
  [0xf8, 0x2af],
  [0x370, 0x373],
  [0x388, 0x3f5],
  [0x400, 0x481],
  [0x48a, 0x52f],
  [0x531, 0x556],
  [0x561, 0x587],
  [0x5d0, 0x5ea],
  [0x620, 0x63f],
  [0x641, 0x64a],
  [0x66e, 0x66f],
  [0x671, 0x6d3],
  [0x750, 0x77f],
  [0x904, 0x939],
  [0xe01, 0xe30],
  [0x10a0, 0x10fa],
  [0x1e00, 0x1fbc],
  [0x2d30, 0x2d67],
  [0x3041, 0x3096],
  [0x30a1, 0x30fa],
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3],
  [0xfb50, 0xfbb1],
  [0xfe80, 0xfefc],
];

const escaped = (codePoint: number): string => `\\u${codePoint.toString(16).padStart(4, "0")}`;

/** The inside of a bracket expression, in the notation that JavaScript and PostgreSQL share. */
export const LETTERS: string = ranges
  .map(([first, last]) => `${escaped(first)}-${escaped(last)}`)
  .join("");
