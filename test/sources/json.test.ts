import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SourceKey } from "../../lib/define/keys.ts";
import { openSource } from "../../lib/sources/open.ts";
import type { LegacyRow, Source } from "../../lib/sources/source.ts";
import { listTables } from "../../lib/sources/tables.ts";
import { csvFolder, pagesOf } from "./csv-folder.ts";

const { path, open, named } = csvFolder();
const whole = { table: "people", after: null, upTo: null };
async function rowsOf(source: Source, columns: string[], key: SourceKey = ["id"]) {
  const rows: LegacyRow[] = [];
  for await (const page of source.read("people", key, columns, whole, 100)) rows.push(...page);
  return rows;
}
const ranges = async () => (await open()).ranges("people", ["id"], 10);
const lines = (...objects: unknown[]) =>
  objects.map((each) => `${JSON.stringify(each)}\n`).join("");

describe("W13 rows of a file of JSON", () => {
  it.each([
    ["people.jsonl", '{"id":1,"nom":"Ana"}\n{"id":2,"nom":"Bo"}\n'],
    ["people.ndjson", '\uFEFF{"id":1,"nom":"Ana"}\r\n\r\n{"nom":"Bo","id":2}'],
    ["people.json", '[{"id":1,"nom":"Ana"},{"id":2,"nom":"Bo"}]'],
    [
      "people.json",
      '\uFEFF\n[\r\n  {\r\n "id": 1,\r\n "nom": "Ana"\r\n },\r\n {"id":2,"nom":"Bo"}\r\n]\r\n',
    ],
    // As mongoexport writes without --jsonArray, whatever the file is called, and with --pretty.
    ["people.json", '{\n\t"id": 1,\n\t"nom": "Ana"\n}\n{\n\t"id": 2,\n\t"nom": "Bo"\n}\n'],
    ["people.jsonl", '[{"id":1,"nom":"Ana"},\n{"id":2,"nom":"Bo"}]\n'],
  ])("are its objects, one a line or in one list: %s %j", async (name, content) => {
    await named(name, content);
    const source = await open();
    expect(await rowsOf(source, ["id", "nom"])).toEqual([
      ["1", "Ana"],
      ["2", "Bo"],
    ]);
    expect(await source.inspect({ people: { key: "id", columns: ["id", "nom", "no"] } })).toEqual([
      { table: "people", exists: true, rows: 2, missingColumns: ["no"] },
    ]);
  });

  it("hold null where there is null or nothing, text as it is, and numbers to the letter", async () => {
    await named(
      "people.jsonl",
      [
        '{"id":12345678901234567890,"a":1.10,"b":"","c":true,"d":null}',
        '{"id":9007199254740993,"a":-0,"b":" x ","c":false}',
        '{"id":3,"a":1E+400,"e":"\\u0000\\ud83c\\udf38\\n\\"\\/","c":NaN}',
        '{"id":4,"a":0.1000000000000000055511151231257827,"b":"\\\\N"}',
      ].join("\n"),
    );
    expect(await rowsOf(await open(), ["id", "a", "b", "c", "d", "e"])).toEqual([
      ["3", "1E+400", null, "NaN", null, '\u0000🌸\n"/'],
      ["4", "0.1000000000000000055511151231257827", "\\N", null, null, null],
      ["9007199254740993", "-0", " x ", "false", null, null],
      ["12345678901234567890", "1.10", "", "true", null, null],
    ]);
  });

  it("hold lists and objects as JSON, to the letter of each number, and what is in an object under its own name", async () => {
    await named(
      "people.jsonl",
      '{"id":1,"at":{"town":"Lyon","geo":{"lat":45.7640430}},"tags":["a",1.0,null,{"x":12345678901234567890}]}\n{"id":2,"at":null}\n{"id":3,"at":{"zip":"01000"},"tags":[]}\n',
    );
    const columns = ["at", "at.town", "at.geo.lat", "at.zip", "tags"];
    expect(await rowsOf(await open(), columns)).toEqual([
      [
        '{"town":"Lyon","geo":{"lat":45.7640430}}',
        "Lyon",
        "45.7640430",
        null,
        '["a",1.0,null,{"x":12345678901234567890}]',
      ],
      [null, null, null, null, null],
      ['{"zip":"01000"}', null, null, "01000", "[]"],
    ]);
  });

  it.each([
    ['{"_seconds":1709316000,"_nanoseconds":0}', "2024-03-01T18:00:00.000Z"],
    ['{"_nanoseconds":500000000,"_seconds":-315619200}', "1960-01-01T00:00:00.500Z"],
    ['{"_seconds":1709316000,"_nanoseconds":1000}', "2024-03-01T18:00:00.000001Z"],
    ['{"_seconds":1709316000,"_nanoseconds":1}', "2024-03-01T18:00:00.000000001Z"],
    ['{"_seconds":1709316000}', '{"_seconds":1709316000}'],
    ['{"_seconds":"1709316000","_nanoseconds":0}', '{"_seconds":"1709316000","_nanoseconds":0}'],
    ['{"_seconds":1.5,"_nanoseconds":0}', '{"_seconds":1.5,"_nanoseconds":0}'],
    ['{"_seconds":1,"_nanoseconds":-1}', '{"_seconds":1,"_nanoseconds":-1}'],
    [
      '{"_seconds":999999999999999,"_nanoseconds":0}',
      '{"_seconds":999999999999999,"_nanoseconds":0}',
    ],
    ['{"_latitude":47.1,"_longitude":11.2}', '{"_latitude":47.1,"_longitude":11.2}'],
  ])("hold the time that Firestore means by %s", async (text, plain) => {
    await named("people.jsonl", `{"id":"x","v":${text},"in":[${text}]}\n`);
    const inside = plain.startsWith("{") ? plain : JSON.stringify(plain);
    expect(await rowsOf(await open(), ["v", "in"])).toEqual([[plain, `[${inside}]`]]);
  });

  it("hold what MongoDB's extended JSON means", async () => {
    const value = (text: string) => `{"id":"x","v":${text},"in":[${text}]}\n`;
    const cases: [string, string | null, string][] = [
      [
        '{"$oid":"65a1f0c2e4b0a1b2c3d4e5f6"}',
        "65a1f0c2e4b0a1b2c3d4e5f6",
        '["65a1f0c2e4b0a1b2c3d4e5f6"]',
      ],
      [
        '{"$date":"2024-03-01T18:00:00.500Z"}',
        "2024-03-01T18:00:00.500Z",
        '["2024-03-01T18:00:00.500Z"]',
      ],
      [
        '{"$date":{"$numberLong":"-315619200000"}}',
        "1960-01-01T00:00:00.000Z",
        '["1960-01-01T00:00:00.000Z"]',
      ],
      ['{"$date":1709316000000}', "2024-03-01T18:00:00.000Z", '["2024-03-01T18:00:00.000Z"]'],
      [
        '{"$date":{"$numberLong":"9223372036854775807"}}',
        "9223372036854775807",
        '["9223372036854775807"]',
      ],
      ['{"$numberLong":"9223372036854775807"}', "9223372036854775807", "[9223372036854775807]"],
      ['{"$numberInt":"7"}', "7", "[7]"],
      ['{"$numberDouble":"1.50"}', "1.50", "[1.50]"],
      ['{"$numberDouble":"NaN"}', "NaN", '["NaN"]'],
      ['{"$numberDecimal":"1.10"}', "1.10", "[1.10]"],
      [
        '{"$uuid":"3b241101-e2bb-4255-8caf-4136c566a962"}',
        "3b241101-e2bb-4255-8caf-4136c566a962",
        '["3b241101-e2bb-4255-8caf-4136c566a962"]',
      ],
      [
        '{"$binary":{"base64":"OyQRAeK7QlWMr0E2xWapYg==","subType":"04"}}',
        "3b241101-e2bb-4255-8caf-4136c566a962",
        '["3b241101-e2bb-4255-8caf-4136c566a962"]',
      ],
      ['{"$binary":"aGk=","$type":"00"}', "aGk=", '["aGk="]'],
      ['{"$undefined":true}', null, "[null]"],
      [
        '{"$ref":"clubs","$id":{"$oid":"aa"}}',
        '{"$ref":"clubs","$id":"aa"}',
        '[{"$ref":"clubs","$id":"aa"}]',
      ],
      ['{"$oid":7}', '{"$oid":7}', '[{"$oid":7}]'],
    ];
    for (const [text, plain, inside] of cases) {
      await named("people.jsonl", value(text));
      const rows = await rowsOf(await open(), ["v", "in"]);
      expect(rows, text).toEqual([[plain, inside]]);
    }
  });

  it("may be called as everything of JavaScript is, and mean nothing by it", async () => {
    const content =
      '{"id":1,"__proto__":{"admin":true},"constructor":"c","toString":"t","hasOwnProperty":1}\n{"id":2}\n';
    await named("people.jsonl", content);
    const columns = ["__proto__", "__proto__.admin", "constructor", "toString", "hasOwnProperty"];
    expect(await rowsOf(await open(), columns)).toEqual([
      ['{"admin":true}', "true", "c", "t", "1"],
      [null, null, null, null, null],
    ]);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it("D33 with half of a pair of a letter have the mark of a lost one, and JSON that nothing reads", async () => {
    await named("people.jsonl", '{"id":1,"a":"x\\ud800y","b":["\\udc00"]}\n');
    expect(await rowsOf(await open(), ["a", "b"])).toEqual([["x\uFFFDy", '["\\udc00"]']]);
  });

  it("with a name twice within an object hand it on as it is, for what reads JSON to refuse", async () => {
    await named("people.jsonl", '{"id":1,"at":{"x": 1, "x": 2}}\n{"id":2,"at":{"x":3}}\n');
    expect(await rowsOf(await open(), ["at"])).toEqual([['{"x": 1, "x": 2}'], ['{"x":3}']]);
    await expect(rowsOf(await open(), ["at.x"])).rejects.toMatchObject({
      name: "SourceRowUnreadable",
      message:
        'people.jsonl: "at" is no object, or has a name twice, on line 1, so that nobody knows "at.x" there; nothing was read. Correct these lines, or read "at" and open it, which holds such rows: opened(joined("people", {}), "at", "x").',
    });
  });

  it("in a list without any may have any column; a file without anything is refused", async () => {
    await named("people.json", "[]\n");
    const source = await open();
    expect(await source.inspect({ people: { key: ["id"], columns: ["id", "x"] } })).toEqual([
      { table: "people", exists: true, rows: 0, missingColumns: [] },
    ]);
    expect(await source.ranges("people", ["id"], 10)).toEqual([]);
    expect(await rowsOf(source, ["id", "x"])).toEqual([]);
    for (const nothing of ["", "\uFEFF\r\n \n"]) {
      await named("people.json", nothing);
      await expect(ranges()).rejects.toMatchObject({
        name: "SourceSchemaMismatch",
        message:
          "people.json is empty; nothing was read. Export the table again, or write [] into it where there is nothing to move.",
      });
    }
  });

  it.each([
    ["jsonl", "\n", "", ""],
    ["json", ",\n", "[", "]"],
    ["json", ",", "[", "]"],
  ])(
    "R12 of a long file are the same from every range: .%s with %j between",
    async (ending, between, before, behind) => {
      const objects = Array.from({ length: 12_000 }, (_, i) =>
        JSON.stringify({ id: i + 1, nom: `é ${i + 1}` }),
      );
      await named(`people.${ending}`, `${before}${objects.join(between)}${behind}`);
      const source = await open();
      const cut = await source.ranges("people", "id", 5_500);
      expect(cut.map(({ upTo }) => upTo)).toEqual(["5500", "11000", "12000"]);
      const found: (string | null)[] = [];
      for (const range of cut)
        for (const page of await pagesOf(source, ["id", "nom"], range, 999))
          for (const [id = null, nom = null] of page) {
            if (nom !== `é ${id}`) expect(nom).toBe(`é ${id}`);
            found.push(id);
          }
      expect(found).toEqual(Array.from({ length: 12_000 }, (_, i) => `${i + 1}`));
    },
  );

  it("W3 have as columns what is in objects, up to thousands of names and nine deep: what is beyond is missing, and said to be", async () => {
    const many = Object.fromEntries(Array.from({ length: 6_000 }, (_, n) => [`k${n}`, n]));
    const deep = Array.from({ length: 12 }).reduce<object>((inner) => ({ d: inner }), { end: 1 });
    await named("people.jsonl", lines({ id: "1", ...deep, many }));
    const columns = [
      "d.d.d.d.d.d.d.d.d",
      "d.d.d.d.d.d.d.d.d.d",
      "many.k4000",
      "many.k5999",
      "many",
    ];
    const [facts] = await (await open()).inspect({ people: { key: ["id"], columns } });
    expect(facts?.missingColumns).toEqual(["d.d.d.d.d.d.d.d.d.d", "many.k5999"]);
    await expect(rowsOf(await open(), ["many.k5999"])).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
      message:
        'people.jsonl has no "many.k5999" in any of its objects; nothing was read. Compare their names with the definition.',
    });
    expect(await rowsOf(await open(), ["many"])).toEqual([[JSON.stringify(many)]]);
  });

  it("may be of several MiB, in lists and lines", async () => {
    const long = "ж".repeat(3_000_000);
    await named("people.json", `[${JSON.stringify({ id: 1, a: long })},{"id":2,"a":"b"}]`);
    const rows = await rowsOf(await open(), ["a"]);
    expect(rows.map(([a]) => a?.length)).toEqual([3_000_000, 1]);
  });
});

describe("a folder with files of JSON", () => {
  it("W13 refuses two files of one table, and names all that it looked for", async () => {
    await named("people.csv", "id\n1\n");
    await named("people.ndjson", lines({ id: 1 }));
    await expect(ranges()).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
      message: `There are people.csv and people.ndjson in ${path()}; nothing was read. Each table is one file: which of them is meant nobody can tell, so move the other elsewhere.`,
    });
  });

  it("R3 W13 refuses a file that changes during a run, and other files than those that it began with", async () => {
    await named("people.jsonl", lines({ id: 1 }));
    const source = await open();
    const { fingerprint } = await source.identify();
    await source.ranges("people", ["id"], 10);
    await named("people.jsonl", lines({ id: 1 }, { id: 2 }));
    await expect(rowsOf(source, ["id"])).rejects.toMatchObject({
      name: "SourceChanged",
      message: expect.stringMatching(/^people\.jsonl changed while it was being read\./u),
    });
    const settings = { driver: "csv", connection: "legacy", path: path() } as const;
    const other = await openSource(settings, undefined, { fingerprint });
    await expect(rowsOf(other, ["id"])).rejects.toMatchObject({
      name: "SourceChanged",
      message: expect.stringMatching(/^The files in .* are not those that the run began with/u),
    });
  });

  it("B12 lists what is in objects as columns, one that is not one in every row as it is, and others' files as unread", async () => {
    await named(
      "people.json",
      JSON.stringify([
        { _id: { $oid: "aa" }, name: { first: "A", last: "B" }, at: { town: "x" }, tags: ["a"] },
        { _id: { $oid: "bb" }, name: null, at: "Lyon", born: { $date: "1990-01-02T00:00:00Z" } },
      ]),
    );
    await named("config.json", "{ // comment\n}\n");
    await mkdir(join(path(), "folder.json"));
    const found = await listTables({ driver: "csv", connection: "legacy", path: path() }, 10);
    expect(found).toMatchObject([
      {
        table: "config",
        columns: [],
        unread: expect.stringContaining("config.json, line 1: a name"),
      },
      {
        table: "people",
        columns: ["_id", "name.first", "name.last", "at", "tags", "born"],
        sample: [
          ["aa", "A", "B", '{"town":"x"}', '["a"]', null],
          ["bb", null, null, "Lyon", null, "1990-01-02T00:00:00Z"],
        ],
      },
    ]);
  });
});
