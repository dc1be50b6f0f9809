/** A name, and what is made under it: a table or view, something that comes with one, or a function. */
export interface MadeName {
  readonly name: string;
  readonly kind: "table" | "beside" | "function";
}

const made =
  /\bcreate (?:or replace |unique )*(table|view|index|function)(?: if not exists)? (?:wavegate\.)?(?:"([^"]+)"|([a-z_][a-z0-9_]*))/giu;

/**
 * The names that DDL gives in the schema `wavegate`, those included that PostgreSQL gives to what comes with a table: keys
 * and sequences. Tables, views, indexes and sequences share one list of names there.
 */
export function namesMadeBy(statements: readonly string[]): readonly MadeName[] {
  return statements.flatMap((statement) => {
    const names = new Map<string, MadeName["kind"]>();
    for (const [, what, quoted, plain] of statement.matchAll(made)) {
      const name = quoted ?? plain ?? "";
      const kind = what?.toLowerCase();
      if (kind === "table") {
        for (const each of comesWith(name, statement)) names.set(each, "beside");
      }
      names.set(name, kind === "function" ? kind : kind === "index" ? "beside" : "table");
    }
    return [...names].map(([name, kind]) => ({ name, kind }));
  });
}

/** The columns that a statement makes a table with, in their order. */
export const columnsMadeBy = (statement: string): readonly string[] =>
  [...statement.matchAll(/^ {2}(?:"([^"]+)"|([a-z_][a-z0-9_]*)) /gmu)]
    .map(([, quoted, plain = ""]) => quoted ?? plain)
    .filter((name) => !["primary", "unique", "check", "foreign", "constraint"].includes(name));

/** Of what comes with a table; what would be too long PostgreSQL shortens, which is not told here. */
function comesWith(table: string, text: string): string[] {
  const columns = (behind: string) =>
    [...text.matchAll(new RegExp(`^\\s*"?([a-z_][a-z0-9_]*)"?\\s[^\\n]*?${behind}`, "gimu"))].map(
      ([, name]) => name,
    );
  const together = [...text.matchAll(/^\s*unique (?:nulls not distinct )?\(([^)]*)\)/gimu)].map(
    ([, list = ""]) =>
      list
        .replaceAll('"', "")
        .split(/\s*,\s*/u)
        .join("_"),
  );
  return [
    ...(/\bprimary key\b/iu.test(text) ? [`${table}_pkey`] : []),
    ...columns("\\bgenerated (?:always|by default) as identity\\b").map(
      (of) => `${table}_${of}_seq`,
    ),
    ...[...columns("\\bunique\\b"), ...together].map((of) => `${table}_${of}_key`),
  ];
}
