import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import type { Migration } from "../../lib/define/definition.ts";
import { eraseSome } from "../../lib/review/steer/erase.ts";
import { classify } from "../../lib/stages/classify.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { finishImport } from "../../lib/stages/finish-import.ts";
import { importRange } from "../../lib/stages/import-range.ts";
import { match } from "../../lib/stages/match.ts";
import { validate } from "../../lib/stages/validate.ts";
import { setUpAgain, type TestServices, testServices } from "../support/services.ts";
import { folderOf, small } from "../support/small.ts";
import { importAll, refusal, reviewedRun, toTheEnd } from "../support/steps.ts";

const platform =
  "create table things (id bigint generated always as identity primary key, word text)";
const run = "7f3a0000-0000-4000-8000-0000000000d1";

async function served(
  definition: Migration,
  rows: readonly (readonly (string | null)[])[],
): Promise<TestServices & { done(): Promise<void> }> {
  const test = await testServices({
    world: { migration: definition, platform: [platform], legacy: "" },
  });
  const folder = await folderOf(test, { things: rows });
  return {
    ...test,
    done: async () => {
      await test.close();
      await folder.remove();
    },
  };
}

/** What is staged, in a word each: its key, which of that key it is, and what was noted. */
const staged = (test: TestServices, name: string) =>
  test
    .query<{ row: string }>(
      `select concat_ws(' | ', coalesce(legacy_id::text, 'null'), key_repeat, word, findings::text) as row
         from wavegate.${name}_rows_source order by word`,
    )
    .then((rows) => rows.map(({ row }) => row));

const long = "x".repeat(501);

it("W13 texts that have what stands between the cells of a request are staged to the letter, and once", async () => {
  const signs = ["\u007F", "\u0080", "\u0081"];
  // What is taken in their place is there as well, in the rows beside.
  const others = String.fromCharCode(...Array.from({ length: 32 }, (_, n) => 0xfdd0 + n));
  const words = [
    "plain",
    ...signs.flatMap((sign) => [sign, `a${sign}b`, `"${sign}\\`, `${sign}${others}`]),
    others,
    signs.join(""),
    "plain as well",
  ];
  const rows = words.flatMap((word, n) => [
    [`K${n}`, word],
    [`${word} as a key ${n}`, `beside ${n}`],
  ]);
  const test = await served(small("signs", "no"), [["no", "word"], ...rows]);
  try {
    await importAll(test, run);
    const found = await test.query<{ raw: string[]; legacy_id: string; word: string }>(
      "select raw_values::text[] as raw, legacy_id, word from wavegate.signs_rows_source",
    );
    const inOrder = (all: readonly (readonly string[])[]) => all.map(String).sort();
    expect(inOrder(found.map(({ raw }) => raw))).toEqual(inOrder(rows));
    // What is a field of texts' has none of the three, as it shows nothing.
    expect(inOrder(found.map(({ legacy_id, word }) => [legacy_id, word]))).toEqual(
      inOrder(
        rows.map(([key, word]) => [key as string, word?.replace(/[\u007F-\u0081]/gu, "") ?? ""]),
      ),
    );
    await test.query("update wavegate.import_ranges set done_at = null, rows_read = null");
    expect(await importRange(test.services, run, 1)).toMatchObject({ rowsStaged: 0 });
  } finally {
    await test.done();
  }
});

describe("W13 rows whose keys are texts", () => {
  const definition = small("text_keys", "no");
  let test: Awaited<ReturnType<typeof served>>;

  beforeAll(async () => {
    test = await served(definition, [
      ["no", "word"],
      ["M-0042", "01"],
      ["007", "02"],
      ["7", "03"],
      ["m-0042", "04"],
      ["M-0042 ", "05"],
      ["''; drop table things; --", "06"],
      ["Zoe\u0301", "07"],
      ["Zoé", "08"],
      ["twice", "09"],
      [null, "10"],
      [long, "11"],
      ["a\0b", "12"],
      ["twice", "13"],
      ["\\0", "14"],
      [null, "15"],
      ["twice", "16"],
      ["1,00E+12", "17"],
      ['="0042"', "18"],
    ]);
    await importAll(test, run);
  });
  afterAll(() => test?.done());

  const expected = [
    "M-0042 | 01",
    "007 | 02",
    "7 | 03",
    "m-0042 | 04",
    "M-0042  | 05",
    "''; drop table things; -- | 06",
    "Zoe\u0301 | 07",
    "Zoé | 08",
    'twice | 1 | 09 | ["key_repeated"]',
    'null | 1 | 10 | ["key_absent"]',
    'key:… | 11 | ["key_unfit"]',
    'key:… | 12 | ["text_repaired", "key_unfit"]',
    'twice | 2 | 13 | ["key_repeated"]',
    "\\0 | 14",
    'null | 2 | 15 | ["key_absent"]',
    'twice | 3 | 16 | ["key_repeated"]',
    // Exported anew it would be another key, and its row written once more.
    '1,00E+12 | 17 | ["key_unfit"]',
    '="0042" | 18 | ["key_unfit"]',
  ];
  const digestless = (rows: string[]) => rows.map((row) => row.replace(/key:\w+/, "key:…"));

  it("are staged to the letter, and those that their key does not name alone are numbered", async () => {
    const rows = digestless(await staged(test, "text_keys"));
    expect(rows).toEqual(expected);
  });

  it("W3 are staged once, whatever is sent again", async () => {
    await test.query("update wavegate.import_ranges set done_at = null, rows_read = null");
    const again = await importRange(test.services, run, 1);
    expect(again).toEqual({ range: 1, rowsRead: 18, rowsStaged: 0 });
    await finishImport(test.services, run);
    expect(await staged(test, "text_keys")).toHaveLength(18);
  });

  it("are held where their key is nobody's alone, with the reason, and the others are planned", async () => {
    await validate(test.services, run);
    await classify(test.services, run);
    await match(test.services, run);
    await dryRun(test.services, run);
    const planned = await test.query(
      `select planned, coalesce(planned_reason, planned_action) as because, count(*)::int as rows
         from wavegate.text_keys_rows group by 1, 2 order by 1, 2`,
    );
    expect(planned).toEqual([
      { planned: "commit", because: "thing", rows: 9 },
      { planned: "hold", because: "key_absent", rows: 2 },
      { planned: "hold", because: "key_repeated", rows: 3 },
      { planned: "hold", because: "key_unfit", rows: 4 },
    ]);
  });
});

describe("W13 rows whose keys are several columns", () => {
  it("are named by all of them, and by no part alone", async () => {
    const definition = small("pair_keys", ["course", "student"]);
    const test = await served(definition, [
      ["course", "student", "word"],
      ["1", "12", "01"],
      ["11", "2", "02"],
      ['a","b', "c", "03"],
      ["a", 'b","c', "04"],
      ["1", null, "05"],
      [null, null, "06"],
      ["2", "1", "07"],
      ["2", "1", "08"],
    ]);
    await importAll(test, run);
    expect(await staged(test, "pair_keys")).toEqual([
      '["1","12"] | 01',
      '["11","2"] | 02',
      '["a\\",\\"b","c"] | 03',
      '["a","b\\",\\"c"] | 04',
      'null | 1 | 05 | ["key_absent"]',
      'null | 2 | 06 | ["key_absent"]',
      '["2","1"] | 1 | 07 | ["key_repeated"]',
      '["2","1"] | 2 | 08 | ["key_repeated"]',
    ]);
    await test.done();
  });
});

describe("D20 a key that says who somebody is", () => {
  const mail = { kind: "email", from: "mail", placeholders: [], sharedBy: 5 } as const;
  const definition = small("mail_keys", "mail", {}, { fields: { mail } });
  const addresses = ["sara@example.com", "ali@example.com", "ali@example.com"];
  const plain = (address = "") => `sha256:${createHash("sha256").update(address).digest("hex")}`;
  const runs = [1, 2, 3].map((n) => `7f3a0000-0000-4000-8000-0000000001d${n}`);
  const [first = "", second = "", third = ""] = runs;
  let test: Awaited<ReturnType<typeof served>>;

  beforeAll(async () => {
    test = await served(definition, [
      ["mail", "word"],
      ...addresses.map((address, n) => [address, `0${n}`]),
    ]);
  });
  afterAll(() => test.done());

  const keys = async (of: string) =>
    (
      await test.query<{ id: string }>(
        "select legacy_id as id from wavegate.mail_keys_rows_source where run_id = $1 order by word",
        [of],
      )
    ).map(({ id }) => id);

  it("W14 B13 M11 is staged as a digest under the database's secret: nothing that anybody could make, by which a second run knows what was moved, of an erased run too", async () => {
    await reviewedRun(test, first);
    await toTheEnd(test, first);
    await finalVerify(test.services, first);
    const moved = await findRun(test.services.sign, first);
    let behind = "0";
    for (;;) {
      const erased = await eraseSome(test.services.sign, moved, "approver", behind);
      if (!("next" in erased)) break;
      behind = erased.next;
    }
    await reviewedRun(test, second);
    expect(
      await test.query(
        "select moved_before, planned from wavegate.mail_keys_rows where run_id = $1 order by word",
        [second],
      ),
    ).toEqual([
      { moved_before: true, planned: "skip" },
      { moved_before: false, planned: "hold" },
      { moved_before: false, planned: "hold" },
    ]);
    const staged = await keys(second);
    for (const id of staged) expect(id).toMatch(/^key:[0-9a-f]{64}$/);
    expect(new Set(staged).size).toBe(2);
    expect(staged[1]).toBe(staged[2]);
    const [erased] = await test.query<{ id: string }>(
      "select legacy_id as id from wavegate.mail_keys_rows_source where run_id = $1 and key_repeat is null",
      [first],
    );
    expect(erased?.id).toBe(staged[0]);
    await test.query("update wavegate.key_secret set inner_key = outer_key");
    await importAll(test, third);
    expect(await keys(third)).not.toContain(staged[0]);
  });

  it("W3 M11 of a run of before there was a secret is staged as it was, and so by later runs, until it is rolled back", async () => {
    // Of runs whose keys rest on it there is no second one: what they staged would be written again.
    await test.query("delete from wavegate.key_secret");
    expect(await refusal(setUpAgain(test, definition))).toBe("KeySecretGone");
    await expect(importAll(test, third.replace(/01d/, "03d"))).rejects.toThrow("SQLState: 23000");
    await test.query("drop table wavegate.key_secret");
    await test.query("alter table wavegate.legacy_import_runs drop column key_digests");
    for (const address of new Set(addresses))
      await test.query(
        "update wavegate.mail_keys_rows_source set legacy_id = $1 where run_id = $2 and strpos(raw_values, $3) > 0",
        [plain(address), second, address],
      );
    await test.query(
      "update wavegate.legacy_import_runs set status = 'rolled_back' where id <> $1",
      [second],
    );
    await setUpAgain(test, definition);
    await test.query(
      "update wavegate.import_ranges set done_at = null, rows_read = null where run_id = $1",
      [second],
    );
    await test.query("update wavegate.legacy_import_runs set stage = 'preflight'");
    expect(await importRange(test.services, second, 1)).toMatchObject({
      rowsRead: 3,
      rowsStaged: 0,
    });

    const [later = "", other = ""] = [second, third].map((id) => id.replace(/01d/, "02d"));
    await importAll(test, later);
    expect(await keys(later)).toEqual(addresses.map(plain));
    await test.query("update wavegate.legacy_import_runs set status = 'rolled_back'");
    await test.query(
      "update wavegate.legacy_import_commit_logs set rolled_back_at = now() where rolled_back_at is null",
    );
    await importAll(test, other);
    for (const id of await keys(other)) expect(id).toMatch(/^key:[0-9a-f]{64}$/);
  });
});

describe("W13 what rows refer to by a text", () => {
  const definition = small(
    "text_references",
    "no",
    {},
    {
      source: { courses: { key: ["code"], columns: ["code", "title"] } },
      fields: { course: { kind: "reference", from: "word", to: "course" } },
      references: {
        course: {
          kind: "by_name",
          from: "courses",
          id: "code",
          label: "title",
          platform: { table: "courses", id: "id", label: "title" },
          suggestFrom: 0.5,
          staging: { table: "text_courses", id: "code", label: "title", target: "course_id" },
        },
      },
    },
  );
  const courses = `create table courses (id bigint primary key, title text);
    insert into courses values (70, 'Photo'), (71, 'Cuisine');`;
  const tables = {
    things: [
      ["no", "word"],
      ["1", "C-7"],
      ["2", "c-7"],
      ["3", "C-7 "],
      ["4", "NULL"],
    ],
    courses: [
      ["code", "title"],
      ["C-7", "Photo"],
      ["c-7", "Cuisine"],
    ],
  };

  it("is found to the letter, and what is there twice stops the import", async () => {
    const test = await testServices({
      world: {
        migration: definition,
        platform: [platform, courses],
        legacy: "",
      },
    });
    let folder = await folderOf(test, tables);
    await importAll(test, run);
    const found = await test.query(
      `select s.legacy_id as row, s.course, m.course_id::int as target from wavegate.text_references_rows s
         left join wavegate.text_courses m on m.run_id = s.run_id and m.code = s.course order by 1`,
    );
    expect(found).toEqual([
      { row: "1", course: "C-7", target: 70 },
      { row: "2", course: "c-7", target: 71 },
      { row: "3", course: "C-7 ", target: null },
      { row: "4", course: null, target: null },
    ]);
    await folder.remove();
    folder = await folderOf(test, { ...tables, courses: [...tables.courses, ["C-7", "Dessin"]] });
    const other = "7f3a0000-0000-4000-8000-0000000000d2";
    expect(await refusal(importAll(test, other))).toBe("ReferenceRepeated");
    await folder.remove();
    await test.close();
  });

  it("W3 is staged whole, in sets that a request takes", async () => {
    const test = await testServices({
      world: { migration: definition, platform: [platform, courses], legacy: "" },
      overHttp: true,
    });
    // Of some six million bytes, where a request takes four.
    const title = "ت".repeat(7_000);
    const many = Array.from({ length: 450 }, (_, n) => [`C-${n}`, `${n} ${title}`]);
    const folder = await folderOf(test, { ...tables, courses: [["code", "title"], ...many] });
    await importAll(test, run);
    const [staged] = await test.query(
      "select count(*)::int as rows, sum(length(title))::int as letters from wavegate.text_courses where run_id = $1",
      [run],
    );
    expect(staged).toEqual({ rows: 450, letters: many.map(([, each]) => each).join("").length });
    await folder.remove();
    await test.close();
  });
});
