import { expect, it } from "vitest";
import { list } from "../../lib/define/builders.ts";
import type { Field } from "../../lib/define/fields.ts";
import { listOf } from "../../lib/stages/import/list-field.ts";

const read = (field: Field, ...row: (string | null)[]) =>
  listOf(field as Extract<Field, { kind: "list" }>, (column) => (column === "a" ? 0 : 1))(row);

it("B2 V6 a list is JSON, an array as PostgreSQL writes it, or a text that is parted by what the definition says", () => {
  const of = (text: string | null, by?: string) =>
    read(list("a", by === undefined ? {} : { by }), text).list;
  expect(of('["crime", " novel ", "crime"]')).toEqual(["crime", "novel"]);
  expect(of('{crime,"a, b",NULL}')).toEqual(["crime", "a, b"]);
  // Of several dimensions, and where the first is not the one that is counted first.
  expect(of('{{crime,"a, b"},{NULL,"{x}"}}')).toEqual(["crime", "a, b", "{x}"]);
  expect(of("[0:1]={crime,novel}")).toEqual(["crime", "novel"]);
  expect(of("[0:0][2:3]={{crime,novel}}", ",")).toEqual(["crime", "novel"]);
  for (const none of ["{a,{b}}", "{a}{b}", "{a,}", "{{a,b},{}}", "[0:1]=a", "{a"])
    expect(of(none)).toEqual([none]);
  expect(of('{"size": 3}')).toEqual(["size: 3"]);
  // Which of two values of a key is meant nobody can tell: nothing of it is lost.
  expect(of('{"size": 3, "size": 4}')).toEqual(['{"size": 3, "size": 4}']);
  expect(of("crime,novel")).toEqual(["crime,novel"]);
  expect(of("crime,novel, ,crime", ",")).toEqual(["crime", "novel"]);
  expect(of("crime; novel", ";")).toEqual(["crime", "novel"]);
  expect(read(list("a", { by: [",", ";", " and "] }), "crime; novel,essay AND play").list).toEqual([
    ...["crime", "novel", "essay", "play"],
  ]);
  // What is a list by itself is that, and whatever it holds is as it is written.
  expect(of('["a, b"]', ",")).toEqual(["a, b"]);
  const numbers = ["1.50", "12345678901234567890", "1e3", "-0.0"];
  expect(of(`[${numbers}, "a 1.50 \\" 1e3", {"2": [1.0, true, null]}]`)).toEqual([
    ...numbers,
    'a 1.50 " 1e3',
    "2: 1.0",
    "2: true",
  ]);
  expect(of(`[${numbers}]`, ",")).toEqual(numbers);
  for (const text of [...numbers, "true", '"a"']) expect(of(text, ",")).toEqual([text]);
  for (const text of numbers) expect(of(text)).toEqual([text]);
  expect(of("null", ",")).toEqual(["null"]);
  expect(of("null")).toEqual([]);
  expect(of("[a],{b", ",")).toEqual(["[a]", "{b"]);
  expect(of("", ",")).toEqual([]);
  expect(of(null, ",")).toEqual([]);
});

it("W13 what escapes spell and no text holds is left out of a list or replaced, and noted", () => {
  const of = (text: string) => {
    const { list: texts, repaired } = read(list("a"), text);
    return { texts, repaired };
  };
  expect(of('["a\\u0000b", {"c": "d\\ud800"}]')).toEqual({
    texts: ["ab", "c: d\uFFFD"],
    repaired: true,
  });
  expect(of('{"\\udc00": "e"}')).toEqual({ texts: ["\uFFFD: e"], repaired: true });
  expect(of('["\\u0000"]')).toEqual({ texts: [], repaired: true });
  expect(of('["\\ud83d\\ude00"]')).toEqual({ texts: ["😀"], repaired: false });
});

it("V6 of several columns the first that has any, and no more than is said", () => {
  expect(read(list("a", "b", { by: ",", most: 2 }), "", "x,y,z")).toEqual({
    list: ["x", "y"],
    cut: true,
    unlisted: false,
    spoilt: false,
    repaired: false,
  });
});

it("D33 what no word of a list means is left out and noted, and words that mean the same are one", () => {
  const means = { klaver: "piano", flygel: "piano", sang: "voice" };
  const of = (text: string) => read(list("a", "b", { by: ",", means }), text, "sang");
  expect(of("flygel, klaver,sang")).toEqual({
    list: ["piano", "voice"],
    cut: false,
    unlisted: false,
    spoilt: false,
    repaired: false,
  });
  expect(of("klaver,obo")).toEqual({
    list: ["piano"],
    cut: false,
    unlisted: true,
    spoilt: false,
    repaired: false,
  });
  // One of words that nobody listed is one all the same: the other column is not taken for it.
  expect(of("obo")).toMatchObject({ list: [], cut: false, unlisted: true, repaired: false });
});

it("D33 B5 what stands several times in a list is kept as often where the definition says so", () => {
  const of = (text: string, most?: number) =>
    read(list("a", "b", { repeated: "kept", ...(most === undefined ? {} : { most }) }), text);
  expect(of("{7,7,14}").list).toEqual(["7", "7", "14"]);
  expect(of("[1, 1]").list).toEqual(["1", "1"]);
  expect(of("{7,7,14}", 2)).toEqual({
    list: ["7", "7"],
    cut: true,
    unlisted: false,
    spoilt: false,
    repaired: false,
  });
  expect(read(list("a", "b"), "{7,7,14}").list).toEqual(["7", "14"]);
});

it("D33 an element that is what a spreadsheet left of a text is noted, unless somebody said what it means", () => {
  const of = (means?: Readonly<Record<string, string>>) =>
    read(list("a", { by: ",", ...(means === undefined ? {} : { means }) }), "sang, #N/A");
  expect(of()).toMatchObject({ list: ["sang", "#N/A"], spoilt: true });
  expect(of({ sang: "voice", "#N/A": "none" })).toMatchObject({
    list: ["voice", "none"],
    spoilt: false,
    unlisted: false,
  });
});
