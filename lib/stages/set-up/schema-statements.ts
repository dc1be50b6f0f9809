import { readdir, readFile } from "node:fs/promises";
import { literal } from "../../data/sql.ts";

const schemaFolder = new URL("../../data/schema/", import.meta.url);

/** The DDL of what all migrations share, in order. */
export async function schemaStatements(): Promise<string[]> {
  const files = (await readdir(schemaFolder)).filter((file) => file.endsWith(".sql")).sort();
  const texts = await Promise.all(
    files.map((file) => readFile(new URL(file, schemaFolder), "utf8")),
  );
  return texts.flatMap(splitStatements);
}

/** Statements end with a semicolon at the end of a line, outside a `$$` body and not in a comment. */
export function splitStatements(text: string): string[] {
  const statements: string[] = [];
  let current = "";
  let inBody = false;
  for (const line of text.split("\n")) {
    if (!inBody && /^\s*--/.test(line)) continue;
    if ((line.split("$$").length - 1) % 2 === 1) inBody = !inBody;
    current += `${line}\n`;
    if (!inBody && /;\s*(--.*)?$/.test(line)) {
      statements.push(current.replace(/;\s*(--.*)?\s*$/, "").trim());
      current = "";
    }
  }
  return current.trim() === "" ? statements : [...statements, current.trim()];
}

/** Where the platform's tables are found, for roles that look for nothing else there. */
export const platformPath = (path: string): string =>
  `create or replace function wavegate.platform_path() returns text
language sql stable set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$ select ${literal(path)} $$`;
