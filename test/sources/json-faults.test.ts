import { describe, expect, it } from "vitest";
import { parseObjects } from "../../lib/sources/json/objects.ts";
import { csvFolder } from "./csv-folder.ts";

const { open, named } = csvFolder();
const ranges = async () => (await open()).ranges("people", ["id"], 10);
const read = async (column: string) => {
  const whole = { table: "people", after: null, upTo: null };
  for await (const page of (await open()).read("people", ["id"], [column], whole, 100)) return page;
  return [];
};
const lines = (...objects: unknown[]) =>
  objects.map((each) => `${JSON.stringify(each)}\n`).join("");

describe("W13 a file of JSON that cannot be read names file and line", () => {
  const good = lines({ id: 1, nom: "a" });
  const unreadable = (what: string, name = "people.jsonl") => ({
    name: "SourceRowUnreadable",
    message: `${name}, ${what}; nothing was read. Correct the line or export the table again.`,
  });

  it.each([
    [
      "cut off within a text",
      `${good}{"id":2,"nom":"b\n${good}`,
      "line 2: a text is not closed on its line",
    ],
    [
      "cut off behind a value",
      `${good}{"id":2\n${good}`,
      "line 3: a comma or } is missing behind a value (of an object that begins on line 2)",
    ],
    ["cut off at the end", `${good}{"id":2,`, "line 2: the object is never closed"],
    ["cut off within the last text", `${good}{"id":2,"nom":"b`, "line 2: a text is never closed"],
    ["no object", `${good}[1]\n`, "line 2: an object in braces is missing: each row is one"],
    ["a word", `${good}\r\n\r\nnull\n`, "line 4: an object in braces is missing: each row is one"],
    ["a comma too many", `${good}{"id":2,}\n`, "line 2: a name in quotation marks is missing"],
    [
      "a name without quotation marks",
      `${good}{id:2}\n`,
      "line 2: a name in quotation marks is missing",
    ],
    ["no colon", `${good}{"id" 2}\n`, "line 2: a colon is missing behind a name"],
    ["no value", `${good}{"id":}\n`, "line 2: a value is missing"],
    ["a number that is none", `${good}{"id":007}\n`, "line 2: a value is none that JSON has"],
    [
      "an escape that means nothing",
      `${good}{"id":"\\x"}\n`,
      "line 2: a backslash in a text is followed by what means nothing",
    ],
    [
      "a control character",
      `${good}{"id":"\u0001"}\n`,
      "line 2: a control character stands in a text",
    ],
    [
      "a name twice",
      `${good}{"id":2,"nom":"b","nom":"c"}\n`,
      'line 2: "nom" stands twice in one object, and which of them counts nobody can tell',
    ],
    [
      "W14 somebody's name twice",
      `${good}{"id":2,"a@b.example":1,"a@b.example":2}\n`,
      "line 2: a name stands twice in one object, and which of them counts nobody can tell",
    ],
    [
      "nesting beyond measure",
      `${good}{"id":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}\n`,
      "line 2: it is nested more than 200 deep",
    ],
    [
      "lists beyond measure",
      `${good}{"id":${"[".repeat(100_000)}\n`,
      "line 2: it is nested more than 200 deep",
    ],
  ])("for %s", async (_, content, what) => {
    await named("people.jsonl", content);
    await expect(ranges()).rejects.toMatchObject(unreadable(what));
  });

  it.each([
    [
      "a list that was cut off",
      '[{"id":1},\n{"id":2}\n',
      "line 3: the list is never closed, as where an export was cut off",
    ],
    [
      "nothing behind a comma",
      '[{"id":1},\n]',
      "line 2: an object in braces is missing: each row is one",
    ],
    ["no comma", '[{"id":1}\n{"id":2}]', "line 2: a comma or ] is missing behind an object"],
    [
      "a second list",
      '[{"id":1}]\n[{"id":2}]',
      "line 2: something stands behind the end of the list",
    ],
    ["numbers", "[1,2]", "line 1: an object in braces is missing: each row is one"],
  ])("for %s", async (_, content, what) => {
    await named("people.json", content);
    await expect(ranges()).rejects.toMatchObject(unreadable(what, "people.json"));
  });

  it("for text that is not UTF-8", async () => {
    await named(
      "people.jsonl",
      Buffer.concat([Buffer.from(good), Buffer.from('{"id":2,"nom":"\xe9"}\n', "latin1")]),
    );
    await expect(ranges()).rejects.toMatchObject(unreadable("line 2: the text is not valid UTF-8"));
  });

  it("for an object longer than 16 MiB, of which no more is held", async () => {
    await named("people.json", `{"id":1,"data":[${'{"x":1},'.repeat(2_200_000)}{"x":1}]}`);
    await expect(ranges()).rejects.toMatchObject(
      unreadable(
        "line 1: the object is longer than 16 MiB; each row is an object of its own",
        "people.json",
      ),
    );
  });

  it("W3 of which no more is read than tells that it is too long, and also where it ends at once", async () => {
    const piece = Buffer.from('{"x":1},'.repeat(128 * 1024));
    let read = 0;
    const endless = async function* () {
      yield Buffer.from('{"data":[');
      for (; read < 64; read++) yield piece;
    };
    const objects = async (pieces: AsyncIterable<Buffer>) => {
      for await (const _ of parseObjects(pieces, {
        list: false,
        isWhole: true,
        encoding: "utf-8",
      }));
    };
    const long = { message: "the object is longer than 16 MiB; each row is an object of its own" };
    await expect(objects(endless())).rejects.toMatchObject(long);
    expect(read).toBeLessThan(18);
    const whole = async function* () {
      yield Buffer.from(`{"data":"${"x".repeat(16 * 1024 * 1024)}"}`);
    };
    await expect(objects(whole())).rejects.toMatchObject(long);
  });

  it("for names that are keys of something", async () => {
    const many = Object.fromEntries(Array.from({ length: 2_001 }, (_, n) => [`k${n}`, n]));
    await named("people.json", JSON.stringify([many]));
    await expect(ranges()).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
      message:
        "people.json has more than 2,000 different names in its objects; nothing was read. Each object is a row, and its names are columns: where names are keys of something, write an object for each of those.",
    });
  });

  it("for a column within what is an object in some rows alone, and for one that is named in two ways", async () => {
    const rows = Array.from({ length: 14 }, (_, id) => ({ id, at: id < 2 ? { town: "x" } : "x" }));
    await named("people.jsonl", lines(...rows));
    const said =
      'people.jsonl: "at" is no object, or has a name twice, on lines 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 2 more, so that nobody knows "at.town" there; nothing was read. Correct these lines, or read "at" and open it, which holds such rows: opened(joined("people", {}), "at", "town").';
    const refused = { name: "SourceRowUnreadable", message: said };
    await expect(read("at.town")).rejects.toMatchObject(refused);
    const wanted = { people: { key: "id", columns: ["at.town"] } };
    await expect((await open()).inspect(wanted)).rejects.toMatchObject(refused);
    await expect((await open()).ranges("people", ["at.town"], 10)).rejects.toMatchObject(refused);
    expect(await read("at")).toHaveLength(14);
    // Below it as well, however deep.
    await named("people.jsonl", lines({ id: 1, a: { b: { c: 1 } } }, { id: 2, a: "x" }));
    await expect(read("a.b.c")).rejects.toMatchObject({
      message: expect.stringContaining('"a" is no object, or has a name twice, on line 2,'),
    });
    await named("people.jsonl", lines({ id: 1, "a.b": 1 }, { id: 2, a: { b: 2 } }));
    await expect(read("a.b")).rejects.toMatchObject({
      name: "SourceRowUnreadable",
      message:
        'people.jsonl: "a.b" is a name and, under another, a name within an object; nothing was read. Which of them is meant nobody can tell: rename one in a copy.',
    });
  });

  it("for a key that no object has, and one that is whole rows of another file", async () => {
    await named("people.jsonl", lines({ ID: 1 }));
    await expect(ranges()).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
      message:
        'people.jsonl has no "id" in any of its objects; nothing was read. It has one that reads like it: "ID", in another case. It names columns as the definition does, what is within an object with a point between: "address.city".',
    });
    await named("people.jsonl", lines({ meta: {}, "data-rows": [{ id: 1 }] }));
    await expect(ranges()).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
      message: `people.jsonl is one object without "id", and nothing was read: its rows may be the list "data-rows" in it. Each row is an object of its own, one a line or all in one list: jq -c '.["data-rows"][]' people.jsonl, of version 1.7 or newer, which keeps long numbers, writes them so.`,
    });
    await named("people.jsonl", lines({ "zoe@club.example": [{ no: 1 }] }));
    await expect(ranges()).rejects.toMatchObject({
      message: expect.not.stringContaining("zoe"),
    });
    await named("people.jsonl", lines({ id: 1 }, { id: null }, { nom: "x" }, { id: "1.5" }));
    await expect((await open()).ranges("people", "id", 10)).rejects.toMatchObject({
      message:
        'people.jsonl: line 2 has no integer in "id"; line 3 has no integer in "id"; line 4 has no integer in "id". Nothing was read; correct these lines or export the table again.',
    });
    // As of a table: rows without a key are in the first range, and those of one key together.
    expect(await (await open()).ranges("people", ["id"], 10)).toHaveLength(1);
    expect(
      await (await open()).inspect({ people: { key: ["id"], columns: ["id"] } }),
    ).toMatchObject([{ rows: 4 }]);
  });
});
