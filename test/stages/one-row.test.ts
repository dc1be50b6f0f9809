import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { explain } from "../../lib/review/rows/explain.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { type LegacyFields, legacyFolder, outcomes } from "../support/legacy-folder.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { stagedPage } from "../support/staged-page.ts";
import { acknowledged, reviewedRun } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000000d2";
const word = (letter: string, length: number) => letter.repeat(length);
const undated = { date_naissance: null };

/** Rows that each ended a whole run, or could: names beyond what is weighed, ids of every size. */
const ROWS: readonly LegacyFields[] = [
  { ...undated, nom: word("a", 256), prenom: "Sara" },
  { ...undated, nom: word("a", 255), prenom: "Sara" },
  { ...undated, nom: word("a", 250), prenom: "Sara" },
  { ...undated, nom: word("é", 300), prenom: word("z", 300) },
  { ...undated, nom: word("é", 301), prenom: word("z", 300) },
  { nom: word("ب", 256), prenom: null },
  { nom: word("ﷺ", 30), prenom: "Ali" },
  { nom: word("Ben ", 200), prenom: "Ali" },
  { nom: word("n", 7_999), prenom: "Ali" },
  { id: "-1" },
  { id: "-9223372036854775808" },
  { id: "9223372036854775807" },
  { id: "9007199254740993" },
  { id: "9007199254740992" },
  { statut: word("s", 8_000) },
  { telephone: word("0", 8_000) },
  { telephone: word("0559446168 ", 60) },
  { email: `${word("a", 8_000)}@example.com` },
  { formation_id: word("9", 8_000) },
  { date_naissance: word("1", 8_000), created_at: word("2", 8_000) },
  { adresse: word("😀", 8_000), remarque: word("\u0000", 9_000) },
  { adresse: `${word("x", 7_999)}😀` },
  { created_at: "9999-12-31 23:59:59.999999" },
  { created_at: "0001-01-01 00:00:00" },
];

let test: TestServices;
let folder: { remove(): Promise<void> };

beforeAll(async () => {
  test = await testServices();
  await test.query(
    "insert into users (id, full_name, birth_date) values (900001, $1, null), (900002, $2, '1990-01-01')",
    [`${word("a", 256)} Sarah`, `${word("a", 400)}`],
  );
  folder = await legacyFolder(test, ROWS, {
    formations: `id,nom\n1,Secrétariat Bureautique\n-4,${word("f", 9_000)}\n9223372036854775807,Soudure\n`,
    session_ecoins: `id,code,formation_id\n3,SB-1,1\n-9223372036854775808,${word("c", 9_000)},-4\n9007199254740993,SB-9,1\n`,
  });
  await reviewedRun(test, run);
});
afterAll(async () => {
  await test.close();
  await folder.remove();
});

describe("W13 one row never ends a run", () => {
  it("W6 every row is staged and has an outcome", async () => {
    const rows = await outcomes(test, run, "planned, import_state");
    expect(Object.keys(rows)).toHaveLength(ROWS.length);
    expect(Object.values(rows).filter(({ planned }) => planned === null)).toEqual([]);
  });

  it("D7 names that are too long to be weighed are reported as capped", async () => {
    const capped = await test.query<{ scope: string; rows: number }>(
      "select scope, groups::int, rows::int from wavegate.capped_groups where run_id = $1 and rule = 'name_too_long' order by scope",
      [run],
    );
    expect(capped).toEqual([
      { scope: "platform, part 1", groups: 2, rows: 2 },
      { scope: "rows, part 1", groups: 8, rows: 8 },
    ]);
  });

  it.each(["-1", "-9223372036854775808", "9223372036854775807", "9007199254740993"])(
    "M2 the id %s is exact where it is stored, listed and explained",
    async (id) => {
      expect(await outcomes(test, run, "legacy_id::text as id")).toMatchObject({ [id]: { id } });
      const { rows } = await stagedPage(test.services.stage, run, {}, { rows: 200 });
      expect(rows.map(({ legacy_id }) => String(legacy_id))).toContain(id);
      const why = await explain(test.services.sign, await findRun(test.services.stage, run), {
        table: "stagiaires",
        legacyId: id,
      });
      expect(String(why?.row.legacy_id)).toBe(id);
    },
  );
});

describe("R1 a key that staging cannot keep is named before anything is staged", () => {
  const others: { remove(): Promise<void> }[] = [];
  afterEach(() => Promise.all(others.splice(0).map((other) => other.remove())));

  it.each([
    ["18446744073709551615", "which no signed 64-bit integer holds"],
    ["9223372036854775808", "which no signed 64-bit integer holds"],
    ["-9223372036854775809", "which no signed 64-bit integer holds"],
  ])("W13 %s in a file", async (id, says) => {
    others.push(await legacyFolder(test, [{ id: "1" }, { id }]));
    const another = randomUUID();
    await expect(
      preflight(test.services, {
        migration: "ecoin",
        run: another,
        executionArn: `arn:${another}`,
        acknowledge: acknowledged,
      }),
    ).rejects.toThrow(`stagiaires.csv: line 3 has ${id} in "id", ${says}. Nothing was read`);
    const staged = await test.query(
      "select from wavegate.legacy_student_imports where run_id = $1",
      [another],
    );
    expect(staged).toEqual([]);
  });
});
