import { afterAll, beforeAll, expect, it } from "vitest";
import { everyKind } from "../support/every-kind.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";

let test: TestServices;
let source: { remove(): Promise<void> };
const run = "7f3a0000-0000-4000-8000-0000000000c2";

beforeAll(async () => {
  test = await testServices();
  source = await everyKind(test);
  await reviewedRun(test, run);
  await approve(test, run, "first_wave");
  await runWave(test, run, 1);
});
afterAll(async () => {
  await source.remove();
  await test.close();
});

/** The rows that the run made in a table, cell by cell; what the database drew itself is left out. */
const made = async (table: string, order: string) =>
  (
    await test.query<{ row: Record<string, unknown> }>(
      `select to_jsonb(t) - 'id' - 'created_at' - 'updated_at' as row from ${table} t where legacy_import_run_id = $1 order by ${order}`,
      [run],
    )
  ).map(({ row: { legacy_import_run_id, ...row } }) => Object.values(inOrder(row)));

const columns: readonly string[] = [
  "source_table",
  "legacy_id",
  "user_id",
  "full_name",
  "phone",
  "email",
  "birth_date",
  "course_id",
  "course_session_id",
  "legacy_course_name",
  "legacy_session_code",
  "classification",
  "source",
];
const inOrder = (row: Record<string, unknown>) =>
  Object.fromEntries(
    Object.keys(row)
      .sort((one, other) => columns.indexOf(one) - columns.indexOf(other))
      .map((name) => [name, row[name]]),
  );

const bureau = "Secrétariat Bureautique";

it("M10 M11 completed trainings are written as this table says, cell by cell", async () => {
  expect(await made("legacy_completed_trainings", "source_table, legacy_id")).toEqual([
    [
      "archives",
      1,
      null,
      "Qunnasi Omar",
      "213551000901",
      null,
      "1951-01-01",
      1,
      bureau,
      "SB-2023-01",
      "archived_training",
    ],
    [
      "stagiaires",
      1,
      1,
      "Benhaddouche Sara",
      "213550000101",
      null,
      "1955-03-14",
      1,
      bureau,
      "SB-2023-01",
      "completed",
    ],
    [
      "stagiaires",
      2,
      3,
      "Ferroukhi Lynda",
      "213551000002",
      "lynda.ferroukhi@example.com",
      "1955-05-21",
      2,
      "INFOGRAPHIE / PAO",
      "INF-2022-04",
      "completed",
    ],
    // Known as a lead, which is no user; known by name and birth date alone, which links nobody.
    [
      "stagiaires",
      3,
      null,
      "Reghis Toufik",
      "213551000003",
      "toufik.reghis@example.com",
      "1956-11-02",
      4,
      "Gestion des stocks",
      "SB-2023-01",
      "completed",
    ],
    [
      "stagiaires",
      4,
      null,
      "Mekhoukhe Houria",
      "213551000004",
      null,
      "1956-01-10",
      1,
      bureau,
      "SB-2023-01",
      "completed",
    ],
    [
      "stagiaires",
      5,
      null,
      "Quppari Walid",
      "213550001012",
      null,
      null,
      1,
      bureau,
      null,
      "completed",
    ],
    [
      "stagiaires",
      6,
      null,
      "Quvvelo Nadia",
      "213551000006",
      null,
      "1950-01-06",
      5,
      "Comptabilite  générale",
      "SB-2023-01",
      "archived_training",
    ],
    [
      "stagiaires",
      7,
      null,
      "Quttomi Rachid",
      "213551000007",
      null,
      "1950-01-07",
      2,
      "INFOGRAPHIE / PAO",
      "ATTENTE-2",
      "completed",
    ],
  ]);
});

it("M10 M11 enrolments are written as this table says, cell by cell", async () => {
  expect(await made("legacy_imported_enrollments", "source_table, legacy_id")).toEqual([
    ["stagiaires", 8, null, "Quccano Bilal", "213551000008", null, 1],
    ["stagiaires", 9, null, "Quddiri Hayet", "213551000009", null, 5],
  ]);
});

it("M10 M11 leads are written as this table says, cell by cell: no course that is not mapped", async () => {
  expect(await made("crm_leads", "phone")).toEqual([
    ["Quffero Djamel", "213551000013", null, "1950-01-13", 1, "legacy"],
    ["Quggalu Yasmine", "213551000014", null, "1950-01-14", null, "legacy"],
    ["Quhhimo Tarek", "213551000015", null, "1950-01-15", null, "legacy"],
    ["Qummuda Ines", "213551000019", null, "1950-01-19", null, "legacy"],
    ["Qujjore Meryem", null, "meryem.qujjore@example.com", "1950-01-16", null, "legacy"],
  ]);
});

it("D28 W4 staged rows name who they are linked to, and what was made of them", async () => {
  const said = await test.query(
    `select s.legacy_id::int as id, s.import_state, s.state_reason, s.wave, s.imported_user_id::int as "user",
            case when l.legacy_import_run_id = s.run_id and l.full_name = s.full_name then 'made' else l.id::text end as lead,
            case when t.legacy_id = s.legacy_id and t.source_table = s.source_table then 'made' end as training,
            case when e.legacy_id = s.legacy_id and e.source_table = s.source_table then 'made' end as enrolment
       from wavegate.legacy_student_imports s
       left join crm_leads l on l.id = s.imported_lead_id
       left join legacy_completed_trainings t on t.id = s.imported_completed_training_id
       left join legacy_imported_enrollments e on e.id = s.imported_enrollment_id
      where s.run_id = $1 order by s.source_table desc, s.legacy_id`,
    [run],
  );
  const done = "committed";
  expect(said.map((row) => Object.values(row))).toEqual([
    [1, done, null, 1, 1, null, "made", null],
    [2, done, null, 1, 3, null, "made", null],
    [3, done, null, 1, null, "2", "made", null],
    [4, done, null, 1, null, null, "made", null],
    [5, done, null, 1, null, null, "made", null],
    [6, done, null, 1, null, null, "made", null],
    [7, done, null, 1, null, null, "made", null],
    [8, done, null, 1, null, null, null, "made"],
    [9, done, null, 1, null, null, null, "made"],
    [10, "linked", null, 1, 11, null, null, null],
    [11, "linked", null, 1, 2, null, null, null],
    [12, "linked", null, 1, null, "1", null, null],
    [13, done, null, 1, null, "made", null, null],
    [14, done, null, 1, null, "made", null, null],
    [15, done, null, 1, null, "made", null, null],
    [16, done, null, 1, null, "made", null, null],
    [17, "held", "needs_review", null, null, null, null, null],
    [18, "held", "needs_review", null, null, null, null, null],
    [19, done, null, 1, null, "made", null, null],
    [1, done, null, 1, null, null, "made", null],
  ]);
});
