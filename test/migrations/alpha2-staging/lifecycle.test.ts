import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finalVerify } from "../../../lib/stages/final-verify.ts";
import { alpha2Staging } from "../../../migrations/alpha2-staging/definition.ts";
import { schoolOf, small, truth } from "../../../scripts/school/generate.ts";
import { courseId, unitId } from "../../../scripts/school/school.ts";
import { standing, takenBack } from "../../lifecycle/whole-life.ts";
import { reviewedRun, toTheEnd } from "../../support/steps.ts";
import { type SchoolServices, schoolServices } from "../alpha2/world.ts";
import { cookbook } from "./cookbook.ts";

const run = "7f3a0000-0000-4000-8000-00000000a221";
const school = schoolOf(small);
let test: SchoolServices;

beforeAll(async () => {
  test = await schoolServices(school, {
    migration: alpha2Staging,
    dumped: `${cookbook(school)};
${placed};
${timeless};
grant usage on schema staging to reader_of_alpha2; grant select on all tables in schema staging to reader_of_alpha2`,
  });
  await reviewedRun(test, run, { wavePlan: [25, 125, 625] });
  await toTheEnd(test, run);
});
afterAll(() => test?.close());

/** Courses whose units have places, some of them none, or the same. */
const places = {
  9101: [2, null, 1, null, 7, 2],
  9102: [null, null, null],
  9103: [0, -1, 5, 5, 5, 1],
  9104: [2, null],
};
const placed = `
insert into staging.learning_units
select ('${unitId(0).slice(0, -4)}' || 9110 + n)::uuid, 'Placed ' || n, null, u.creator_id
  from generate_series(1, 6) n, (select creator_id from staging.learning_units where id = '${unitId(1)}') u;
${Object.entries(places)
  .map(
    ([course, of]) => `
insert into staging.courses select '${courseId(Number(course))}', 'Placed', creator_id from staging.courses where id = '${courseId(1)}';
insert into staging.course_unit_assignments values ${of.map((place, n) => `('${courseId(Number(course))}', '${unitId(9111 + n)}', ${place})`).join(", ")}`,
  )
  .join(";")}`;

/** Of a course with a section of its own, of which nothing says when it was made. */
const ofOwn = (kind: number) => `0000000${kind}-0000-4000-8000-000000009120`;
const timeless = `
insert into staging.unit_sections values ('${ofOwn(4)}', '${unitId(9111)}', 'Timeless', 0);
insert into staging.course_students select '${courseId(9101)}', id, null from staging.users where sub like 'student-%' order by sub, id limit 1;
insert into staging.section_releases values ('${courseId(9101)}', '${unitId(9111)}', '${ofOwn(4)}', true, null);
insert into staging.materials_json (id, section_id, kind, title, body_md) values ('${ofOwn(5)}', '${ofOwn(4)}', 'markdown', 'Timeless', 'x');
insert into staging.tasks_base values ('${ofOwn(6)}', 'Timeless', null, null);
insert into staging.tasks_regular values ('${ofOwn(6)}', '${ofOwn(4)}', 0, null, null);
insert into staging.submissions (id, task_id, student_sub, kind, text_body)
select '${ofOwn(7)}', '${ofOwn(6)}', student_id, 'text', 'An answer' from staging.course_students where course_id = '${courseId(9101)}'`;

/** The kind of dirt of a row, materials by their own ids as they have them here. */
function kindOf(entity: string, no: string): string | undefined {
  if (entity !== "material") return school.kinds.get(`${entity} ${no}`);
  for (const { id, materials } of school.tables.unit_section ?? [])
    for (const [at, each] of (Array.isArray(materials) ? materials : []).entries())
      if (each?.id === no) return school.kinds.get(`material ${JSON.stringify([id, `${at + 1}`])}`);
  return undefined;
}

/** Rows of a kind of things that came out otherwise than of the dump itself. */
async function otherwise(entity: string): Promise<string[]> {
  const rows = await standing(test, `"alpha2_staging_${entity}"`, run);
  return rows.flatMap(({ no, state, why }) => {
    const kind = kindOf(entity, no);
    const line = truth.find((each) => each.entity === entity && each.kind === kind);
    return kind === undefined || (line?.state === state && line.reason === (why ?? ""))
      ? []
      : [`${kind}: ${state} ${why}`];
  });
}

describe("a school, from the tables of the cookbook", () => {
  it.each([
    ["user", []],
    ["course", []],
    ["membership", []],
    ["unit", []],
    ["section", []],
    ["module", []],
    ["release", []],
    // The cookbook makes an id where there is none; everything else is as it was.
    ["material", []],
    ["task", []],
    // What was no object is an answer without a text here.
    ["submission", ["no_object: skipped invalid_payload"]],
  ])("A1 A3 %s come out as those of the dump itself do", async (entity, but) => {
    expect(await otherwise(entity)).toEqual(but);
  });

  it("A4 places, times and who handed in are as they are from the dump itself", async () => {
    expect(
      await test.query(
        "select title, position from unit_sections where unit_id = $1 order by position",
        [unitId(1)],
      ),
    ).toEqual([
      { title: "Section 9004", position: 1 },
      // Of two in one place the one whose id comes first: when they were made is not told here.
      { title: "Section 11", position: 2 },
      { title: "Ohne Titel", position: 3 },
      { title: "Section 9005", position: 4 },
      { title: "Section 12", position: 5 },
      { title: "Section 13", position: 6 },
    ]);
    expect(
      await test.query(
        `select unit_id, position from course_modules where course_id = $1 order by position`,
        [courseId(1)],
      ),
    ).toEqual([
      { unit_id: unitId(1), position: 1 },
      { unit_id: unitId(2), position: 3 },
    ]);
    // A place that is given is kept, by the first that has it; the others take those that are free.
    expect(
      await test.query(
        `select right(course_id::text, 4) as course, array_agg(position order by unit_id) as places
           from course_modules where right(course_id::text, 4) between '9101' and '9104' group by 1 order by 1`,
      ),
    ).toEqual([
      { course: "9101", places: [2, 4, 1, 5, 7, 3] },
      { course: "9102", places: [1, 2, 3] },
      { course: "9103", places: [3, 2, 5, 4, 6, 1] },
      { course: "9104", places: [2, 1] },
    ]);
    // Who stands there twice is a member once, since the first time.
    expect(
      await test.query(
        "select distinct created_at::date::text as day from course_memberships where course_id <> $1",
        [courseId(9101)],
      ),
    ).toEqual([{ day: "2025-03-02" }]);
    expect(
      await test.query(
        `select count(*) filter (where student_sub not like 'student-%')::int as others, count(*) > 60 as many from learning_submissions`,
      ),
    ).toEqual([{ others: 0, many: true }]);
  });

  it("A4 what has no time is there since the platform has it, and an answer without one is held", async () => {
    expect(
      await test.query(
        `select entity, status, reason from wavegate.staging_import_audit_mappings
          where run_id = $1 and (legacy_id like '%009120' or legacy_id like $2) order by 1`,
        [run, `${courseId(9101)}:00000001-%`],
      ),
    ).toEqual([
      { entity: "legacy_course_membership", status: "ok", reason: null },
      { entity: "legacy_material", status: "ok", reason: null },
      { entity: "legacy_section_release", status: "ok", reason: "release_time_unknown" },
      { entity: "legacy_submission", status: "skip", reason: "time_missing" },
      { entity: "legacy_task", status: "ok", reason: null },
      { entity: "legacy_unit_section", status: "ok", reason: null },
    ]);
    expect(
      await test.query(
        `select bool_and(made > now() - interval '1 hour') as now
           from (select created_at as made from unit_materials where title = 'Timeless'
                 union all select created_at from unit_tasks where instruction_md = 'Timeless'
                 union all select created_at from course_memberships where course_id = $1) all_of_it`,
        [courseId(9101)],
      ),
    ).toEqual([{ now: true }]);
  });

  it("A6 A7 R17 the run is verified, its audit tells each row, and all of it is taken back", async () => {
    const { checks } = await finalVerify(test.services, run);
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(
      await test.query(
        `select entity, status, reason from wavegate.staging_import_audit_mappings
          where run_id = $1 and status in ('conflict', 'error') order by 1, 2`,
        [run],
      ),
    ).toEqual([
      { entity: "legacy_course", status: "conflict", reason: "missing_teacher_identity" },
      { entity: "legacy_task", status: "error", reason: "constraint_violation" },
      { entity: "legacy_unit", status: "conflict", reason: "missing_author_identity" },
      { entity: "legacy_user", status: "conflict", reason: "duplicate_sub" },
    ]);
    expect(await takenBack(test, run)).toEqual([]);
    expect(await test.query("select 1 from learning_submissions limit 1")).toEqual([]);
  });
});
