import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Problem } from "./problem.ts";

/** Where in a migration's files something stands. */
export interface Located extends Problem {
  /** Relative to the folder above `migrations/`. */
  readonly file: string;
  /** From 1; null where no line names it. */
  readonly line: number | null;
}

/** Finds the line of each problem in the files of a migration, as people find it: by what it is about. */
export function locate(root: string, migration: string, problems: readonly Problem[]): Located[] {
  const folder = join(root, "migrations", migration);
  const files: Lines[] = filesIn(folder).map((path) => ({
    file: relative(root, path),
    lines: readFileSync(path, "utf8").split("\n"),
  }));
  const whole = join("migrations", migration, "definition.ts");
  return problems.map((problem) => {
    const { of } = problem;
    const own = of === undefined ? [] : files.flatMap((file) => partOf(file, of));
    for (const among of [own, files]) {
      // Where a thing is said what it is comes before where its name only stands, as in a table's columns.
      for (const looks of [says, names, holds]) {
        for (const { file, lines, from = 0 } of among) {
          const line = lines.findIndex((text) => looks(text, problem.about));
          if (line >= 0) return { ...problem, file, line: from + line + 1 };
        }
      }
    }
    return { ...problem, file: whole, line: null };
  });
}

interface Lines {
  readonly file: string;
  readonly lines: readonly string[];
  /** How many lines stand before them in the file. */
  readonly from?: number;
}

/** The lines in which a kind of things is said what it is: from its own beginning to the next one's. */
function partOf({ file, lines }: Lines, name: string): Lines[] {
  const begins = (text: string) => /\bentity\(\s*["']/u.test(text);
  const from = lines.findIndex((text) => begins(text) && text.includes(JSON.stringify(name)));
  if (from < 0) return [];
  const next = lines.findIndex((text, at) => at > from && begins(text));
  return [{ file, lines: lines.slice(from, next < 0 ? undefined : next), from }];
}

/** The definition first, then what it imports. */
function filesIn(folder: string): string[] {
  let found: string[];
  try {
    found = readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch {
    return [];
  }
  return found
    .filter((name) => name.endsWith(".ts"))
    .sort((one, other) => Number(other === "definition.ts") - Number(one === "definition.ts"))
    .map((name) => join(folder, name));
}

/** Whether a line says what something is: its key, below those of the migration itself such as its name. */
const says = (line: string, about: string): boolean =>
  /^ {3}/u.test(line) && line.trimStart().startsWith(`${about}:`);

/** Whether a line names something: in quotes, or as the key before a colon. */
function names(line: string, about: string): boolean {
  if (about === "" || /^\s*(\/\/|\*|import\b)/u.test(line)) return false;
  const key = line.trimStart();
  return line.includes(JSON.stringify(about)) || key.startsWith(`${about}:`);
}

/** Whether a line holds it inside something: a key between others, or a column in "table(column)". */
function holds(line: string, about: string): boolean {
  if (about === "" || /^\s*(\/\/|\*|import\b)/u.test(line)) return false;
  const word = about.replaceAll(/[\\^$.*+?()[\]{}|]/gu, "\\$&");
  return new RegExp(`[{,]\\s*${word}:|"[^"]*[(,]\\s*${word}\\s*[,)]`, "u").test(line);
}
