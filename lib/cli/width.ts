/** Two cells each in a terminal: East Asian wide and full-width characters, and emoji. */
const WIDE =
  /[\u1100-\u115f\u231a\u231b\u23e9-\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u26a1\u26bd\u26be\u2705\u270a\u270b\u2728\u274c\u2753-\u2757\u2795-\u2797\u2b1b\u2b1c\u2b50\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{1f004}\u{1f0cf}\u{1f18e}-\u{1f19a}\u{1f1e6}-\u{1f320}\u{1f32d}-\u{1faff}\u{20000}-\u{3fffd}]/u;
/** None: marks on the letter before. */
const MARK = /\p{M}/u;

/** Cells that a terminal needs. */
export function width(text: string): number {
  let cells = 0;
  for (const character of text) {
    if (MARK.test(character)) continue;
    cells += WIDE.test(character) ? 2 : 1;
  }
  return cells;
}

/** Fills with blanks, before or behind. */
export function pad(text: string, size: number, toTheRight: boolean): string {
  const filling = " ".repeat(Math.max(0, size - width(text)));
  return toTheRight ? filling + text : text + filling;
}

/** The text in lines of at most `size` cells: between words, else after a mark, else anywhere. */
export function wrap(text: string, size: number): string[] {
  if (width(text) <= size) return [text];
  const lines: string[] = [];
  let line = "";
  const take = (piece: string) => {
    if (width(line + piece.trimEnd()) > size && line.trim() !== "") {
      lines.push(line.trimEnd());
      line = "";
    }
    line += line === "" ? piece.trimStart() : piece;
  };
  for (const piece of pieces(text, size)) take(piece);
  if (line.trim() !== "") lines.push(line.trimEnd());
  return lines;
}

let segmenter: Intl.Segmenter | undefined;

/** As a person counts them; what finds them takes longer to make than most commands take for all they write. */
const charactersOf = (text: string): string[] => {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return [...segmenter.segment(text)].map(({ segment }) => segment);
};

const BETWEEN_WORDS = /(?<=\s)/u;
const WITHIN_WORDS = /(?<=[-_/.,:;@=)])/u;

/** What a text may be broken into without breaking a word. */
export const parts = (text: string): string[] =>
  text.split(BETWEEN_WORDS).flatMap((word) => word.trimEnd().split(WITHIN_WORDS));

/** Words with the blank behind them; those that are too long, in the parts they may be broken into. */
function pieces(text: string, size: number): string[] {
  const fits = (piece: string) => width(piece.trimEnd()) <= size;
  return text
    .split(BETWEEN_WORDS)
    .flatMap((word) => (fits(word) ? [word] : word.split(WITHIN_WORDS)))
    .flatMap((part) => (fits(part) ? [part] : charactersOf(part)));
}

/** What may be taken of a terminal: a wider one need not be filled; in half of a window it is what that has. */
export const most = Math.max(40, Math.min(80, process.stdout.columns ?? 80));

/** A text behind what introduces it, in lines of at most as many cells: the further ones stand below its beginning. */
export const hanging = (introduced: string, text: string): string[] => {
  const begins = width(introduced);
  return wrap(text, most - begins).map((line, at) =>
    (at === 0 ? introduced + line : " ".repeat(begins) + line).trimEnd(),
  );
};
