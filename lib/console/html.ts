/** A piece of HTML: its text is safe, as only {@link html} makes one. */
export class Html {
  readonly #text: string;

  constructor(text: string, made: symbol) {
    if (made !== byTag) throw new TypeError("HTML is only made by the html tag.");
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

const byTag = Symbol("made by the html tag");

/** What may stand in a template: text is escaped, HTML and lists of it are taken, nothing gives nothing. */
export type Part = Html | string | number | null | undefined | false | readonly Part[];

/**
 * Builds HTML: whatever is put in is escaped, also within a quoted attribute. There is no way to
 * put in unescaped text, so that a name can never become markup.
 */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const text = texts.reduce((before, after, index) => before + written(parts[index - 1]) + after);
  return new Html(text, byTag);
}

/** Nothing. */
export const nothing: Html = html``;

function written(part: Part): string {
  if (part === null || part === undefined || part === false) return "";
  if (part instanceof Html) return part.toString();
  if (Array.isArray(part)) return part.map(written).join("");
  return escaped(String(part));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/** Escaped for text and quoted attributes; characters that no page may show are dropped. */
function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is dropped.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "")
      // Marks that reorder text could make one name read as another.
      .replace(/[\u202a-\u202e\u2066-\u2069]/g, "")
      .replace(/[&<>"'`]/g, (character) => entities[character] ?? "")
      .toWellFormed()
  );
}
