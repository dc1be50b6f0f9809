import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { openSource } from "../../lib/sources/open.ts";
import type { KeyRange } from "../../lib/sources/source.ts";
import { listTables } from "../../lib/sources/tables.ts";
import { csvFolder, pagesOf } from "./csv-folder.ts";

const { open, file, path } = csvFolder();
const sheet = "Payments 2021-2024;;;\nAs of 31.12.2024;;;\nid;day;amount;by\n1;45235;5,00;cash\n";
const listed = () => listTables({ driver: "csv", connection: "legacy", path: path() }, 100);

it("W13 a header below a title is pointed at by its line", async () => {
  await file("people", sheet);
  const source = await open();
  await expect(source.ranges("people", "id", 100)).rejects.toMatchObject({
    name: "SourceSchemaMismatch",
    message: expect.stringContaining(
      'people.csv has no column "id" in its header row; nothing was read. Line 3 names it: take away what stands above that line. Columns are',
    ),
  });
  await expect(source.ranges("people", ["id", "nobody"], 100)).rejects.toMatchObject({
    message: expect.not.stringContaining("Line 3"),
  });
});

it.each([
  ["semicolons", "Licences of 12/11/2026\nno;licence;day\n1;A;1,00\n2;B;1,50\n"],
  ["commas", "Licences of 12/11/2026\n\nno,licence,day\n1,A,x\n"],
  ["tabs", "\uFEFFLicences\r\nno\tlicence\tday\r\n1\tA\tx\r\n"],
])(
  "B12 a title of one text above columns with %s between them is pointed at",
  async (mark, text) => {
    await file("people", text);
    const message = expect.stringContaining(
      `people.csv: the first line has one column, and those below have several, with ${mark} between them: it is a title. Nothing was read; take away`,
    );
    await expect((await open()).ranges("people", "no", 100)).rejects.toMatchObject({
      name: "SourceRowUnreadable",
      message,
    });
    expect(await listed()).toMatchObject([{ table: "people", unread: message }]);
  },
);

it.each([
  ["words with one mark each", "words\na;b\nc;d\n"],
  ["texts with as many in some rows", "words\na;b;c\nd\n"],
  ["texts within quotes", 'words\n"a;b;c"\n"d;e;f"\n'],
])("B12 a table of one column is read that holds %s", async (_what, text) => {
  await file("people", text);
  expect(await listed()).toMatchObject([{ columns: ["words"] }]);
});

it("D33 of several columns without a name none is read, as which is meant nobody can tell", async () => {
  await file("people", "id;;nom;\n1;a;b;c\n");
  const refused = {
    name: "SourceSchemaMismatch",
    message: expect.stringContaining(
      "people.csv has 2 columns without a name in its header row, number 2, 4; nothing",
    ),
  };
  const source = await open();
  const whole = { people: { key: "id", columns: ["id", ""] } };
  await expect(source.inspect(whole)).rejects.toMatchObject(refused);
  await expect(pagesOf(await open(), ["id", ""])).rejects.toMatchObject(refused);
  await expect((await open()).ranges("people", "", 100)).rejects.toMatchObject(refused);
  expect(await pagesOf(await open(), ["id", "nom"])).toEqual([[["1", "b"]]]);
});

it("D33 a single column without a name is found by that", async () => {
  await file("people", ";nom\n1;b\n");
  const source = await openSource({ driver: "csv", connection: "legacy", path: path() });
  expect(await source.ranges("people", "", 100)).toHaveLength(1);
  expect(await listed()).toMatchObject([{ columns: ["", "nom"], sample: [["1", "b"]] }]);
});

it("B12 columns without a name are offered to no definition, and what they hold is told of", async () => {
  await file("people", sheet);
  await file("spread", "id; nom \u00a0;;;x;\n1;b;;;c;\n2;d;;;e;f\n");
  await file("wide", "id;nom;;\n1;b;;\n");
  expect(await listed()).toEqual([
    {
      ...{ table: "people", columns: ["Payments 2021-2024"], key: [] },
      sample: [["As of 31.12.2024"], ["id"], ["1"]],
      unnamed:
        "In “people” what stands in column 2, 3, 4 has no name in the first line, and is not read. Its columns seem to be named in record 3: take away what stands above it, and begin again.",
    },
    {
      ...{ table: "spread", columns: ["id", "nom", "x"], key: [] },
      sample: [
        ["1", "b", "c"],
        ["2", "d", "e"],
      ],
      unnamed:
        "In “spread” what stands in column 6 has no name in the first line, and is not read. Give each that is needed a name.",
    },
    { table: "wide", columns: ["id", "nom"], key: [], sample: [["1", "b"]] },
  ]);
});

it.each([
  ["a number", "id"],
  ["a text", ["id"]],
] as const)(
  "D33 V11 what spreadsheets write of rows without a value is no row, where the key is %s",
  async (_, key) => {
    await file("people", ";;\r\nid;nom;town\r\n;;\r\n1;a;b\r\n;;\r\n;;\r\n2;;\r\n;;\r\n;;");
    const source = await open();
    const people = { key, columns: ["id", "nom", "town"] };
    expect(await source.inspect({ people })).toMatchObject([{ rows: 2, missingColumns: [] }]);
    const [range] = await source.ranges("people", key, 100);
    const pages: unknown[] = [];
    for await (const page of source.read("people", key, people.columns, range as KeyRange, 9))
      pages.push(page);
    expect(pages).toEqual([
      [
        ["1", "a", "b"],
        ["2", null, null],
      ],
    ]);
    expect(await listed()).toMatchObject([
      { columns: ["id", "nom", "town"], sample: [["1", "a", "b"], {}] },
    ]);
  },
);

it.each(['"";;', "\\N;\\N;\\N", " ;;"])(
  "D33 a row of %j says something, and is one without a key",
  async (row) => {
    await file("people", `id;nom;town\n1;a;b\n${row}\n`);
    const people = { key: ["id"], columns: ["id", "nom", "town"] };
    expect(await (await open()).inspect({ people })).toMatchObject([{ rows: 2 }]);
  },
);

it.each([",", ";", "\t", "|"])(
  "V11 a first line that says to a spreadsheet what separates columns, %j, is no header",
  async (sign) => {
    const line = (...cells: string[]) => `${cells.join(sign)}\r\n`;
    await file(
      "people",
      `\uFEFFsep=${sign}\r\n${line("id", "nom")}${line("1", "a")}${line("sep=", "")}`,
    );
    const source = await open();
    expect(await source.inspect({ people: { key: ["id"], columns: ["id", "nom"] } })).toMatchObject(
      [{ rows: 2, missingColumns: [] }],
    );
    expect(await listed()).toMatchObject([
      {
        columns: ["id", "nom"],
        sample: [
          ["1", "a"],
          ["sep=", null],
        ],
      },
    ]);
  },
);

it("W13 a header of very many columns is read as any other, and one of them that stands twice is found", async () => {
  const names = Array.from({ length: 200_000 }, (_, at) => `c${at}`);
  await file("people", `id,${names.join(",")}\n1${",x".repeat(names.length)}\n`);
  const people = { key: "id", columns: ["c199999"] };
  expect(await (await open()).inspect({ people })).toMatchObject([{ rows: 1, missingColumns: [] }]);
  await file("people", `id,${names.join(",")},C7\n`);
  await expect((await open()).inspect({ people })).rejects.toMatchObject({
    message: expect.stringContaining(
      'people.csv has two columns "c7" and "C7", number 9 and number 200002 of its header row',
    ),
  });
});

it("B12 a folder of more files than a system lets a program open at once is listed, each with its columns", async () => {
  for (let n = 0; n < 300; n++) await file(`month_${n}`, "id,nom\n1,a\n");
  const program = `const { listTables } = await import(${JSON.stringify(new URL("../../lib/sources/tables.ts", import.meta.url).href)});
    const found = await listTables({ driver: "csv", connection: "legacy", path: ${JSON.stringify(path())} }, 100);
    console.log(found.filter(({ columns }) => columns.join() === "id,nom").length);`;
  const { stdout } = await promisify(execFile)("/bin/sh", [
    ...["-c", 'ulimit -n 150; exec "$0" --input-type=module --eval "$1"'],
    ...[process.execPath, program],
  ]);
  expect(stdout).toBe("300\n");
});
