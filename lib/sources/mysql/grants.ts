/**
 * Reads `SHOW GRANTS`: what a user may do to anything that can reach one database. MySQL and
 * MariaDB write the same lines with small differences; what a line says beyond what is understood
 * here counts as a privilege, so that a doubt never passes as "SELECT only" (R1).
 */
interface Grants {
  /** Upper-case, sorted, each once; `USAGE` is nothing and left out. */
  readonly privileges: readonly string[];
  /** Roles granted to the user, as they are written in `SET ROLE`, e.g. `` `reader` `` . */
  readonly roles: readonly string[];
}

/** Understands the lines of `SHOW GRANTS` as far as they concern `database`. */
export function readGrants(lines: readonly string[], database: string): Grants {
  const privileges = new Set<string>();
  const roles = new Set<string>();
  for (const line of lines.map((each) => each.trim())) {
    // A partial REVOKE only takes away, SET DEFAULT ROLE only names: the widest reading counts.
    if (!/^GRANT /i.test(line)) continue;
    const bare = withoutStrings(line);
    const rule = /^GRANT (.+?) ON (.+?) TO /is.exec(bare);
    if (rule === null) {
      for (const role of grantedRoles(line)) roles.add(role);
      if (/WITH ADMIN OPTION/i.test(bare)) privileges.add("ADMIN OPTION");
      continue;
    }
    const [, what = "", where = ""] = rule;
    if (!reaches(where.trim(), database)) continue;
    for (const privilege of splitPrivileges(what)) privileges.add(privilege);
    if (/WITH(?: \S+ \d+)* GRANT OPTION/i.test(bare)) privileges.add("GRANT OPTION");
  }
  privileges.delete("USAGE");
  return { privileges: [...privileges].sort(), roles: [...roles].sort() };
}

/** Password hashes and their kind say nothing here and may hold any text. */
function withoutStrings(line: string): string {
  return line.replace(/'(?:[^'\\]|\\.|'')*'/g, "''");
}

/** `SELECT (id, nom), INSERT` → `SELECT`, `INSERT`; a column list narrows, it does not change the kind. */
function splitPrivileges(what: string): string[] {
  return what
    .replace(/\([^)]*\)/g, "")
    .split(",")
    .map((privilege) => privilege.trim().toUpperCase().replace(/\s+/g, " "))
    .map((privilege) => (privilege === "ALL" ? "ALL PRIVILEGES" : privilege))
    .filter((privilege) => privilege !== "");
}

/** `*.*`, the database itself or a pattern for it, anything in it, and a proxied user reach it. */
function reaches(where: string, database: string): boolean {
  const object = where.replace(/^(?:TABLE|FUNCTION|PROCEDURE|PACKAGE BODY|PACKAGE)\s+/i, "");
  const name = /^(`(?:[^`]|``)*`|"(?:[^"]|"")*"|[^.@]+)\./.exec(object)?.[1];
  // Without a database in front it is a user (GRANT PROXY) or unknown: both count.
  if (name === undefined || name === "*") return true;
  return matches(unquote(name), database);
}

function unquote(name: string): string {
  const quote = name[0] ?? "";
  if (quote !== "`" && quote !== '"') return name;
  return name.slice(1, -1).replaceAll(quote + quote, quote);
}

/** A granted database name is a pattern: `%` and `_` are wildcards unless escaped by `\`. */
function matches(pattern: string, database: string): boolean {
  const source = pattern.replace(/\\([%_\\])|[%_]|[^\p{L}\p{N}_%]/gu, (found, escaped) => {
    if (found === "%") return ".*";
    if (found === "_") return ".";
    return asRegExp(escaped ?? found);
  });
  return new RegExp(`^${source}$`, "isu").test(database);
}

function asRegExp(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

/** `` GRANT `a`@`%`,`b`@`%` TO `u`@`%` `` (MySQL) or `` GRANT `a` TO `u`@`%` `` (MariaDB). */
function grantedRoles(line: string): string[] {
  const list = /^GRANT (.+?) TO /is.exec(line)?.[1] ?? "";
  return list.match(/(?:`(?:[^`]|``)*`|[\w$]+)(?:@(?:`(?:[^`]|``)*`|[\w$%.]+))?/g) ?? [];
}
