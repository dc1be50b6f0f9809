import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guessed } from "../../lib/author/new/draft.ts";
import { named, table } from "../../lib/define/builders.ts";
import { openSource } from "../../lib/sources/open.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import type { LegacyRow, Source } from "../../lib/sources/source.ts";
import { type ListedTable, listTables } from "../../lib/sources/tables.ts";
import { withCatalogues } from "../../lib/sources/with-catalogues.ts";
import { startMariaDb, type TestMariaDb } from "../support/mariadb.ts";

let server: TestMariaDb;
const opened: Source[] = [];

beforeAll(async () => {
  server = await startMariaDb();
  await server.query(`
    INSERT INTO formations (id, nom) VALUES (1, 'Secrétariat'), (2, 'إعلام آلي'), (5, 'Photo 📷');
    INSERT INTO stagiaires (id, nom, prenom, date_naissance, telephone, email, created_at) VALUES
      (1, 'Benali', 'Sara 🌸', '0000-00-00', '٠٥٥٩٤٤٦١٦٨', 'NULL', '2019-03-04 10:11:12'),
      (3, 'Che\u0301rif', NULL, '2023-02-30', '', NULL, '0000-00-00 00:00:00'),
      (4, 'Nul\\0inside', 'x', '1998-00-00', NULL, NULL, NULL),
      (4294967295, 'Last', 'One', '1998-05-12', NULL, NULL, NULL);
    CREATE TABLE numbers (id BIGINT PRIMARY KEY, price DECIMAL(10,2), ratio DOUBLE, big BIGINT UNSIGNED, day TIME);
    INSERT INTO numbers VALUES (-7, 12.50, 0.1, 18446744073709551615, '-12:30:00');
    CREATE TABLE floats (id FLOAT PRIMARY KEY, day FLOAT, price FLOAT(10,2), far FLOAT UNSIGNED);
    INSERT INTO floats VALUES (1234567, 20190312, 12345.67, 1e-45), (1234568, 0.1, 0.1, 3.4028235e38), (16777216, -1234567, -1, NULL);
    CREATE TABLE many (id INT PRIMARY KEY, word VARCHAR(20));
    INSERT INTO many SELECT seq * 2, CONCAT('word ', seq) FROM seq_1_to_1000;
    CREATE TABLE oldtext (id INT PRIMARY KEY, nom VARCHAR(50)) DEFAULT CHARSET = latin1;
    INSERT INTO oldtext VALUES (1, 'Zoé'), (2, CONVERT(UNHEX('5A6FC3A9') USING latin1));
    CREATE TABLE bytes (id INT PRIMARY KEY, nom VARBINARY(50));
    INSERT INTO bytes VALUES (1, 'Zoé'), (2, UNHEX('5A6FE9')), (3, UNHEX('FF'));
    CREATE TABLE uuids (id BINARY(16) PRIMARY KEY, parent BINARY(16), made BINARY(4));
    INSERT INTO uuids VALUES (UNHEX('00112233445566778899AABBCCDDEEFF'), NULL, '2015'), (UNHEX('6162636465666768696A6B6C6D6E6F70'), UNHEX('00112233445566778899AABBCCDDEEFF'), NULL);
    CREATE TABLE twice (id INT, nom VARCHAR(5));
    INSERT INTO twice VALUES (1, 'a'), (1, 'b');
    CREATE TABLE typed (id INT PRIMARY KEY, hobbies SET('chess', 'row', 'sew'), status SET('a', 'b'), since YEAR, flag BIT(1));
    INSERT INTO typed VALUES (1, 'chess,sew', 'a', 0, b'1'), (2, '', 'a,b', 1999, b'0'), (3, 'row', NULL, NULL, NULL);
    CREATE VIEW good_view AS SELECT id, nom FROM formations;
    CREATE VIEW twice_view AS SELECT id, nom FROM twice;
    CREATE TABLE textkey (id VARCHAR(5) PRIMARY KEY);
    CREATE TABLE hugekey (id BIGINT UNSIGNED PRIMARY KEY, nom VARCHAR(5));
    INSERT INTO hugekey VALUES (7, 'a'), (9223372036854775808, 'b'), (18446744073709551615, 'c');
    CREATE TABLE largekey (id BIGINT UNSIGNED PRIMARY KEY, nom VARCHAR(5));
    INSERT INTO largekey VALUES (7, 'a'), (9223372036854775807, 'b');
    CREATE TABLE refs (id INT PRIMARY KEY, price DECIMAL(10,2), flag BIT(1), bits BIT(20), ratio DOUBLE, big BIGINT UNSIGNED);
    INSERT INTO refs VALUES (1, 3.00, b'1', b'11101011', 235, 18446744073709551615), (2, -0.50, NULL, b'0', 0.5, 0);
    CREATE TABLE mixed (
      id INT PRIMARY KEY,
      utf VARCHAR(50) CHARACTER SET utf8mb4, three VARCHAR(50) CHARACTER SET utf8mb3,
      latin VARCHAR(50) CHARACTER SET latin1, arabic VARCHAR(50) CHARACTER SET cp1256, greek VARCHAR(50) CHARACTER SET greek
    );
    INSERT INTO mixed VALUES (1, 'سارة 🌸', 'سارة', 'Élise', 'سارة', 'Νίκος'), (2, 'Zoé', 'Zoé', CONVERT(UNHEX('5A6FC3A9') USING latin1), NULL, NULL);
  `);
});

afterAll(async () => {
  await Promise.all(opened.map((source) => source.close()));
  await server?.stop();
});

async function open(changes: Record<string, string> = {}): Promise<Source> {
  const source = await openSource(sourceSettings("legacy", { ...server.settings, ...changes }));
  opened.push(source);
  return source;
}

async function everyRow(source: Source, table: string, columns: string[], pageRows = 100) {
  const rows: LegacyRow[] = [];
  const all = { table, after: null, upTo: null };
  for await (const page of source.read(table, "id", columns, all, pageRows)) rows.push(...page);
  return rows;
}

describe("rows of a MariaDB", () => {
  it("M1 are text as the server holds it: zero dates, impossible days, emoji, Arabic, NUL, null", async () => {
    const columns = ["id", "nom", "prenom", "date_naissance", "telephone", "email", "created_at"];
    expect(await everyRow(await open(), "stagiaires", columns)).toEqual([
      ["1", "Benali", "Sara 🌸", "0000-00-00", "٠٥٥٩٤٤٦١٦٨", "NULL", "2019-03-04 10:11:12"],
      ["3", "Che\u0301rif", null, "2023-02-30", "", null, "0000-00-00 00:00:00"],
      ["4", "Nul\u0000inside", "x", "1998-00-00", null, null, null],
      ["4294967295", "Last", "One", "1998-05-12", null, null, null],
    ]);
  });

  it("keep numbers exactly as they are written", async () => {
    expect(await everyRow(await open(), "numbers", ["id", "price", "ratio", "big", "day"])).toEqual(
      [["-7", "12.50", "0.1", "18446744073709551615", "-12:30:00"]],
    );
  });

  it("D33 of 24 bits keep every digit, of a key too, where the server shows six", async () => {
    const all = { table: "floats", after: null, upTo: null };
    const columns = ["id", "day", "price", "far"];
    const source = await open();
    expect(await source.ranges("floats", ["id"], 2)).toEqual([
      { table: "floats", after: null, upTo: "1234568" },
      { table: "floats", after: "1234568", upTo: "16777216" },
    ]);
    for await (const page of source.read("floats", ["id"], columns, all, 10))
      expect(page).toEqual([
        ["1234567", "20190312", "12345.67", "1.4013e-45"],
        ["1234568", "0.1", "0.10", "3.4028235e38"],
        ["16777216", "-1234567", "-1.00", null],
      ]);
  });

  it("W3 of one key come the same way though they differ behind a point alone, however they lie", async () => {
    const lists = ["1.2, 1.4, 1.1, 1.3", "1.3, 1.1, 1.4, 1.2"].map((all) => all.split(", "));
    const orders: LegacyRow[][] = [];
    for (const [at, list] of lists.entries()) {
      await server.query(`CREATE TABLE ties_${at} (id VARCHAR(5), price DECIMAL(3,1))`);
      for (const price of list)
        await server.query(`INSERT INTO ties_${at} VALUES ('a', ?)`, [price]);
      const all = { table: `ties_${at}`, after: null, upTo: null };
      const pages = (await open()).read(`ties_${at}`, ["id"], ["id", "price"], all, 10);
      for await (const page of pages) orders.push(page);
    }
    expect(orders[0]).toHaveLength(4);
    expect(orders[1]).toEqual(orders[0]);
  });

  it("come in the columns asked for, in that order", async () => {
    expect(await everyRow(await open(), "formations", ["nom", "id"])).toEqual([
      ["Secrétariat", "1"],
      ["إعلام آلي", "2"],
      ["Photo 📷", "5"],
    ]);
    expect(await everyRow(await open(), "formations", ["nom"], 1)).toEqual([
      ["Secrétariat"],
      ["إعلام آلي"],
      ["Photo 📷"],
    ]);
  });

  it("come in pages in key order, within half-open ranges that cover the table", async () => {
    const source = await open();
    expect(await source.ranges("many", "id", 400)).toEqual([
      { table: "many", after: null, upTo: "800" },
      { table: "many", after: "800", upTo: "1600" },
      { table: "many", after: "1600", upTo: "2000" },
    ]);
    const range = { table: "many", after: "800", upTo: "1600" };
    const pages: LegacyRow[][] = [];
    for await (const page of source.read("many", "id", ["id"], range, 150)) pages.push(page);
    expect(pages.map((page) => page.length)).toEqual([150, 150, 100]);
    expect(pages[0]?.[0]).toEqual(["802"]);
    expect(pages[2]?.at(-1)).toEqual(["1600"]);
  });

  it("W3 can be read on from the last key that was kept", async () => {
    const source = await open();
    const range = { table: "many", after: "1596", upTo: "1600" };
    const pages: LegacyRow[][] = [];
    for await (const page of source.read("many", "id", ["id"], range, 10)) pages.push(page);
    expect(pages).toEqual([[["1598"], ["1600"]]]);
  });

  it("are none in an empty table, and have no ranges", async () => {
    const source = await open();
    expect(await source.ranges("archives", "id", 100)).toEqual([]);
    expect(await everyRow(source, "archives", ["id"])).toEqual([]);
  });

  it("may be left in the middle of reading", async () => {
    const source = await open();
    for await (const page of source.read(
      "many",
      "id",
      ["id"],
      { table: "many", after: null, upTo: null },
      10,
    )) {
      expect(page[0]).toEqual(["2"]);
      break;
    }
    expect(await everyRow(source, "formations", ["id"])).toEqual([["1"], ["2"], ["5"]]);
  });

  it("keep text that is not UTF-8 as U+FFFD, which the import holds", async () => {
    const source = await open();
    expect(await everyRow(source, "bytes", ["id", "nom"])).toEqual([
      ["1", "Zoé"],
      ["2", "Zo\uFFFD"],
      ["3", "\uFFFD"],
    ]);
  });

  it("B5 read a UUID's bytes by their digits, of a key and of what refers to it, and other bytes as a text", async () => {
    const source = await open();
    expect(await everyRow(source, "uuids", ["id", "parent", "made"])).toEqual([
      ["00112233445566778899aabbccddeeff", null, "2015"],
      ["6162636465666768696a6b6c6d6e6f70", "00112233445566778899aabbccddeeff", null],
    ]);
  });

  it("R2 of a column that was written in the wrong charset come right with that charset", async () => {
    expect(await everyRow(await open(), "oldtext", ["nom"])).toEqual([["Zoé"], ["ZoÃ©"]]);
    const asWritten = await open({
      LEGACY_DB_CHARSET: "latin1",
      LEGACY_DB_COLLATION: "latin1_swedish_ci",
    });
    expect(await everyRow(asWritten, "oldtext", ["nom"])).toEqual([["Zoé"], ["Zoé"]]);
  });

  it.each(["utf8mb4", "utf8mb3", "latin1", "cp1256", "greek", "ascii"])(
    "R2 come each in the character set of its column, the connection's being %s",
    async (charset) => {
      const source = await open({ LEGACY_DB_CHARSET: charset, LEGACY_DB_COLLATION: "" });
      const columns = ["utf", "three", "latin", "arabic", "greek"];
      expect((await everyRow(source, "mixed", columns))[0]).toEqual([
        "سارة 🌸",
        "سارة",
        "Élise",
        "سارة",
        "Νίκος",
      ]);
    },
  );

  it("D33 are numbers where a column holds decimals or bits", async () => {
    const source = await open();
    expect(await everyRow(source, "refs", ["price", "flag", "bits", "ratio", "big"])).toEqual([
      ["3.00", "1", "235", "235", "18446744073709551615"],
      ["-0.50", null, "0", "0.5", "0"],
    ]);
  });
});

it.each<Record<string, string>>([
  {},
  { LEGACY_DB_CHARSET: "latin1", LEGACY_DB_COLLATION: "latin1_swedish_ci" },
])(
  "B5 the rows by which a definition is begun are as the import reads them, in every table, with %j",
  async (changes) => {
    const source = await open(changes);
    const listed = await listTables(
      sourceSettings("legacy", { ...server.settings, ...changes }),
      10_000,
    );
    const known = ["refs", "mixed", "oldtext", "bytes"];
    for (const { table, columns, sample } of listed.filter(({ table }) => known.includes(table)))
      expect([table, sample]).toEqual([table, await everyRow(source, table, [...columns])]);
    expect(listed.map(({ table }) => table)).toEqual(expect.arrayContaining(known));
  },
);

it("B5 a SET is begun as a list, and a YEAR as a number that may be unknown, whatever their values and names", async () => {
  const listed = await listTables(sourceSettings("legacy", server.settings), 10);
  const table = listed.find((each) => each.table === "typed") as ListedTable;
  expect(guessed(table).guesses.map(({ code }) => code)).toEqual([
    'list("hobbies", { by: "," })',
    'list("status", { by: "," })',
    'integer("since", { least: 1 })',
    'boolean("flag", { yes: ["1"], no: ["0"] })',
  ]);
});

describe("what a MariaDB looks like", () => {
  it("V11 columns of a second table are found under its own names, in any case of letters, and what it lacks is null", async () => {
    const people = named(table("no", "nom", "niveau"), { no: ["id"], nom: ["Word"], niveau: [] });
    const source = withCatalogues(await open(), { many: people });
    const [facts] = await source.inspect({ many: people });
    expect(facts).toMatchObject({ exists: true, missingColumns: [] });
    const rows: LegacyRow[] = [];
    const range = { table: "many", after: null, upTo: "4" };
    for await (const page of source.read("many", ["no"], people.columns, range, 10))
      rows.push(...page);
    expect(rows).toEqual([
      ["2", "word 1", null],
      ["4", "word 2", null],
    ]);
  });

  it("R3 counts rows and names tables and columns that are not there", async () => {
    const source = await open();
    const tables = {
      formations: { key: "id", columns: ["id", "nom", "niveau", "couleur"] },
      nowhere: { key: "id", columns: ["id", "nom"] },
    };
    expect(await source.inspect(tables)).toEqual([
      { table: "formations", exists: true, rows: 3, missingColumns: ["niveau", "couleur"] },
      { table: "nowhere", exists: false, rows: 0, missingColumns: ["id", "nom"] },
    ]);
  });

  it("W13 says of a key that staging cannot keep which table, column and value it is", async () => {
    const source = await open();
    const keys = ["hugekey", "largekey", "textkey", "twice"].map((table) => [
      table,
      { key: "id", columns: ["id"] },
    ]);
    const facts = await source.inspect(Object.fromEntries(keys));
    expect(facts.map(({ unfitKey }) => unfitKey)).toEqual([
      `"hugekey" in ${source.description} has a row whose "id" is 18446744073709551615, more than the 9223372036854775807 that a signed 64-bit integer holds.`,
      undefined,
      `"id" cannot be the key of "textkey" in ${source.description}: it must be an integer, never null and unique.`,
      `"id" cannot be the key of "twice" in ${source.description}: it must be an integer, never null and unique.`,
    ]);
    expect(await everyRow(source, "largekey", ["id"])).toEqual([["7"], ["9223372036854775807"]]);
  });

  it("is described without the password", async () => {
    const source = await open();
    expect(source.description).toBe(`mysql ecoin_legacy at 127.0.0.1:${server.port}`);
  });

  it("R1 has one fingerprint, whichever way it is reached, and another for another database", async () => {
    await server.query(
      "CREATE DATABASE IF NOT EXISTS other; GRANT SELECT ON other.* TO 'ecoin_legacy_reader'@'%'",
    );
    const [tcp, socket, other] = await Promise.all([
      open(),
      open({ LEGACY_DB_SOCKET: server.socket }),
      open({ LEGACY_DB_DATABASE: "other" }),
    ]);
    const fingerprint = (await tcp.identify()).fingerprint;
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect((await socket.identify()).fingerprint).toBe(fingerprint);
    expect((await other.identify()).fingerprint).not.toBe(fingerprint);
  });

  it("accepts a view whose key is unique, and refuses keys that would lose rows", async () => {
    const source = await open();
    expect(await source.ranges("good_view", "id", 10)).toEqual([
      { table: "good_view", after: null, upTo: "5" },
    ]);
    for (const table of ["twice", "twice_view", "textkey"]) {
      await expect(source.ranges(table, "id", 10)).rejects.toMatchObject({
        name: "SourceSchemaMismatch",
        message: `"id" cannot be the key of "${table}" in ${source.description}: it must be an integer, never null and unique. Nothing was read; name another column as the key in the definition.`,
      });
    }
  });

  it("takes hostile table and column names as names", async () => {
    const source = await open();
    const table = "formations`; DROP TABLE formations; -- '\\";
    await expect(source.ranges(table, "id` OR 1", 10)).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
    });
    await expect(everyRow(source, "formations", ["nom`"])).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
    });
    const range = { table: "formations", after: "1 OR 1=1", upTo: null };
    const read = source.read("formations", "id", ["id"], range, 10)[Symbol.asyncIterator]();
    await expect(read.next()).rejects.toMatchObject({ name: "SourceSchemaMismatch" });
  });
});
