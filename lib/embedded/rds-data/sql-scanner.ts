/** A statement's text taken apart at its named parameters. */
export interface ScannedSql {
  /** What stands between the parameters: always one more than `names`. */
  readonly texts: readonly string[];
  /** The parameters in order of appearance, without the colon; a name may come again. */
  readonly names: readonly string[];
  /** The first word, in lower case: `select`, `with`, `insert`, … */
  readonly keyword: string;
  /** Whether something other than blanks and comments follows a semicolon. */
  readonly multiple: boolean;
  readonly endsWithSemicolon: boolean;
  /** Whether the text has PostgreSQL's own `$1`, which the service does not know. */
  readonly positional: boolean;
  /** Whether it has a `?`, as PostgreSQL's operators about keys of an object do: the service's driver takes it for a parameter. */
  readonly questioned: boolean;
  /** The text without comments and without what strings hold; quoted names stand in it without their quotes. */
  readonly bare: string;
}

const NAME = /[A-Za-z0-9_]+/y;
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const NUMBER = /\d[\w.]*/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const POSITIONAL = /\$\d+/y;
const STRING = /'[^']*(?:''[^']*)*(?:'|$)/y;
const ESCAPE_STRING = /'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*(?:'|$)/y;
const QUOTED = /"[^"]*(?:""[^"]*)*(?:"|$)/y;
const LINE_COMMENT = /--[^\n\r]*/y;
const BLANKS = /\s+/y;

/**
 * Finds the `:name` parameters of an SQL text. What looks like one in a string, a dollar quote, a
 * quoted identifier or a comment is left alone, and so are casts (`::text`) and `:=`.
 */
export function scanSql(sql: string): ScannedSql {
  const texts: string[] = [];
  const names: string[] = [];
  let keyword = "";
  let multiple = false;
  let afterSemicolon = false;
  let positional = false;
  let questioned = false;
  let bare = "";
  let from = 0;
  let at = 0;

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(sql)?.[0];
  };
  /** The token at `at`, when it is one that can hold a colon or a semicolon without meaning it. */
  const opaque = (): string | undefined => {
    switch (sql[at]) {
      case "'":
        return match(STRING);
      case '"':
        return match(QUOTED);
      case "$": {
        const tag = match(DOLLAR_TAG);
        return tag ? through(sql, at, tag) : undefined;
      }
      default:
        return undefined;
    }
  };

  while (at < sql.length) {
    const skipped =
      match(BLANKS) ?? (sql.startsWith("--", at) ? match(LINE_COMMENT) : blockComment(sql, at));
    if (skipped !== undefined) {
      bare += " ";
      at += skipped.length;
      continue;
    }
    if (sql[at] === ";") {
      afterSemicolon = true;
      at++;
      continue;
    }
    multiple ||= afterSemicolon;
    const quoted = opaque();
    if (quoted !== undefined) {
      bare += quoted.startsWith('"') ? quoted.replaceAll('"', "") : "''";
      at += quoted.length;
      continue;
    }
    const word = match(WORD);
    if (word !== undefined) {
      keyword ||= word.toLowerCase();
      bare += word;
      at += word.length;
      if (/^e$/i.test(word) && sql[at] === "'") {
        bare += "''";
        at += match(ESCAPE_STRING)?.length ?? 0;
      }
      continue;
    }
    if (sql[at] === ":") {
      const { length, name } = colon(sql, at);
      bare += ":";
      if (name !== undefined) {
        texts.push(sql.slice(from, at));
        names.push(name);
        from = at + length;
      }
      at += length;
      continue;
    }
    questioned ||= sql[at] === "?";
    positional ||= match(POSITIONAL) !== undefined;
    const other = match(NUMBER) ?? sql[at];
    bare += other;
    at += other?.length ?? 1;
  }
  texts.push(sql.slice(from));
  return {
    texts,
    names,
    keyword,
    multiple,
    endsWithSemicolon: afterSemicolon,
    positional,
    questioned,
    bare,
  };
}

/** `::` and `:=` are PostgreSQL's; a colon before a name is a parameter; else it is just a colon. */
function colon(sql: string, at: number): { length: number; name?: string } {
  const next = sql[at + 1];
  if (next === ":" || next === "=") return { length: 2 };
  NAME.lastIndex = at + 1;
  const name = NAME.exec(sql)?.[0];
  return name === undefined ? { length: 1 } : { length: name.length + 1, name };
}

/** From `at`, where `quote` stands, through its next appearance. */
function through(sql: string, at: number, quote: string): string {
  const end = sql.indexOf(quote, at + quote.length);
  return end < 0 ? sql.slice(at) : sql.slice(at, end + quote.length);
}

/** The block comment at `at`; PostgreSQL's may hold others. */
function blockComment(sql: string, at: number): string | undefined {
  if (!sql.startsWith("/*", at)) return undefined;
  const edge = /\/\*|\*\//g;
  edge.lastIndex = at;
  let depth = 0;
  for (let found = edge.exec(sql); found; found = edge.exec(sql)) {
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) return sql.slice(at, edge.lastIndex);
  }
  return sql.slice(at);
}
