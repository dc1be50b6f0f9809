import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import type { Migration } from "../../lib/define/definition.ts";
import { explain } from "../../lib/review/rows/explain.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { stagedPage } from "../support/staged-page.ts";
import { committed, rowsOf, standing, takenBack } from "./whole-life.ts";
import { bare, bareFiles, barePlatform } from "./worlds/bare.ts";
import { rich, richFiles, richPlatform } from "./worlds/rich.ts";

const runs = [1, 2, 3].map((n) => `7f3a0000-0000-4000-8000-00000000b50${n}`) as [
  string,
  string,
  string,
];

/** A world of CSV files, and what is left of it to close. */
async function worldOf(
  migration: Migration,
  files: Readonly<Record<string, readonly string[]>>,
  platform: string,
) {
  const legacy = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
  for (const [table, lines] of Object.entries(files)) {
    await writeFile(join(legacy, `${table}.csv`), `${lines.join("\n")}\n`);
  }
  const test = await testServices({ world: { migration, platform: [platform], legacy } });
  return {
    test,
    close: async () => {
      await test.close();
      await rm(legacy, { recursive: true });
    },
  };
}

type World = Awaited<ReturnType<typeof worldOf>>;
let world: World;
let test: TestServices;
const open = (make: () => Promise<World>) => {
  beforeAll(async () => {
    world = await make();
    test = world.test;
  });
  afterAll(() => world.close());
};

describe("B5 a definition that has nothing but a text", () => {
  open(() => worldOf(bare, bareFiles, barePlatform));

  it("B5 R17 goes all the way, and back", async () => {
    const before = await rowsOf(test, ["belongings"]);
    expect(await committed(test, runs[0])).toEqual([]);
    const written = await test.query("select label from belongings order by id offset 1");
    expect(written.map(({ label }) => label)).toEqual([
      "Lamp",
      "Chair",
      null,
      "Desk",
      "« Rug »",
      "Lamp",
    ]);
    expect(await stagedPage(test.services.stage, runs[0])).toMatchObject({
      rows: [
        { name: "", phone: "", email: "", birth_year: "", classification: "row" },
        {},
        {},
        {},
        {},
        {},
      ],
    });
    expect(await takenBack(test, runs[0])).toEqual([]);
    expect(await rowsOf(test, ["belongings"])).toEqual(before);
  });

  it("B5 M11 once more writes nothing: the ledger knows each row", async () => {
    expect(await committed(test, runs[1])).toEqual([]);
    const after = await rowsOf(test, ["belongings"]);
    expect(await committed(test, runs[2])).toEqual([]);
    expect(await rowsOf(test, ["belongings"])).toEqual(after);
    const rows = await standing(test, "bare_rows", runs[2]);
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(["skipped"]));
  });
});

describe("B5 a definition that has several of each kind", () => {
  open(() => worldOf(rich, richFiles, richPlatform));
  const tables = ["visitors", "ghosts", "patrons", "subscribers"];

  it("B5 R17 goes all the way, and back", async () => {
    const before = await rowsOf(test, tables);
    expect(await committed(test, runs[0])).toEqual([]);
    const states = (await standing(test, "rich_rows", runs[0])).map(
      ({ no, state, why }) => `${no} ${state}${why ? ` ${why}` : ""}`,
    );
    expect(states).toEqual([
      "1 committed",
      "2 committed",
      "3 committed",
      "4 held not_active",
      // Another field of an earlier row holds its address.
      "5 held later_of_one_person",
      "6 held noted_without_rule",
      "7 committed",
      "8 held noted_without_rule",
      // The one table knows names and birth dates only, the other nothing but addresses.
      "9 held possible_duplicate",
      "10 held possible_duplicate",
      "11 failed not_valid",
      "12 held noted_without_rule",
      "13 committed",
    ]);
    // One number in two fields of a row is nobody else's.
    const alone = await test.query(
      "select source_duplicate_confidence as hint from wavegate.rich_rows where legacy_id in (1, 3, 13) order by id",
    );
    expect(alone.map(({ hint }) => hint)).toEqual(["high", "high", "none"]);
    const made = await test.query(
      "select treatment, classification, place from wavegate.rich_rows where legacy_id in (1, 2, 3) order by id",
    );
    expect(made.map((row) => Object.values(row).join(" "))).toEqual([
      "kept payer room",
      "kept member waiting",
      "left guest nowhere",
    ]);
    expect(await test.query("select title from ghosts")).toEqual([{ title: "Cara Jones" }]);
    const [ada] = await test.query(
      "select to_jsonb(v) - 'id' - 'extra' as row, extra::text from visitors v where legacy_no = 1",
    );
    expect(ada).toEqual({
      extra: '{"shoe": 12345678901234567890}',
      row: {
        title: "Ada Okafor",
        mobile: "447911123001",
        landline: "442079460018",
        mail: "ada@mail.example",
        work_mail: "ada@work.example",
        partner_born: "1989-02-01",
        town_id: 1,
        hall_id: 1,
        emblem_id: 1,
        house: "North",
        patron_id: null,
        score: 42,
        balance: 1234.5,
        active: true,
        token: "7f3a0000-0000-4000-8000-00000000ca01",
        joined: "2019-03-04",
        seen: "2024-07-15T11:30:00+00:00",
        level: "first",
        remark: "likes\ntea",
        made: "2019-02-01T10:30:00",
        place: "room",
        legacy_no: 1,
      },
    });
    const told = JSON.stringify(
      await explain(test.services.sign, await findRun(test.operator, runs[0]), {
        table: "persons",
        legacyId: "1",
      }),
    );
    expect(told).toContain("kept");
    const personal = [
      "Okafor",
      "Bello",
      "likes",
      "shoe",
      "7f3a0000",
      "447911",
      "ada@",
      "1990-05",
      "42",
      "1234.5",
    ];
    expect(personal.filter((value) => told.replaceAll(runs[0], "").includes(value))).toEqual([]);
    expect(await takenBack(test, runs[0])).toEqual([]);
    expect(await rowsOf(test, tables)).toEqual(before);
    const [kept] = await test.query(
      `select array(select attname::text from pg_attribute where attrelid = 'wavegate.rich_rows_source'::regclass
                      and attnum > 0 and not attisdropped
                      and attname <> all (wavegate.erased_columns('wavegate.rich_rows_source')) order by attnum) as columns`,
    );
    // Ids of what rows refer to, and nothing that is about a person.
    expect(kept?.columns).toEqual([
      ...["id", "run_id", "source_table", "legacy_id", "city", "club", "room", "badge", "findings"],
    ]);
  });
});
