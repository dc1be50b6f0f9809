import { rm } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { LegacyRow } from "../../lib/sources/source.ts";
import { csvFolder, pagesOf } from "./csv-folder.ts";

const { path, open, file, named } = csvFolder();
const ranges = async () => (await open()).ranges("people", "id", 100);
const rowsOf = async (...asked: Parameters<typeof pagesOf>) => (await pagesOf(...asked)).flat();
const refusal = (message: string) => ({ name: "SourceRowUnreadable", message });

describe("a CSV file", () => {
  it.each([
    ["semicolons", "nom", "id;nom\n1;a, b\n2;3,5\n", ["a, b", "3,5"]],
    [
      "semicolons with quotes",
      "nom, first",
      '"id";"nom, first"\r\n"1";"a;b"\r\n2;\r\n',
      ["a;b", null],
    ],
    [
      "a name of two lines",
      "nom, \n first",
      '\uFEFFid;"nom, \n first";other\n1;a;\n2;"""b""";\n',
      ["a", '"b"'],
    ],
    ["tabs", "nom", "\nid\tnom\n1\ta;b\n2\t\\N\n", ["a;b", null]],
    ["bars", "nom", "id|nom\r1|a\r2|b, c\r", ["a", "b, c"]],
    ["commas around a semicolon", "a;b", 'id,"a;b"\n1,c;d\n2,e\n', ["c;d", "e"]],
  ])("V11 is separated as its header is, by %s", async (_, name, content, values) => {
    await file("people", content);
    const source = await open();
    expect(await rowsOf(source, ["id", name])).toEqual(
      values.map((value, at) => [String(at + 1), value]),
    );
  });

  it.each([
    ["people.tsv", "id\tnom, first\n1\ta;b\n2\t\\N\n", "nom, first"],
    ["people.TAB", "id\tnom|other\r\n1\ta;b\r\n2\t\r\n", "nom|other"],
    ["people.CSV", "id,nom\n1,a;b\n2,\n", "nom"],
    ["people.tsv", 'id;nom\n1;"a;b"\n2;\n', "nom"],
  ])(
    "V11 W13 may be called as other programs call theirs: %s %j",
    async (name, content, column) => {
      await named(name, content);
      const source = await open();
      expect(await rowsOf(source, ["id", column])).toEqual([
        ["1", "a;b"],
        ["2", null],
      ]);
      const { fingerprint } = await source.identify();
      await named("other.TSV", "id\n1\n");
      expect((await source.identify()).fingerprint).not.toBe(fingerprint);
    },
  );

  it("R4 W13 of a folder that went away meanwhile nothing is said to be missing in it", async () => {
    await file("people", "id,nom\n1,a\n");
    const source = await open();
    await rm(path(), { recursive: true });
    await expect(source.inspect({ people: { key: "id", columns: ["id"] } })).rejects.toMatchObject({
      name: "SourceUnreachable",
      message: expect.stringContaining(`csv ${path()} cannot be reached`),
    });
  });

  it("V11 W13 of two that are called as one table neither is read", async () => {
    await file("people", "id,nom\n1,a\n");
    await named("people.CSV", "id,nom\n2,b\n");
    await expect(ranges()).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
      message: expect.stringContaining("There are people.CSV and people.csv in "),
    });
  });

  it("V11 is separated by semicolons in every range of a large file", async () => {
    const rows = Array.from({ length: 12_000 }, (_, at) => [String(at + 1), `a,${at}`]);
    await file("people", `id;nom\n${rows.map((row) => `${row.join(";")}\n`).join("")}`);
    const source = await open();
    const read: LegacyRow[] = [];
    for (const range of await source.ranges("people", "id", 5_000))
      read.push(...(await rowsOf(source, ["id", "nom"], range)));
    expect(read).toEqual(rows);
  });
});

describe("a CSV file is refused", () => {
  it.each([
    ["in a header of commas and semicolons", "id;nom,first\n1;a\n"],
    ["in a header of semicolons and tabs", "id;nom\tfirst\n1;a\n"],
  ])("V11 for columns of which nobody knows what separates them, %s", async (_, content) => {
    await file("people", content);
    await expect(ranges()).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
      message: expect.stringContaining(
        'people.csv has no column "id" in its header row; nothing was read. Columns are separated by commas, or by semicolons, tabs or bars',
      ),
    });
  });

  it("V11 for a semicolon within a value that nobody quoted", async () => {
    await file("people", "id;nom\n1;Baker; Jr.\n2;Ann\n");
    await expect(ranges()).rejects.toMatchObject(
      refusal(
        "people.csv: line 2 has 3 fields, the header 2. Nothing was read; correct these lines or export the table again.",
      ),
    );
  });

  it("V11 for a quotation mark in a file of semicolons, by its line", async () => {
    await file("people", 'id;nom;note\n1;"a;b";\n2;"b\nc";the "d"\n');
    await expect(ranges()).rejects.toMatchObject(
      refusal(
        "people.csv, line 4: a quotation mark stands inside an unquoted field; nothing was read. Correct the line or export the table again.",
      ),
    );
  });
});
