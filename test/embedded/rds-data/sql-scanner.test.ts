import { expect, it } from "vitest";
import { scanSql } from "../../../lib/embedded/rds-data/sql-scanner.ts";

it("finds a parameter, and again where it comes again", () => {
  expect(scanSql("SELECT :a, :b_2 + :a")).toMatchObject({
    names: ["a", "b_2", "a"],
    texts: ["SELECT ", ", ", " + ", ""],
  });
});

it("finds numbered parameters", () => {
  expect(scanSql("VALUES (:1, :2)").names).toEqual(["1", "2"]);
});

it.each([
  ["a cast", "SELECT x::text, (:a)::int[]", ["a"]],
  ["a cast right after a parameter", "SELECT :a::uuid", ["a"]],
  ["a named argument", "SELECT f(x := 1, y := :a)", ["a"]],
  ["a string", "SELECT ':no', 'it''s :no', :a", ["a"]],
  ["a string that ends in a backslash", "SELECT '\\', :a, ':no'", ["a"]],
  ["an escape string", "SELECT E'\\':no', e'a\\\\', :a", ["a"]],
  ["a word that ends in e before a string", "SELECT date'2024-01-01', :a", ["a"]],
  ["a dollar quote", "SELECT $$ :no ' ; $$, $x$ $$ :no $x$, :a", ["a"]],
  ["an identifier with a dollar", "SELECT a$b$, :a, c$b$", ["a"]],
  ["a quoted identifier", 'SELECT "col:no", "a"":no", :a', ["a"]],
  ["a line comment", "SELECT 1 -- :no 'no\n, :a", ["a"]],
  ["a comment within a comment", "SELECT /* :no /* :no */ ' :no */ :a", ["a"]],
  ["a division and a minus", "SELECT 4 / :a - :b", ["a", "b"]],
  ["a time in a string", "SELECT timestamp '2024-01-01 10:20:30' + :a", ["a"]],
  ["letters beyond ASCII", "SELECT prénom, :a FROM élèves WHERE \"é:no\" = 'é:no'", ["a"]],
])("does not mistake %s", (_what, sql, names) => {
  expect(scanSql(sql).names).toEqual(names);
});

it("leaves an unfinished string to the database", () => {
  expect(scanSql("SELECT 'abc :no")).toMatchObject({ names: [], texts: ["SELECT 'abc :no"] });
});

it.each([
  ["SELECT 1", false, false],
  ["SELECT 1;", false, true],
  ["SELECT 1; -- done\n /* really */ ", false, true],
  ["SELECT 1; SELECT 2", true, true],
  ["SELECT ';'; SELECT 2", true, true],
  ["SELECT ';', $$;$$, \";\" /* ; */", false, false],
])("tells in %s whether statements follow a semicolon", (sql, multiple, endsWithSemicolon) => {
  expect(scanSql(sql)).toMatchObject({ multiple, endsWithSemicolon });
});

it("tells the first word behind comments, and PostgreSQL's own parameters", () => {
  expect(scanSql("-- why\n/* what */ Select $1")).toMatchObject({
    keyword: "select",
    positional: true,
  });
  expect(scanSql("SELECT '$1', $$ $2 $$, a$1")).toMatchObject({ positional: false });
});

it("tells a question mark that the service's driver takes for a parameter", () => {
  for (const sql of ["select a ? 'b'", "select a ?| b", "select a ?& b", "select a ?? 'b'"])
    expect(scanSql(sql), sql).toMatchObject({ questioned: true });
  const quoted = "select '?', \"?\", $$ a ? 'b' $$, $b$?$b$, e'\\'?' -- ?\n/* ? */";
  expect(scanSql(quoted)).toMatchObject({ questioned: false });
});

it("scans a long text of quotes in one go", () => {
  const quotes = `SELECT '${"''".repeat(30_000)}', :a`;
  expect(scanSql(quotes).names).toEqual(["a"]);
});
