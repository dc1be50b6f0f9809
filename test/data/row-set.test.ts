import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RowSet } from "../../lib/data/row-set.ts";
import { type SqlValue, sql } from "../../lib/data/sql.ts";
import { writtenText } from "../../lib/data/written-texts.ts";
import { type TestServices, testServices } from "../support/services.ts";

let test: TestServices;
beforeAll(async () => {
  test = await testServices({ overHttp: true });
});
afterAll(() => test.close());

type Row = readonly [texts: readonly (string | null)[], ...values: unknown[]];

const written = (rows: readonly Row[]): Uint8Array => {
  const set = new RowSet();
  for (const row of rows) set.add(row);
  return set.end();
};
/** The rows of a set as its two layers of JSON say them. */
const said = (json: Uint8Array): unknown[][] =>
  JSON.parse(JSON.parse(Buffer.from(json).toString()));

/** Whatever means something in a text of JSON, in the text of an array or in a request, alone and beside a letter. */
const signs = [
  ...[
    "",
    " ",
    "  ",
    ",",
    ";",
    "{",
    "}",
    "[",
    "]",
    '"',
    "\\",
    "'",
    "|",
    "=",
    ":",
    "/",
    "-",
    "$1",
    ":p1",
  ],
  ...[
    "\t",
    "\n",
    "\r",
    "\v",
    "\f",
    "\b",
    "\u0001",
    "\u001F",
    "\u007F",
    "\u0080",
    "\u0085",
    "\u00A0",
  ],
  ...[
    "\u07FF",
    "\u0800",
    "\u2003",
    "\u2028",
    "\uFEFF",
    "\uFFFD",
    "é",
    "سارة",
    "😀",
    "😀😀",
    "e\u0301",
  ],
  ...[
    "{}",
    "[1:2]={",
    '\\"',
    '""',
    '\\\\"',
    "NULL",
    "null",
    "Null",
    "NULLE",
    "\\N",
    "\\n",
    "\\u0041",
  ],
];
const texts = signs.flatMap((sign) => [
  sign,
  `${sign}a`,
  `a${sign}`,
  `a${sign}b`,
  `${sign}${sign}`,
]);
const rows: readonly Row[] = [
  [[]],
  [[null]],
  [[""]],
  [[null, null], null],
  [texts, ...texts],
  ...texts.map((text): Row => [[text], text]),
  ...texts.map((text): Row => [[null, text, ""], null, text, [text], { [text]: text }, 7, true]),
];

describe("W13 a set of rows says each value to the letter", () => {
  it("in the JSON of the request, and read back by the database", async () => {
    const json = written(rows);
    expect(said(json).map(([, ...values]) => values)).toEqual(rows.map(([, ...values]) => values));
    const { read, last } = await test.services.stage.one<{ read: unknown; last: string }>(sql`
      select jsonb_agg(to_jsonb((e.value ->> 0)::text[]) order by e.place) as read, ${"last"}::text as last
        from jsonb_array_elements(${writtenText(json)}::jsonb) with ordinality e(value, place)`);
    expect(read).toEqual(rows.map(([held]) => held));
    expect(last).toBe("last");
  });

  it("of no two rows the same", () => {
    const arrays = said(written(rows)).map(([first]) => first);
    expect(new Set(arrays).size).toBe(new Set(rows.map(([held]) => JSON.stringify(held))).size);
  });

  it("byte for byte as JSON of JSON says it, arrays as the database writes them", () => {
    const alone = (text: string) =>
      text !== "" && text.toLowerCase() !== "null" && !/["\\{},\p{Cs}]|[^ -\u{10FFFF}]/u.test(text);
    const element = (text: string | null) =>
      text === null ? "NULL" : alone(text) ? text : `"${text.replace(/["\\]/gu, "\\$&")}"`;
    // White space within and other blanks at the ends need no quotes; those are looked at above.
    const plain = rows.filter(([held]) => held.every((text) => text === null || !/\s/u.test(text)));
    const whole = plain.map(([held, ...values]) => [`{${held.map(element).join(",")}}`, ...values]);
    expect(Buffer.from(written(plain)).toString()).toBe(JSON.stringify(JSON.stringify(whole)));
    const [pair] = said(written([[["Lina 🌸", "a b"], "Lina 🌸"]]));
    expect(pair).toEqual(["{Lina 🌸,a b}", "Lina 🌸"]);
  });

  it("plainly where nothing has to be told apart", () => {
    const held = ["7", "Benali", "Sara Amina", "2001-02-03 04:05:06", null, "", "null", 'a"b'];
    expect(said(written([[held, "x"]]))).toEqual([
      ['{7,Benali,Sara Amina,2001-02-03 04:05:06,NULL,"","null","a\\"b"}', "x"],
    ]);
  });

  it.each([0, 1, 2, 639_990, 640_010, 1_300_000])(
    "of %s letters, which makes it larger",
    (letters) => {
      const row: Row = [["é".repeat(letters), null], '"'.repeat(letters)];
      expect(said(written([row, row])).map(([, ...values]) => values)).toEqual([
        [row[1]],
        [row[1]],
      ]);
    },
  );

  it("with half a pair of surrogates as JSON writes it, which the database refuses", async () => {
    const json = written([[["a"], "\uD83Da", "a\uDE00"]]);
    expect(said(json)).toEqual([["{a}", "\uD83Da", "a\uDE00"]]);
    await expect(
      test.services.stage.rows(sql`select ${writtenText(json)}::jsonb as read`),
    ).rejects.toThrow("SQLState: 22P02");
  });

  it("several in one statement, in a transaction, and none", async () => {
    const sets = [[], rows.slice(0, 3), rows, rows.slice(4)].map(written);
    const [none, few, all, others] = sets.map(writtenText) as [
      SqlValue,
      SqlValue,
      SqlValue,
      SqlValue,
    ];
    const counted = sql`select ${"a"} as a, jsonb_array_length(${none}::jsonb) as none, ${1} as one, jsonb_array_length(${few}::jsonb) as few,
                               jsonb_array_length(${all}::jsonb) as all, jsonb_array_length(${others}::jsonb) as others, ${"z"} as z`;
    const expected = {
      a: "a",
      none: 0,
      one: 1,
      few: 3,
      all: rows.length,
      others: rows.length - 4,
      z: "z",
    };
    expect(await test.services.stage.one(counted)).toEqual(expected);
    expect(await test.services.stage.transaction((db) => db.one(counted))).toEqual(expected);
  });
});
