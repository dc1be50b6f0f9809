import type { Mutant } from "./mutant.ts";

/** Mistakes in SQL: a guard turned round, weakened or dropped. What Stryker makes of a text is only another text. */
const mistakes: readonly (readonly [kind: string, pattern: RegExp, replacement: string])[] = [
  ["a comparison turned round", /(?<=\s)=(?=\s)/g, "<>"],
  ["a comparison turned round", /(?<=\s)<>(?=\s)/g, "="],
  ["a limit moved by one", /(?<=\s)<(?=\s)/g, "<="],
  ["a limit moved by one", /(?<=\s)>(?=\s)/g, ">="],
  ["a limit moved by one", /(?<=\s)<=(?=\s)/g, "<"],
  ["a limit moved by one", /(?<=\s)>=(?=\s)/g, ">"],
  ["and for or", /(?<=\s)and(?=\s)/g, "or"],
  ["or for and", /(?<=\s)or(?=\s)/g, "and"],
  ["a not dropped", /\bnot (?=exists|in\b|\()/g, ""],
  ["a not added", /(?<!not )\bexists (?=\()/g, "not exists "],
  ["null for not null", /\bis not null\b/g, "is null"],
  ["not null for null", /\bis null\b/g, "is not null"],
  ["distinct turned round", /\bis distinct from\b/g, "is not distinct from"],
  ["distinct turned round", /\bis not distinct from\b/g, "is distinct from"],
  [
    "a condition dropped",
    /\sand (?:\w+\.)?\w+ (?:=|<>|<=?|>=?|is|in) (?:not null|null|\([^()]*\)|'[^']*'|\$\{[^{}]*\}|[\w.]+)(?=\s|$|\))/g,
    "",
  ],
  [
    "a condition dropped",
    /\bwhere (?:\w+\.)?\w+ (?:=|<>|<=?|>=?|is|in) (?:not null|null|\([^()]*\)|'[^']*'|\$\{[^{}]*\}|[\w.]+)(?=\s|$|\))/g,
    "where true",
  ],
  ["the last for the first", /\bmin\(/g, "max("],
  ["the first for the last", /\bmax\(/g, "min("],
  ["an inner join", /\bleft join\b/g, "join"],
];

/** Whether a text is SQL, and no sentence. */
const isSql = (text: string): boolean =>
  /\b(?:select|where|exists \(|coalesce\(|is (?:not )?null|is (?:not )?distinct|in \()/.test(
    text,
  ) && !/[a-z]\. [A-Z]/.test(text);

/** Mutants of the SQL in a file: all of it, or the template texts of a TypeScript file that hold some. */
export function mutantsOfSql(file: string, content: string): Mutant[] {
  const texts = file.endsWith(".sql")
    ? [{ from: 0, text: withoutComments(content) }]
    : templates(content);
  return texts
    .filter(({ text }) => isSql(text))
    .flatMap(({ from, text }) =>
      mistakes.flatMap(([kind, pattern, replacement]) =>
        [...text.matchAll(pattern)].map((found) => ({
          file,
          from: from + found.index,
          upTo: from + found.index + found[0].length,
          replacement,
          kind: `sql: ${kind}`,
        })),
      ),
    );
}

/** SQL with its comments blanked out, each character in its place. */
const withoutComments = (text: string): string =>
  text.replace(/--[^\n]*/g, (comment) => " ".repeat(comment.length));

/** The outermost template texts of a TypeScript file, with what they take in. */
function templates(content: string): { from: number; text: string }[] {
  const found: { from: number; text: string }[] = [];
  // Innermost last: `\`` within a template's text, `{` within code.
  const within: ("`" | "{")[] = [];
  let from = 0;
  for (let at = 0; at < content.length; at += 1) {
    const two = content.slice(at, at + 2);
    const [sign] = two;
    if (within.at(-1) === "`") {
      if (sign === "\\") at += 1;
      else if (two === "${") {
        within.push("{");
        at += 1;
      } else if (sign === "`") {
        within.pop();
        if (within.length === 0)
          found.push({ from, text: withoutComments(content.slice(from, at)) });
      }
      continue;
    }
    const skipped = /^(?:\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/.exec(
      two === "//" || two === "/*" || sign === '"' || sign === "'" ? content.slice(at) : "",
    );
    if (skipped) at += skipped[0].length - 1;
    else if (sign === "`") {
      if (within.length === 0) from = at + 1;
      within.push("`");
    } else if (within.length > 0 && sign === "{") within.push("{");
    else if (sign === "}" && within.at(-1) === "{") within.pop();
  }
  return found;
}
