import { execFileSync } from "node:child_process";
import { mkdir, rm, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openSource } from "../../lib/sources/open.ts";
import { listTables } from "../../lib/sources/tables.ts";
import { csvFolder, pagesOf as rowsOf } from "./csv-folder.ts";

const { path, pathOf, open, file } = csvFolder();

describe("rows of a CSV file", () => {
  it("are text; an unquoted \\N and an unquoted empty field are null, a quoted one is empty text", async () => {
    await file(
      "people",
      '\uFEFFid,nom,remark\r\n1,"Ben, ""Ali""","two\r\nlines"\r\n2,\\N,\r\n3,"\\N",""\r\n4,سارة 🌸, padded \r\n5,nul\u0000,0\r\n',
    );
    expect(await rowsOf(await open(), ["id", "nom", "remark"])).toEqual([
      [
        ["1", 'Ben, "Ali"', "two\r\nlines"],
        ["2", null, null],
        ["3", "\\N", ""],
        ["4", "سارة 🌸", " padded "],
        ["5", "nul\u0000", "0"],
      ],
    ]);
  });

  it.each([
    ["a Windows header before other rows", "id,nom\r\n1,a\n2,b\n"],
    ["another header before Windows rows", "id,nom\n1,a\r\n2,b\r\n"],
    ["both among the rows", "id,nom\n1,a\r\n2,b\n"],
    ["an old Macintosh's", "id,nom\r1,a\r2,b\r"],
  ])("end with their line, whichever its end is: %s", async (_, content) => {
    await file("people", content);
    expect(await rowsOf(await open(), ["id", "nom"])).toEqual([
      [
        ["1", "a"],
        ["2", "b"],
      ],
    ]);
  });

  it("V11 may all end in commas that the header lacks", async () => {
    await file("people", "id,nom\r\n1,a,,\r\n2,b,,\r\n");
    expect(await rowsOf(await open(), ["id", "nom"])).toEqual([
      [
        ["1", "a"],
        ["2", "b"],
      ],
    ]);
  });

  it("come in the columns asked for, in key order and in pages, also from an unordered file", async () => {
    await file("people", "nom,id\nc,30\na,-1\nd,200\nb,4\n");
    const source = await open();
    expect(await rowsOf(source, ["id", "nom"], {}, 3)).toEqual([
      [
        ["-1", "a"],
        ["4", "b"],
        ["30", "c"],
      ],
      [["200", "d"]],
    ]);
    expect(await source.ranges("people", "id", 3)).toEqual([
      { table: "people", after: null, upTo: "30" },
      { table: "people", after: "30", upTo: "200" },
    ]);
    expect(await rowsOf(source, ["nom"], { after: "4", upTo: "30" })).toEqual([[["c"]]]);
  });

  it("of a long file are the same from every range, wherever its reading begins", async () => {
    const lines = Array.from({ length: 23_000 }, (_, i) => `${i + 1},"é ${i + 1}\n""x"""`);
    await file("people", `\uFEFFid,nom\n${lines.join("\n")}`);
    const source = await open();
    const ranges = await source.ranges("people", "id", 7_000);
    expect(ranges.map(({ upTo }) => upTo)).toEqual(["7000", "14000", "21000", "23000"]);
    let next = 1;
    for (const range of ranges) {
      for (const page of await rowsOf(source, ["id", "nom"], range, 999)) {
        for (const row of page) {
          if (row[0] !== `${next}` || row[1] !== `é ${next}\n"x"`) expect(row).toEqual(next);
          next += 1;
        }
      }
    }
    expect(next).toBe(23_001);
  });

  it("are none where there is only a header", async () => {
    await file("people", "id,nom\n");
    const source = await open();
    expect(await source.ranges("people", "id", 10)).toEqual([]);
    expect(await rowsOf(source, ["id"])).toEqual([]);
  });
});

describe("a folder of CSV files", () => {
  it("R3 counts rows and names tables and columns that are not there", async () => {
    await file("people", "id,nom\n1,a\n2,b\n");
    const source = await open();
    const columns = ["id", "nom", "email"];
    expect(
      await source.inspect({ people: { key: "id", columns }, archives: { key: "id", columns } }),
    ).toEqual([
      { table: "people", exists: true, rows: 2, missingColumns: ["email"] },
      { table: "archives", exists: false, rows: 0, missingColumns: ["id", "nom", "email"] },
    ]);
  });

  it("R1 can only be read, and has a fingerprint that follows its files", async () => {
    await file("people", "id,nom\n1,a\n");
    await utimes(pathOf("people"), 1_000, 1_000);
    const source = await open();
    const before = await source.identify();
    expect(before).toMatchObject({
      kind: "csv",
      privileges: null,
      readOnly: true,
      encrypted: null,
    });
    expect(await source.identify()).toEqual(before);
    await file("people", "id,nom\n1,b\n");
    await utimes(pathOf("people"), 1_000, 1_000);
    expect((await source.identify()).fingerprint).not.toBe(before.fingerprint);
  });

  it("refuses a file that changes during a run", async () => {
    await file("people", "id,nom\n1,a\n");
    const source = await open();
    await source.ranges("people", "id", 10);
    await file("people", "id,nom\n1,a\n2,b\n");
    await expect(rowsOf(source, ["id"])).rejects.toMatchObject({
      name: "SourceChanged",
      message:
        "people.csv changed while it was being read. Rows that were staged stay staged; files must not change during a run: start a new run with the new files.",
    });
  });

  it("R3 W13 refuses another export than the one that a run began with, whichever of its functions reads", async () => {
    await file("people", "id,nom\n1,a\n2,b\n");
    const { fingerprint } = await (await open()).identify();
    const settings = { driver: "csv", connection: "legacy", path: path() } as const;
    const opened = async () => {
      const source = await openSource(settings, undefined, { fingerprint });
      return rowsOf(source, ["id"]);
    };
    expect((await opened()).flat()).toEqual([["1"], ["2"]]);
    await file("people", "id,nom\n1,a\n2,c\n");
    const refused = {
      name: "SourceChanged",
      message: `The files in ${path()} are not those that the run began with: one is another, came or went since its preflight, or an older wavegate began it, which told files otherwise. Rows that were staged stay staged; files must not change during a run: start a new run with the new files.`,
    };
    await expect(opened()).rejects.toMatchObject(refused);
    // The same once more is the same export.
    await file("people", "id,nom\n1,a\n2,b\n");
    expect((await opened()).flat()).toEqual([["1"], ["2"]]);
    await rm(pathOf("people"));
    await file("People", "id,nom\n1,a\n2,b\n");
    await expect(opened()).rejects.toMatchObject({ name: "SourceSchemaMismatch" });
  });

  it("R3 W13 refuses a file that differs in its middle alone, of the same size and moment, before and while it is read", async () => {
    const rows = Array.from({ length: 30_000 }, (_, at) => `${at},name`);
    const written = async (name: string, moment: number) => {
      await file("people", `id,nom\n${rows.with(15_000, `15000,${name}`).join("\n")}\n`);
      await utimes(pathOf("people"), moment, moment);
    };
    await written("Lina", 1_000);
    const { fingerprint } = await (await open()).identify();
    const settings = { driver: "csv", connection: "legacy", path: path() } as const;
    const opened = () => openSource(settings, undefined, { fingerprint });
    expect(await rowsOf(await opened(), ["id"], { upTo: "3" })).toHaveLength(1);
    await written("Nila", 1_000);
    await expect(rowsOf(await opened(), ["id"], { upTo: "3" })).rejects.toMatchObject({
      name: "SourceChanged",
    });
    await written("Lina", 1_000);
    const source = await opened();
    const whole = { table: "people", after: null, upTo: null };
    const read = async () => {
      for await (const page of source.read("people", "id", ["id"], whole, 10_000))
        if (page[0]?.[0] === "0") await written("Nila", 1_000);
    };
    await expect(read()).rejects.toMatchObject({ name: "SourceChanged" });
  });

  it("that is not there is named", async () => {
    await expect(
      openSource({ driver: "csv", connection: "legacy", path: join(path(), "nowhere") }),
    ).rejects.toMatchObject({
      name: "SourceUnreachable",
      message: `csv ${join(path(), "nowhere")} cannot be reached as the settings ask (there is no such folder); nothing was read. Name the folder with the files, one <table>.csv, .jsonl, .ndjson or .json for each table, in LEGACY_DB_PATH. On AWS there is no folder: load the files into tables of a MySQL or PostgreSQL database there, by the same names, and name that one.`,
    });
    // Before anything is deployed: `check` and `doctor` open it as a run would.
    await expect(
      openSource({ driver: "csv", connection: "legacy", path: "s3://exports/people" }),
    ).rejects.toMatchObject({
      name: "SourceUnreachable",
      message: expect.stringContaining(
        "Tables are not read from a bucket: put its files into a folder of the machine that reads them (`aws s3 sync`). On AWS there is no folder:",
      ),
    });
    await file("other", "id\n1\n");
    await expect(
      openSource({ driver: "csv", connection: "old-school", path: join(path(), "other.csv") }),
    ).rejects.toThrow(/it is a file, not a folder.* in OLD_SCHOOL_DB_PATH\. On AWS /);
    await expect((await open()).ranges("people", "id", 10)).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
      message: `There is no people.csv, people.tsv, people.tab, people.jsonl, people.ndjson or people.json in ${path()}; nothing was read. Each table is one file of that name.`,
    });
  });

  it("reads nothing outside the folder", async () => {
    await file("people", "id,nom\n1,a\n");
    await expect((await open()).ranges("../../etc/passwd", "id", 10)).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
      message: expect.stringContaining("There is no passwd.csv"),
    });
  });
});

describe("D33 a key that is a whole number", () => {
  it.each([
    ["1.0", "1"],
    [" 5 ", "5"],
    ["+7", "7"],
    ["8.", "8"],
    ["007", "7"],
    ["-3.00", "-3"],
    ["9007199254740993.0", "9007199254740993"],
    ["9223372036854775807.0", "9223372036854775807"],
  ])("%j is %s", async (written, key) => {
    await file("people", `id,nom\n"${written}",a\n`);
    const source = await open();
    expect(await source.ranges("people", "id", 10)).toEqual([
      { table: "people", after: null, upTo: key },
    ]);
    expect(await rowsOf(source, ["id", "nom"])).toEqual([[[key, "a"]]]);
  });

  it("stands among others, in their order", async () => {
    await file("people", "id,nom\n1.0,a\n 2 ,b\n3,c\n10.0,d\n");
    expect(await rowsOf(await open(), ["id"], { after: "1", upTo: "3" })).toEqual([[["2"], ["3"]]]);
  });
});

describe("W13 a file that cannot be read names file and line", () => {
  const ranges = async () => (await open()).ranges("people", "id", 10);
  const unreadable = (message: string) => ({ name: "SourceRowUnreadable", message });

  it("for ragged lines and keys that are none, all at once", async () => {
    await file(
      "people",
      'id,nom\n1,a\n2,b,c\n"multi\nline",x\n,y\n3\n4,d\n99999999999999999999,e\n',
    );
    await expect(ranges()).rejects.toMatchObject(
      unreadable(
        'people.csv: line 3 has 3 fields, the header 2; line 4 has no integer in "id"; line 6 has no integer in "id"; line 7 has 1 field, the header 2; line 9 has 99999999999999999999 in "id", which no signed 64-bit integer holds. Nothing was read; correct these lines or export the table again.',
      ),
    );
  });

  it.each([
    ["the key", "id,nom,id\n1,a,2\n", "id", 1, 3],
    ["the key, under spaces", "id,nom, id \n1,a,2\n", "id", 1, 3],
    ["a column", "id,nom,nom\n1,a,b\n", "nom", 2, 3],
    ["a column that nobody reads", "id,nom,autre,x,autre\n1,a,b,c,d\n", "autre", 3, 5],
  ])("for a header that names %s twice", async (_what, text, name, one, other) => {
    await file("people", text);
    await expect(ranges()).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
      message: `people.csv has two columns "${name}", number ${one} and number ${other} of its header row; nothing was read. Which of them is meant nobody can tell: rename or remove one, or export the table again.`,
    });
  });

  it.each([
    ["case", "id,Nom,nom\n1,a,b\n", '"Nom" and "nom"', 2, 3],
    ["case, the key", "id,nom,ID\n1,a,2\n", '"id" and "ID"', 1, 3],
    ["case, in French", "id,Prénom,PRÉNOM\n1,a,b\n", '"Prénom" and "PRÉNOM"', 2, 3],
    ["what cannot be seen", "id,nom,no\u200Bm\n1,a,b\n", '"nom" and "no\u200Bm"', 2, 3],
    [
      "how a letter is written",
      "id,pre\u0301nom,pr\u00E9nom\n1,a,b\n",
      '"pre\u0301nom" and "pr\u00E9nom"',
      2,
      3,
    ],
  ])("for a header whose names differ only in %s", async (_what, text, names, one, other) => {
    await file("people", text);
    await expect(ranges()).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
      message: `people.csv has two columns ${names}, number ${one} and number ${other} of its header row; nothing was read. They differ only in case or in what cannot be seen. Which of them is meant nobody can tell: rename or remove one, or export the table again.`,
    });
  });

  it.each(["1,5", "1e3", "0x10", "5.5", "--1", "1.0.0", "", "٥", "1 000"])(
    "for the key %j, which is no whole number",
    async (key) => {
      await file("people", `id,nom\n"${key}",a\n`);
      await expect(ranges()).rejects.toMatchObject(
        unreadable(
          'people.csv: line 2 has no integer in "id". Nothing was read; correct these lines or export the table again.',
        ),
      );
    },
  );

  it.each(["number,nom\n", "\uFEFFnumber, nom\n"])(
    "D33 for the header once more, %j, which is nobody's row",
    async (again) => {
      await file("people", `number,nom\nM-1,a\n${again}M-2,b\nnumber,nom de famille\n`);
      await expect((await open()).ranges("people", ["number"], 10)).rejects.toMatchObject(
        unreadable(
          "people.csv: line 3 is the header once more, as where two files were put together. Nothing was read; correct these lines or export the table again.",
        ),
      );
    },
  );

  it("for a key that is written in two ways", async () => {
    await file("people", "id,nom\n1,a\n2,b\n1.0,c\n");
    await expect(ranges()).rejects.toMatchObject(
      unreadable(
        'people.csv: line 4 has the same "id" as line 2. Nothing was read; correct these lines or export the table again.',
      ),
    );
  });

  it("for a key that stands twice", async () => {
    await file("people", "id,nom\n1,a\n2,b\n1,c\n");
    await expect(ranges()).rejects.toMatchObject(
      unreadable(
        'people.csv: line 4 has the same "id" as line 2. Nothing was read; correct these lines or export the table again.',
      ),
    );
  });

  it("for many such lines, ten of them", async () => {
    await file("people", `id,nom\n${"x,y\n".repeat(25)}`);
    await expect(ranges()).rejects.toMatchObject({
      message: expect.stringMatching(/line 11 has no integer in "id"; and 15 more\. Nothing/),
    });
  });

  it("V11 for commas at the end of some lines, which may come of one within a value", async () => {
    await file("people", "id,nom,note\n1,Baker, Jr.,\n2,Ann,x\n");
    await expect(ranges()).rejects.toMatchObject(
      unreadable(
        "people.csv: line 2 has 4 fields, the header 3, as not every line has. Nothing was read; correct these lines or export the table again.",
      ),
    );
  });

  it("for text that is not UTF-8", async () => {
    await file(
      "people",
      Buffer.concat([Buffer.from("id,nom\n1,é\n2,"), Buffer.from([0xe9]), Buffer.from("\n3,ok\n")]),
    );
    await expect(ranges()).rejects.toMatchObject(
      unreadable(
        "people.csv, line 3: the text is not valid UTF-8; nothing was read. Export the table again as UTF-8, or convert the file: where it is Windows-1252, as spreadsheets save it, iconv -f cp1252 -t utf8.",
      ),
    );
  });

  it.each([
    [
      "a quotation mark that is never closed",
      'id,nom\n1,a\n2,"b\n3,c\n',
      "line 3: a quotation mark is never closed",
    ],
    [
      "something after a closing quotation mark",
      'id,nom\n1,"a"b\n',
      "line 2: something follows a closing quotation mark",
    ],
    [
      "a quotation mark inside a field",
      'id,nom\n1,a"b\n',
      "line 2: a quotation mark stands inside an unquoted field",
    ],
  ])("for %s", async (_, content, says) => {
    await file("people", content);
    await expect(ranges()).rejects.toMatchObject(
      unreadable(
        `people.csv, ${says}; nothing was read. Correct the line or export the table again.`,
      ),
    );
  });

  it.each([
    ["of lines", "x".repeat(99).concat("\n")],
    ["of one line", "x".repeat(100)],
    ["of quotes", '""'.repeat(50)],
  ])("for a record longer than 16 MiB %s, of which no more is held", async (_, text) => {
    await file("people", `id,nom\n1,a\n2,"${text.repeat(200_000)}`);
    await expect(ranges()).rejects.toMatchObject(
      unreadable(
        "people.csv, line 3: the record is longer than 16 MiB; a quotation mark may be missing; nothing was read. Correct the line or export the table again.",
      ),
    );
  });

  const fill = (rows: number, end = "\n") =>
    Array.from({ length: rows }, (_, i) => `${i + 1},name ${i + 1}${end}`).join("");

  it.each([
    ["beyond what is read at once", `id,nom\n${fill(5_000)}5001,"x" y\n`, "line 5002"],
    ["at the very end of many blocks", `id,nom\n${fill(40_000)}40001,"open\n`, "line 40002"],
    ["under Windows line ends", `id,nom\r\n${fill(5_000, "\r\n")}5001,a"b\r\n`, "line 5002"],
    [
      "after fields of several lines",
      `id,nom\r\n${'7,"a\r\nb\r\nc"\r\n'.repeat(1_000)}8,"x"y\r\n`,
      "line 3002",
    ],
    ["after a byte order mark and empty lines", `\uFEFFid,nom\n\n\n1,a\n\n2,b"\n`, "line 6"],
    ["in the header", 'id,"nom"x\n1,a\n', "line 1"],
    ["behind a byte order mark", '\uFEFF"id,nom\n1,a\n', "line 1"],
    [
      "inside a field of several lines, named with where that begins",
      `id,nom\n${fill(20)}21,"a\nb\n"c"\n`,
      "line 24: something follows a closing quotation mark (of a field that begins on line 22)",
    ],
    ["of the second field of several lines", 'id,nom\n"1\n","a\nb"c\n', "line 4"],
  ])("names the exact line of a fault %s", async (_, content, line) => {
    await file("people", content);
    await expect(ranges()).rejects.toMatchObject({
      name: "SourceRowUnreadable",
      message: expect.stringContaining(`people.csv, ${line}${line.includes(":") ? "" : ":"}`),
    });
  });

  it("names the exact line of a row without a key, under Windows line ends and fields of several lines", async () => {
    await file("people", `id,nom\r\n${fill(5_000, "\r\n")}5001,"a\r\nb"\r\n\r\nx,y\r\n`);
    await expect(ranges()).rejects.toMatchObject(
      unreadable(
        'people.csv: line 5005 has no integer in "id". Nothing was read; correct these lines or export the table again.',
      ),
    );
  });

  it("W14 for no header without a word of what stands in its place", async () => {
    await file("people", "1,Quartermain,Quartermain,zoe@example.net\n2,b,c,d\n");
    await expect(ranges()).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
      message: expect.stringContaining('people.csv has no column "id" in its header row; nothing'),
    });
    const said = await ranges().catch((error: Error) => error.message);
    expect(said).not.toMatch(/Quartermain|zoe/u);
  });

  it("for a header without the key, and for no header", async () => {
    await file("people", "number,nom\n1,a\n");
    await expect(ranges()).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
      message:
        'people.csv has no column "id" in its header row; nothing was read. Columns are separated by commas, or by semicolons, tabs or bars where the header has no comma, and it names them as the definition does.',
    });
    for (const [header, shown] of [
      ["id\u200B", '"id<U+200B>", with what cannot be seen'],
      ["\u200Eid", '"<U+200E>id", with what cannot be seen'],
      ["i\u00ADd", '"i<U+00AD>d", with what cannot be seen'],
      ["ID", '"ID", in another case'],
    ]) {
      await file("people", `${header},nom\n1,a\n`);
      await expect(ranges()).rejects.toMatchObject({
        name: "SourceSchemaMismatch",
        message: `people.csv has no column "id" in its header row; nothing was read. It has one that reads like it: ${shown}. Columns are separated by commas, or by semicolons, tabs or bars where the header has no comma, and it names them as the definition does.`,
      });
    }
    await file("people", "");
    await expect(ranges()).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
      message: "people.csv is empty: it needs a header row. Nothing was read.",
    });
  });
});

describe("R4 W13 a file that cannot be read", () => {
  const unread = (name: string, code: string) => ({
    name: "SourceUnreachable",
    message: `csv ${pathOf(name)} cannot be reached as the settings ask (${code}); nothing was read. Make sure that the file is there and may be read by whoever runs this, then run the same step again.`,
  });

  it("is told by its name and the system's word, and what is no file is no table", async () => {
    await file("people", "id,nom\n1,a\n");
    const source = await open();
    // A folder, a link to nothing, and a file of which no byte can be read.
    await mkdir(pathOf("folder"));
    await symlink(join(path(), "nowhere"), pathOf("dangling"));
    await (await open()).identify();
    const wanted = { key: "id", columns: ["id"] };
    expect(await source.inspect({ folder: wanted, dangling: wanted })).toMatchObject([
      { exists: false },
      { exists: false },
    ]);
    await symlink("/proc/self/mem", pathOf("mem"));
    await expect((await open()).identify()).rejects.toMatchObject(unread("mem", "EIO"));
    await expect((await open()).inspect({ mem: wanted })).rejects.toMatchObject(
      unread("mem", "EIO"),
    );
    for (const name of ["folder", "dangling", "mem"]) await rm(pathOf(name), { recursive: true });
  });

  it("B12 W13 a pipe that nobody writes into is waited for neither by an import nor by what begins a definition", async () => {
    await file("people", "id,nom\n1,a\n");
    await mkdir(pathOf("folder"));
    execFileSync("mkfifo", [pathOf("pipe")]);
    const facts = (await open()).inspect({ pipe: { key: "id", columns: ["id"] } });
    expect(await facts).toMatchObject([{ exists: false }]);
    const listed = await listTables({ driver: "csv", connection: "legacy", path: path() }, 10);
    expect(listed.map(({ table }) => table)).toEqual(["people"]);
    for (const name of ["folder", "pipe"]) await rm(pathOf(name), { recursive: true });
  });
});
