import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../lib/data/database.ts";
import { findRun } from "../../lib/data/runs.ts";
import { render, type Sql } from "../../lib/data/sql.ts";
import { type Decision, decideMappings } from "../../lib/review/mappings/decisions.ts";
import { classify } from "../../lib/stages/classify.ts";
import { validate } from "../../lib/stages/validate.ts";
import { importedServices, reviewed, type TestServices } from "../support/services.ts";
import { refusal } from "../support/steps.ts";

let test: TestServices;
const run = reviewed;

beforeEach(async () => {
  test = await importedServices();
});
afterEach(() => test.close());

const decisions = () =>
  test.query(
    `select d::text as row from wavegate.legacy_student_imports_decisions d where run_id = '${run}' order by staged_id`,
  );
const claimed = async () =>
  (
    await test.query<{ rests_on: string | null }>(
      `select rests_on from wavegate.stage_claims where run_id = '${run}'`,
    )
  )[0]?.rests_on;

/** A person's word about a course that completed rows name. */
async function decideCourse(said: (id: number) => Decision): Promise<void> {
  const [course] = await test.query<{ id: number }>(`
    select s.legacy_formation_id::int as id
      from wavegate.legacy_student_imports_source s join wavegate.legacy_course_mappings m
        on m.run_id = s.run_id and m.legacy_formation_id = s.legacy_formation_id
     where s.run_id = '${run}' and m.status = 'mapped' group by 1 order by count(*) desc, 1 limit 1`);
  const pinned = await findRun(test.services.stage, run);
  const decision = said(course?.id ?? 0);
  await decideMappings(test.services.sign, pinned, "course", [decision], "approver");
}

/** Services that tell of each statement that is executed, before it goes. */
function telling(tell: (text: string) => Promise<void>): TestServices["services"] {
  const on = (db: Database): Database => ({
    ...db,
    execute: async (statement: Sql) => {
      await tell(render(statement).sql);
      return db.execute(statement);
    },
    transaction: (work, mode) => db.transaction((inner) => work(on(inner)), mode),
  });
  return { ...test.services, stage: on(test.services.stage) };
}

const judges = (text: string) => text.includes("judged as materialized");

/** How often classification looked at rows. */
async function classified(): Promise<number> {
  let judged = 0;
  await classify(
    telling(async (text) => {
      if (judges(text)) judged++;
    }),
    run,
  );
  return judged;
}

describe("rows that validation decided about", () => {
  it("M3 W3 are not judged again by what still holds, and judging them again finds the same", async () => {
    await validate(test.services, run);
    const first = await decisions();
    expect(await claimed()).toMatch(/^[0-9a-f]{64}$/u);
    expect(await classified()).toBe(0);
    expect(await decisions()).toEqual(first);
    // Of a classification that was cut off, as of one that is done again, nothing is known of what went before.
    expect(await claimed()).toBeNull();
    expect(await classified()).toBeGreaterThan(0);
    expect(await decisions()).toEqual(first);
    expect(first.length).toBeGreaterThan(500);
  });

  it("R8 M3 are judged again where somebody decided about a mapping since, or said the same once more", async () => {
    await validate(test.services, run);
    const first = await decisions();
    await decideCourse((id) => ({ id, reject: true }));
    expect(await classified()).toBeGreaterThan(0);
    const second = await decisions();
    expect(second).not.toEqual(first);

    await validate(test.services, run);
    // What was decided before is judged again, whatever it rests on.
    expect(await claimed()).toBeNull();
    expect(await classified()).toBeGreaterThan(0);
    expect(await decisions()).toEqual(second);
  });

  it("R8 M3 are judged again where somebody decided while they were decided about", async () => {
    let open = true;
    const beside = telling(async (text) => {
      if (!open || !/insert into wavegate\.\W*legacy_student_imports_decisions/u.test(text)) return;
      open = false;
      await decideCourse((id) => ({ id, reject: true }));
    });
    await validate(beside, run);
    expect(open).toBe(false);
    expect(await claimed()).toBeNull();
    expect(await classified()).toBeGreaterThan(0);
  });

  it("R8 W7 classification is done again where somebody decides about a mapping while rows are judged", async () => {
    await validate(test.services, run);
    await test.query(`update wavegate.stage_claims set rests_on = null where run_id = '${run}'`);
    const first = await decisions();
    let open = true;
    const beside = telling(async (text) => {
      if (!open || !judges(text)) return;
      open = false;
      await decideCourse((id) => ({ id, reject: true }));
    });
    expect(await refusal(classify(beside, run))).toBe("StageOvertaken");
    expect(open).toBe(false);
    await classify(test.services, run);
    expect(await decisions()).not.toEqual(first);
  });
});
