import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RowSet, type Signs, signsBeside } from "../../lib/data/row-set.ts";
import { type Sql, type SqlValue, sql } from "../../lib/data/sql.ts";
import { writtenText } from "../../lib/data/written-texts.ts";
import { type TestServices, testServices } from "../support/services.ts";

let test: TestServices;
beforeAll(async () => {
  test = await testServices({ overHttp: true });
});
afterAll(() => test.close());

type Row = readonly [texts: readonly (string | null)[], ...values: unknown[]];

interface Written {
  readonly signs: Signs;
  readonly json: Uint8Array;
}

/** Rows in one set, of which none has its signs. */
const written = (rows: readonly Row[], signs = signsBeside()): Written => {
  const set = new RowSet(signs);
  for (const row of rows) if (!set.add(row)) throw new Error("A row has a sign of its set.");
  return { signs, json: set.end() };
};
/** Rows in as many sets as they need, as the import sends them. */
const inSets = (rows: readonly Row[]): Written[] => {
  const done: RowSet[] = [];
  let set = new RowSet();
  for (const row of rows) {
    if (set.add(row)) continue;
    done.push(set);
    set = new RowSet(signsBeside(row));
    expect(set.add(row)).toBe(true);
  }
  return [...done, set].map((each) => ({ signs: each.signs, json: each.end() }));
};
/** The cells of a set as its text of JSON says them. */
const said = ({ signs, json }: Written): (string | null)[][] => {
  const text: string = JSON.parse(Buffer.from(json).toString());
  return text === ""
    ? []
    : text
        .split(signs.row)
        .map((row) => row.split(signs.cell).map((cell) => (cell === signs.none ? null : cell)));
};
/** A value as its cell says it. */
const cell = (value: unknown): string | null =>
  value === null ? null : typeof value === "string" ? value : JSON.stringify(value);
/** The cells of a set's rows, as the database takes them apart. */
const takenApart = ({ signs, json }: Written): Sql => sql`
  (select string_to_array(line, ${signs.cell}::text, ${signs.none}::text) as cells, place
     from string_to_table(${writtenText(json)}::text, ${signs.row}::text) with ordinality line(line, place))`;

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
    "\u0081",
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
  it("in the text of the request, and read back by the database", async () => {
    const sets = inSets(rows);
    expect(sets.length).toBeGreaterThan(1);
    expect(sets.flatMap(said).map(([, ...cells]) => cells)).toEqual(
      rows.map(([, ...values]) => values.map(cell)),
    );
    const found: { held: unknown; cells: unknown[]; last: string }[] = [];
    for (const set of sets)
      found.push(
        ...(await test.services.stage.rows<(typeof found)[number]>(sql`
          select to_jsonb(e.cells[1]::text[]) as held, to_jsonb(e.cells[2:]) as cells, ${"last"}::text as last
            from ${takenApart(set)} e order by place`)),
      );
    expect(found.map(({ held }) => held)).toEqual(rows.map(([held]) => held));
    expect(found.map(({ cells }) => cells)).toEqual(rows.map(([, ...values]) => values.map(cell)));
    expect(found.every(({ last }) => last === "last")).toBe(true);
  });

  it("of no two rows the same", () => {
    const arrays = inSets(rows).flatMap((set) => said(set).map(([first]) => first));
    expect(new Set(arrays).size).toBe(new Set(rows.map(([held]) => JSON.stringify(held))).size);
  });

  it("byte for byte as JSON says it, arrays as the database writes them", () => {
    const alone = (text: string) =>
      text !== "" && text.toLowerCase() !== "null" && !/["\\{},\p{Cs}]|[^ -\u{10FFFF}]/u.test(text);
    const element = (text: string | null) =>
      text === null ? "NULL" : alone(text) ? text : `"${text.replace(/["\\]/gu, "\\$&")}"`;
    // White space within and other blanks at the ends need no quotes; those are looked at above.
    const plain = rows.filter(
      ([held]) =>
        held.every((text) => text === null || !/\s/u.test(text)) && new RowSet().add([held]),
    );
    const signs = signsBeside();
    const whole = plain.map(([held, ...values]) =>
      [`{${held.map(element).join(",")}}`, ...values.map((each) => cell(each) ?? signs.none)].join(
        signs.cell,
      ),
    );
    expect(Buffer.from(written(plain).json).toString()).toBe(JSON.stringify(whole.join(signs.row)));
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

  it("and takes no row whose text has what stands between cells, rows or for nothing", () => {
    for (const sign of Object.values(signsBeside())) {
      for (const text of [sign, `a${sign}`, `"${sign}`, `😀${sign}b`]) {
        for (const row of [[[text]], [["a"], "b", text], [["a"], [text]]] as Row[]) {
          const set = new RowSet();
          expect(set.add([["before"], "x"])).toBe(true);
          const { size } = set;
          expect(set.add(row)).toBe(false);
          expect(set.size).toBe(size);
          expect(set.add([["after"], "y"])).toBe(true);
          expect(said({ signs: set.signs, json: set.end() })).toEqual([
            ["{before}", "x"],
            ["{after}", "y"],
          ]);
          const others = signsBeside(row);
          expect(Object.values(others).some((each) => JSON.stringify(row).includes(each))).toBe(
            false,
          );
          expect(said(written([row], others))[0]?.slice(1)).toEqual(row.slice(1).map(cell));
        }
      }
    }
    // Of a row that has those as well, others again.
    const hostile: Row = [
      [Object.values(signsBeside([["\u007F"]])).join("")],
      "\u007F\u0080\u0081",
    ];
    expect(said(written([hostile], signsBeside(hostile)))[0]?.[1]).toBe(hostile[1]);
    const every = String.fromCharCode(...Array.from({ length: 0xfff0 }, (_, code) => code + 0x10));
    expect(() => signsBeside([[every]])).toThrow("A row has every letter there is");
  });

  it("with no half of a pair of surrogates, which a request would say otherwise", () => {
    for (const row of [[["a"], "\uD83Da"], [["a\uDE00"]]] as Row[])
      expect(() => new RowSet().add(row)).toThrow("Half a pair of surrogates is no text.");
  });

  it("several in one statement, in a transaction, and none", async () => {
    const plain = rows.filter((row) => new RowSet().add(row));
    const [none, few, all, others] = [[], plain.slice(0, 3), plain, plain.slice(4)].map((each) => {
      const { signs, json } = written(each);
      return sql`(select count(*) from string_to_table(${writtenText(json)}::text, ${signs.row}::text))`;
    }) as [SqlValue, SqlValue, SqlValue, SqlValue];
    const counted = sql`select ${"a"} as a, ${none} as none, ${1} as one, ${few} as few, ${all} as all, ${others} as others, ${"z"} as z`;
    const expected = {
      a: "a",
      none: 0,
      one: 1,
      few: 3,
      all: plain.length,
      others: plain.length - 4,
      z: "z",
    };
    expect(await test.services.stage.one(counted)).toEqual(expected);
    expect(await test.services.stage.transaction((db) => db.one(counted))).toEqual(expected);
  });
});
