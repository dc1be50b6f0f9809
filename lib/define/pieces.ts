/** A piece of a text that is made of columns: itself, or a column, with the word that stands where it holds nothing. */
export type Piece =
  | { readonly text: string }
  | { readonly column: string; readonly word: string | undefined };

const PIECE = /\{([^{}|]+)(?:\|([^{}]*))?\}|[^{]+|\{/gu;

/** The pieces of a text such as `{first} {last|none}`, in their order. */
export const piecesOf = (text: string): readonly Piece[] =>
  [...text.matchAll(PIECE)].map(([text, column, word]) =>
    column === undefined ? { text } : { column, word },
  );
