import { expect, it } from "vitest";
import { composed, kept, name, table, template, text } from "../../lib/define/builders.ts";
import type { Field, InsertAction } from "../../lib/define/definition.ts";
import { composedOf } from "../../lib/stages/import/composed-field.ts";
import { definitionFaults } from "../../lib/stages/preflight/definition-faults.ts";
import { small } from "../support/small.ts";

type Composed = Extract<Field, { kind: "composed" }>;
const columns = ["a", "b", "c"];
const at = (column: string) => columns.indexOf(column);
const read = (field: Field, row: (string | null)[]) => composedOf(field as Composed, at)(row);

it.each([
  [["x", "y", "z"], "x y, z"],
  [[" x ", null, "z"], "x, z"],
  [[null, "y", "z"], "y, z"],
  [["x", "y\n y", " "], "x y y"],
  [[null, "", "z"], "z"],
  [["", " ", null], null],
])("B5 what stands before a column that holds nothing is left out with it: %j", (row, value) => {
  expect(read(composed("{a} {b}, {c}"), row)).toEqual({ value, noted: [] });
});

it.each([
  [["x", "y", "z"], "x (no. y) z"],
  [["x", null, null], "x"],
  [[null, "y", "z"], "(no. y) z"],
  [[null, null, null], null],
])("B5 one of several texts is left out where its columns hold nothing: %j", (row, value) => {
  expect(read(composed("{a}", "(no. {b})", "{c}"), row).value).toBe(value);
});

it("B5 a word may stand for a column, and makes no text by itself", () => {
  const field = composed("{a|Course} – {b}", { lines: true });
  expect(read(field, [null, "2024"]).value).toBe("Course – 2024");
  expect(read(field, ["Chess\r\nclub", null]).value).toBe("Chess\nclub");
  expect(read(field, [null, null])).toEqual({ value: null, noted: [] });
});

it("B5 what is entered for want of a part is left out and noted, and what is too long is noted and whole", () => {
  const field = composed("{a} {b}", { longest: 4, placeholders: ["n/a"] });
  expect(read(field, ["x", "N/A", null])).toEqual({ value: "x", noted: ["placeholder"] });
  expect(read(field, ["n/a", null, null])).toEqual({ value: null, noted: ["placeholder"] });
  expect(read(field, ["ab", "c", null])).toEqual({ value: "ab c", noted: [] });
  expect(read(field, ["ab", "😀😀", null])).toEqual({ value: "ab 😀😀", noted: ["too_long"] });
  expect(read(field, ["abcde", "n/a"]).noted).toEqual(["placeholder", "too_long"]);
});

it("B5 what is composed is in small letters where it is compared with such a text", () => {
  const field = composed("No {a}-{b}", { lower: true });
  expect(read(field, [" LA ", "12", null]).value).toBe("no la-12");
  expect(read(composed("{a}"), ["LA"]).value).toBe("LA");
});

it("B5 M6 names that are typed again are the same where they are composed as names are compared", () => {
  const field = composed("{a}", "{b}", { folded: true });
  const typed = [
    ["Groß", "Zoë"],
    [" GROSS ", "ZOE"],
    ["groß", "Zoe\u0308"],
    ["Gross,", "(Zoé)"],
  ];
  expect(typed.map((row) => read(field, [...row, null]).value)).toEqual(
    typed.map(() => "gross zoe"),
  );
  expect(read(field, ["-", ".", null]).value).toBeNull();
  // With another sign between the words it is what the address of a page is made of.
  const address = composed("{a}", "{b}", { folded: "-" });
  expect(read(address, ["L'été à", "Zürich (2)!", null]).value).toBe("l-ete-a-zurich-2");
  expect(read(composed("{a}-{b}", { upper: true }), ["ch", "zh", null]).value).toBe("CH-ZH");
});

const faults = (fields: Record<string, Field>, action: Partial<InsertAction> = {}) =>
  definitionFaults(
    small("composing", "no", action, {
      source: { things: table("no", "word", "a", "b") },
      fields,
    }),
  );

it("B5 check refuses what would be the same of every row, and half a bracket", () => {
  expect(faults({ one: composed("{a} {b}", "({a})") })).toEqual([]);
  expect(
    faults({
      one: composed("{a}", { upper: true, lower: true }),
      two: text("b", { upper: true, lower: true }),
    }),
  ).toEqual(
    ["one", "two"].map(
      (name) => `The field “${name}” is in small letters and in capitals: say one of both.`,
    ),
  );
  expect(faults({ one: composed("{a}", "Denmark") })).toEqual([
    "The field “one” is composed of “Denmark”, which names no column: write it beside one, as in “{column}, Denmark”, with which it is left out.",
  ]);
  expect(faults({ one: composed({ longest: 3 }) })).toEqual([
    "The field “one” is composed of nothing.",
  ]);
  expect(faults({ one: composed("{a} ({b})") })).toEqual([
    'The field “one” is composed of “{a} ({b})”, of which half a bracket is left where a column holds nothing: give what stands in brackets a text of its own, as in composed("{title}", "({year})").',
  ]);
  expect(faults({ one: composed("{a} {c}") })).toEqual([
    "The field “one” is made from “c”, a column that “things” does not declare.",
  ]);
});

it.each([
  ["composed", composed("{a} {b}")],
  ["the first of several", template("{a}", "{b}")],
  ["read again", text("a")],
])("B5 D20 W14 new rows are not given somebody's name as their key, %s", (_, one) => {
  const who = name("b", "a");
  const key = { id: kept({ code: "one" }) };
  expect(faults({ one }, key)).toEqual([]);
  expect(faults({ one, who }, key)).toEqual([expect.stringContaining("a name as their key")]);
});
