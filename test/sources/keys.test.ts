import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keyText, type SourceKey } from "../../lib/define/keys.ts";
import { byBytes } from "../../lib/sources/folder/keys.ts";
import { openSource } from "../../lib/sources/open.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import type { Source } from "../../lib/sources/source.ts";
import { someOf } from "../support/every-step.ts";
import { startMariaDb, type TestMariaDb } from "../support/mariadb.ts";
import { testDatabase } from "../support/postgres.ts";

/** Keys as somebody's data has them, in the order of their bytes. */
const hostile = [
  "",
  " ",
  " 7",
  "'",
  "''; drop table m; --",
  '"',
  "%_",
  "-1",
  "00",
  "007",
  "1e3",
  "7",
  "7 ",
  "7,0",
  "M-0042",
  "M-0042 ",
  "STRASSE",
  "Zoé",
  "Zoe\u0301",
  "\\",
  "\\N",
  "a\nb",
  "m-0042",
  "strasse",
  "straße",
  "é",
  "ﬁ",
  "ｗ",
  "𝔐-1",
  "📷",
].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

const numbers = Array.from({ length: 23 }, (_, n) => String((n - 3) * 7));
const large = ["0", "7", "9007199254740993", "9223372036854775808", "18446744073709551615"];
const uuids = Array.from(
  { length: 17 },
  (_, n) => `${((n * 37) % 17).toString(16).padStart(8, "0")}-0000-4000-8000-00000000000a`,
).sort();
const pairs = [1, 2, 10].flatMap((course) => [1, 3, 20].map((student) => [course, student]));
const textPairs = ["A", "a", "a ", "b'"].flatMap((course) =>
  ["1", "01", "10", "é"].sort(byBytes).map((student) => [course, student]),
);

/** Tables by their key, with the keys in their order; each has one row a key, with its number as `word`. */
const tables: Record<string, { key: SourceKey; columns: string[]; keys: (string | number)[][] }> = {
  integers: { key: ["id"], columns: ["id"], keys: numbers.map((id) => [id]) },
  declared: { key: "id", columns: ["id"], keys: numbers.map((id) => [id]) },
  large: { key: ["id"], columns: ["id"], keys: large.map((id) => [id]) },
  decimals: { key: ["id"], columns: ["id"], keys: large.map((id) => [id]) },
  texts: { key: ["no"], columns: ["no"], keys: hostile.map((no) => [no]) },
  uuids: { key: ["id"], columns: ["id"], keys: uuids.map((id) => [id]) },
  pairs: { key: ["course", "student"], columns: ["course", "student"], keys: pairs },
  text_pairs: { key: ["course", "student"], columns: ["course", "student"], keys: textPairs },
};

const types: Record<string, { mysql: string; postgres: string }> = {
  integers: { mysql: "id INT PRIMARY KEY", postgres: "id integer primary key" },
  declared: { mysql: "id BIGINT PRIMARY KEY", postgres: "id bigint primary key" },
  large: { mysql: "id BIGINT UNSIGNED PRIMARY KEY", postgres: "id numeric(20,0) primary key" },
  decimals: { mysql: "id DECIMAL(20,0)", postgres: "id numeric(20,0)" },
  // Languages take some of these keys for equal, so no index of theirs is unique.
  texts: { mysql: "no VARCHAR(60) NOT NULL", postgres: "no varchar(60) primary key" },
  uuids: { mysql: "id UUID PRIMARY KEY", postgres: "id uuid primary key" },
  pairs: {
    mysql: "course INT, student INT, PRIMARY KEY (course, student)",
    postgres: "course integer, student bigint, primary key (course, student)",
  },
  text_pairs: {
    mysql: "course VARCHAR(20) NOT NULL, student VARCHAR(20) NOT NULL",
    postgres: "course text, student text, primary key (student, course)",
  },
};

let mariadb: TestMariaDb;
let postgres: { url: string; drop(): Promise<void> };
let folder: string;
const sources: Record<string, Source> = {};

beforeAll(async () => {
  mariadb = await startMariaDb();
  postgres = await testDatabase({});
  folder = await mkdtemp(join(tmpdir(), "keys-"));
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  for (const [table, { columns, keys }] of Object.entries(tables)) {
    // As they were entered: in no order, the last first.
    const rows = keys.map((key, n) => [...key.map(String), `word ${n}`]).reverse();
    rows.splice(0, 0, ...rows.splice(3, 5));
    await mariadb.query(
      `CREATE TABLE ${table} (${types[table]?.mysql}, word VARCHAR(20)) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_unicode_ci`,
    );
    await client.query(`create table ${table} (${types[table]?.postgres}, word text)`);
    for (const row of rows) {
      await mariadb.query(`INSERT INTO ${table} VALUES (${row.map(() => "?").join(", ")})`, row);
      await client.query(
        `insert into ${table} values (${row.map((_, at) => `$${at + 1}`).join(", ")})`,
        row,
      );
    }
    await writeFile(
      join(folder, `${table}.csv`),
      stringify([[...columns, "word"], ...rows], { quoted_string: true }),
    );
  }
  await client.end();
  const url = new URL(postgres.url);
  sources.mysql = await openSource(sourceSettings("legacy", mariadb.settings));
  sources.csv = await openSource({ driver: "csv", connection: "legacy", path: folder });
  sources.postgres = await openSource(
    sourceSettings("legacy", {
      LEGACY_DB_DRIVER: "pgsql",
      LEGACY_DB_HOST: url.hostname,
      LEGACY_DB_PORT: url.port,
      LEGACY_DB_DATABASE: url.pathname.slice(1),
      LEGACY_DB_USERNAME: url.username,
      LEGACY_DB_PASSWORD: decodeURIComponent(url.password) || "none",
    }),
  );
});

afterAll(async () => {
  await Promise.all(Object.values(sources).map((source) => source.close()));
  await mariadb?.stop();
  await postgres?.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Every key of a table, page by page; after so many pages the reader is cut off and reads on. */
async function keysRead(source: Source, table: string, ofRange: number, page: number, cut = 0) {
  const { key, columns } = tables[table] as (typeof tables)[string];
  const found: (string | null)[][] = [];
  for (const range of await source.ranges(table, key, ofRange)) {
    let { after } = range;
    for (let pages = 0, done = false; !done; pages = 0) {
      done = true;
      const from = { ...range, after };
      for await (const rows of source.read(table, key, columns, from, page)) {
        found.push(...(rows as (string | null)[][]));
        after = keyText(rows.at(-1) as (string | null)[]);
        pages += 1;
        if (pages !== cut) continue;
        done = false;
        break;
      }
    }
  }
  return found;
}

describe.each(["csv", "mysql", "postgres"])("W3 a table of a %s source", (kind) => {
  it.each(someOf(2, Object.keys(tables)))(
    "with the key of %s is read whole, in one order",
    async (table) => {
      const source = sources[kind] as Source;
      const expected = tables[table]?.keys.map((key) => key.map(String));
      for (const [ofRange, page] of [
        [1_000, 1_000],
        [1, 1],
        [4, 3],
        [5, 2],
      ] as const) {
        expect(await keysRead(source, table, ofRange, page)).toEqual(expected);
        expect(await keysRead(source, table, ofRange, page, 1)).toEqual(expected);
      }
      const { key, columns } = tables[table] as (typeof tables)[string];
      expect(await source.inspect({ [table]: { key, columns } })).toEqual([
        { table, exists: true, rows: expected?.length, missingColumns: [] },
      ]);
    },
  );
});

/** Rows of a table whose key says little: repeated, absent, half absent. */
const loose = [
  ["a", "1", "first"],
  [null, "1", "absent"],
  ["a", "1", "second"],
  ["A", "1", "other"],
  ["a", null, "half"],
  ["b", "2", "same"],
  ["b", "2", "same"],
  [null, null, "nothing"],
  ["a", "1", "third"],
];

describe.each(["csv", "mysql", "postgres"])(
  "W13 a table of a %s source without a key of each row",
  (kind) => {
    beforeAll(async () => {
      if (kind === "csv") {
        await writeFile(
          join(folder, "loose.csv"),
          `k,l,word\n${loose.map((row) => row.join(",")).join("\n")}\n`,
        );
      } else if (kind === "mysql") {
        await mariadb.query("CREATE TABLE loose (k VARCHAR(5), l INT, word VARCHAR(20))");
        for (const row of loose) await mariadb.query("INSERT INTO loose VALUES (?, ?, ?)", row);
      } else {
        const client = new pg.Client({ connectionString: postgres.url });
        await client.connect();
        await client.query("create table loose (k text, l int, word text)");
        for (const row of loose) await client.query("insert into loose values ($1, $2, $3)", row);
        await client.end();
      }
    });

    it("gives every row once, those of one key together and the same way each time", async () => {
      const source = sources[kind] as Source;
      for (const key of [["k", "l"], ["k"]]) {
        for (const ofRange of [1, 2, 4, 100]) {
          const read = async () => {
            const rows: string[] = [];
            for (const range of await source.ranges("loose", key, ofRange)) {
              for await (const page of source.read("loose", key, ["k", "l", "word"], range, 2)) {
                rows.push(...page.map((row) => row.join(" ")));
              }
            }
            return rows;
          };
          const rows = await read();
          expect([...rows].sort()).toEqual(loose.map((row) => row.join(" ")).sort());
          const keys = rows.map((row) => row.split(" ").slice(0, key.length).join(" "));
          // Whatever comes again comes at once.
          const whole = keys.filter((name) => name.trim() !== "" && !name.startsWith(" "));
          expect(new Set(whole.filter((name, at) => name !== whole[at - 1])).size).toBe(
            whole.filter((name, at) => name !== whole[at - 1]).length,
          );
          expect(await read()).toEqual(rows);
        }
      }
      expect((await source.inspect({ loose: { key: ["k"], columns: ["word"] } }))[0]?.rows).toBe(9);
    });
  },
);

describe("W13 a connection that breaks while a sorted range is read", () => {
  it("is lost, and the range can be read again", async () => {
    const source = sources.mysql as Source;
    await mariadb.query(`
      CREATE TABLE long_texts (no VARCHAR(40) PRIMARY KEY, word VARCHAR(2000));
      INSERT INTO long_texts SELECT CONCAT('M-', seq), REPEAT('x', 2000) FROM seq_1_to_20000;`);
    const all = { table: "long_texts", after: null, upTo: null };
    const read = async (each: () => Promise<void>) => {
      let rows = 0;
      for await (const page of source.read("long_texts", ["no"], ["no", "word"], all, 100)) {
        if (rows === 0) await each();
        rows += page.length;
      }
      return rows;
    };
    const cut = read(async () => {
      const found = await mariadb.query(
        "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE INFO LIKE '%long_texts%' AND INFO NOT LIKE '%PROCESSLIST%'",
      );
      for (const { id } of found) await mariadb.query(`KILL ${id}`);
    });
    await expect(cut).rejects.toMatchObject({ name: "SourceLost", retriable: true });
    expect(await read(async () => {})).toBe(20_000);
  });
});

describe("keys as texts", () => {
  it("compare as their bytes do, whatever their characters", () => {
    const texts = [
      ...hostile,
      "\uFFFD",
      "\uD7FF",
      "\uE000",
      "\u{10000}",
      "\u{10FFFF}",
      "a\u{10000}",
      "a\uFFFD",
    ];
    for (const left of texts) {
      for (const right of texts) {
        expect(Math.sign(byBytes(left, right))).toBe(
          Buffer.compare(Buffer.from(left), Buffer.from(right)),
        );
      }
    }
  });
});
