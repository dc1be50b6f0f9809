import { parse } from "csv-parse/sync";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { csvCell, csvLine, startsFormula } from "../../lib/evidence/csv.ts";
import { csvLetters, lineOf, wordCell } from "../../lib/evidence/csv-sql.ts";
import { steerless } from "../../lib/evidence/json-text.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";

const formulas = [
  "=1+1",
  "+1",
  "-1",
  "@SUM(A1)",
  "\tx",
  "\rx",
  "  =1",
  "\u00a0=1",
  "\u200b=1",
  "\ufeff@x",
  "＝1+1",
  "＋1",
  "－1",
  "＠x",
  '=HYPERLINK("http://x", "y")',
  "﹦1+1",
  "﹢1",
  "﹣1",
  "﹫x",
  "\u3164=1",
  "\ufe0f=1",
  "\u2800\u2062@x",
  "=",
];
/** Read as cells of their own where something else than a comma parts them. */
const within: [string, string][] = [
  ["\n=1", "'\n'=1"],
  ["x;=1+1", "x;'=1+1"],
  ["x; \u200b=1;@y", "x; \u200b'=1;'@y"],
  ["a\t-1", "a\t'-1"],
  ["a\r\n+1", "a\r\n'+1"],
  ["a|＝1", "a|'＝1"],
  ["=1;=2", "'=1;'=2"],
  ["x\u2028=1", "x\u2028'=1"],
  ["x;\u3164﹦1", "x;\u3164'﹦1"],
];
const steering: [string, string][] = [
  ["a\u001b[2Jb", "a\ufffd[2Jb"],
  ["\u0007", "\ufffd"],
  ["a\u009b31mb", "a\ufffd31mb"],
  ["\u202eabc\u2066", "\ufffdabc\ufffd"],
  ["a\u200fb\u061cc", "a\ufffdb\ufffdc"],
  ["a\u007f", "a\ufffd"],
];
const harmless = [
  "a=b",
  "213•••••••68",
  "x",
  "",
  " ",
  "1-2",
  "Coiffure, dames",
  'so "called"',
  "a\r\nb",
  '"',
  "é",
];

describe("cells", () => {
  it.each(formulas)("D20 %j is quoted and begins with an apostrophe", (text) => {
    expect(startsFormula(text)).toBe(true);
    expect(csvCell(text)).toBe(`"'${text.replaceAll('"', '""')}"`);
  });

  it.each(within)("D20 %j is written as %j: no part of it is a formula", (text, cell) => {
    expect(csvCell(text)).toBe(`"${cell}"`);
  });

  it.each(steering)("D20 %j is written as %j: it steers no terminal", (text, cell) => {
    expect(csvCell(text)).toBe(`"${cell}"`);
  });

  it.each(harmless)("%j is read back as it was written", (text) => {
    expect(parse(csvLine(["first", text, "last"]))).toEqual([["first", text, "last"]]);
  });

  it.each([
    [null, ""],
    [undefined, ""],
    [-5, "-5"],
    [0.875, "0.875"],
    [true, "true"],
    ["plain", "plain"],
    ["a,b", '"a,b"'],
  ])("%j is written as %j", (value, cell) => expect(csvCell(value)).toBe(cell));

  it("ends lines as RFC 4180 has it", () => expect(csvLine(["a", 1])).toBe("a,1\r\n"));
});

describe("JSON", () => {
  it.each(steering)("D20 %j is escaped, steers no terminal, and means the same", (text) => {
    const json = steerless(JSON.stringify({ text }));
    expect(json).toMatch(/^[\x20-\x7e]+$/u);
    expect(JSON.parse(json)).toEqual({ text });
  });
});

describe("lines written by the database", () => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    database = await testDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  it("D20 read back as the same cells that lines written here do", async () => {
    const texts = [...formulas, ...harmless, ...[...within, ...steering].map(([text]) => text)];
    const line = lineOf([
      { name: "n", cell: "n" },
      { name: "value", cell: wordCell("value") },
    ]);
    const { rows } = await client.query(
      `select ${line} as line from unnest($1::text[]) with ordinality v(value, n), ${csvLetters} order by n`,
      [texts],
    );
    const here = texts.map((text, index) => csvLine([index + 1, text])).join("");
    const there = rows.map((row) => row.line).join("");
    expect(parse(there)).toEqual(parse(here));
    expect(parse(there)).toHaveLength(texts.length);
  });

  it("leave a cell empty where there is nothing", async () => {
    const line = lineOf([
      { name: "word", cell: wordCell("null::text") },
      { name: "number", cell: "null::int" },
      { name: "last", cell: "7" },
    ]);
    const { rows } = await client.query(`select ${line} as line from ${csvLetters}`);
    expect(rows[0].line).toBe(",,7\r\n");
  });
});
