import { expect, it } from "vitest";
import { guessField } from "../../lib/author/guess-field.ts";
import { guessed } from "../../lib/author/new/draft.ts";

it.each<[string, (string | null)[], string]>([
  // Three hands wrote them.
  [
    "narozen",
    ["1980-05-17", "17.05.1980", "17/5/1980", "1981-04-02", "31.12.1979", "2/11/1975", null],
    'birthDate("narozen", { format: "yyyy-MM-dd or d/M/yyyy or dd.MM.yyyy" })',
  ],
  [
    "seen",
    ["17.05.1980", "1.12.1980", "2020-01-31", "2020-02-01"],
    'date("seen", { format: "yyyy-MM-dd or d.M.yyyy" })',
  ],
  [
    "geb",
    ["19800517", "17.05.1980", "1980-05-17", "19811231", "31.12.1981", "1981-12-31"],
    'birthDate("geb", { format: "yyyy-MM-dd or dd.MM.yyyy or yyyyMMdd" })',
  ],
  ["seen", ["17.05.1980", "2020-01-31", "soon", "never"], 'text("seen")'],
  // What a program exports of a column in which some are texts.
  [
    "born",
    ["1980-05-17T00:00:00.000Z", "17.05.1980", "1981-04-02T22:00:00.000Z", "31.12.1979"],
    'birthDate("born", { format: "iso or dd.MM.yyyy" })',
  ],
])(
  "B12 days of a column %s that several hands wrote are guessed, each in its own format",
  (column, values, code) => {
    expect(guessField(column, values).code).toBe(code);
  },
);

it("B12 numbers that do not say where they are from are from where others of the same rows are", () => {
  const numbers = ["603 123 456", "774 123 456", "607 123 456"];
  const codes = (columns: Record<string, string[]>) =>
    guessed({
      table: "clients",
      columns: ["no", ...Object.keys(columns)],
      key: ["no"],
      sample: [0, 1, 2].map((n) => [`${n}`, ...Object.values(columns).map((of) => of[n] ?? null)]),
    }).guesses.map(({ code }) => code);
  const said = ["+420 603 123 456", "774 123 457", "607 123 457"];
  expect(codes({ mobil: numbers, telefon: said })).toEqual([
    'phone("mobil", { region: "CZ" })',
    'phone("telefon", { region: "CZ" })',
  ]);
  // What does not fit there stays what it is.
  expect(
    codes({ mobile: ["07911 123456", "07911 123457", "07911 123458"], telefon: said }),
  ).toEqual(['phone("mobile", { region: "GB" })', 'phone("telefon", { region: "CZ" })']);
  expect(codes({ mobil: numbers })).not.toEqual(['phone("mobil", { region: "CZ" })']);
});

it("B12 numbers beside a column of countries are drafted as of the country of each row, and not all of one", () => {
  const codes = (column: string, countries: string[]) =>
    guessed({
      table: "members",
      columns: ["no", "tel", column],
      key: ["no"],
      sample: countries.map((word, n) => [`${n}`, `079 123 45 0${n}`, word]),
    }).guesses.find(({ kind }) => kind === "phone");
  expect(codes("land", ["CH", "D", "Österreich", "ch", "Deutschland"])).toMatchObject({
    code: 'phone("tel", { region: "CH", country: "land", regions: { CH: "CH", D: "DE", "Österreich": "AT", Deutschland: "DE" } })',
    because: expect.stringContaining("“land” says of each row is a country"),
  });
  // One country says no more than the region does; a state is no country.
  for (const [column, words] of [
    ["land", ["CH", "ch"]],
    ["state", ["CA", "DE", "AL"]],
    ["country", ["Narnia", "Gondor", "CH"]],
  ] as const)
    expect(codes(column, [...words])?.code).not.toContain("country:");
});

it.each<[string, string[], code: string, says: string]>([
  [
    "marks of thousands that few have",
    ["0,00", "12,50", "7,25", "99,90", "5,00", "1,10", "2,20", "3,30", "4,40", "1.234,50"],
    'decimal("x", { decimal: ",", group: "." })',
    "numbers",
  ],
  [
    "a fraction that few have",
    ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10,50"],
    'decimal("x", { decimal: "," })',
    "numbers",
  ],
  ["none of either", ["1", "2", "3", "4"], 'integer("x")', "whole numbers"],
  [
    "lists of objects",
    ["[]", "[]", '[{"class":"A","when":null}]', '[{"class":"B"},{"ida@x.com":1}]'],
    'json("x")',
    'lists of objects; each(TABLE, "x", "class", "when") makes a row of each of them',
  ],
  [
    "objects, and what Python writes for no number",
    ['{"room":"R1"}', '{"room":NaN}', "NaN", '{"room":"R1"}'],
    'json("x")',
    'objects; opened(joined(TABLE, {}), "x", "room") has what is in them as columns; in some stands what is no JSON, such as NaN, and such rows are held; 25 % of the values are none (NaN), and such rows are held',
  ],
  [
    "texts parted as FileMaker parts those of a field that repeats",
    ["Ski\u001DRope", "Ski", "Rope", "Ski", "Dog"],
    String.raw`list("x", { by: "\u001d" })`,
    String.raw`texts parted by U+001D, as FileMaker writes a field that repeats; each(TABLE, "x", { by: "\u001d", key: "item" }) makes a row of each of them`,
  ],
  ["lists of texts", ['["a"]', "[]", '["b","c"]'], 'json("x")', "lists or objects"],
])("B12 numbers and JSON are guessed by all of their values: %s", (_, values, code, says) => {
  const found = guessField("x", values);
  expect([found.code, found.because]).toEqual([code, says]);
});
