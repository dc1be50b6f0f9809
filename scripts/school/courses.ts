import { type Builder, courseId, day, id, type Size, sectionId, unitId, userId } from "./school.ts";
import { strange, student, teacher } from "./users.ts";

const orphan = 9_001;
const blank = 9_002;
/** Sections of each unit: three, and the first unit has ones whose order says nothing. */
export const sectionsOf = (unit: number): readonly number[] => [1, 2, 3].map((n) => unit * 10 + n);
/** The course and the unit of which a course shows nothing. */
export const bare = { course: 9_003 };
/** Two courses that share a unit and students, for what is ambiguous. */
export const twins = { first: 9_011, second: 9_012, unit: 9_011 };

export function addCourses(school: Builder, { courses, teachers, students }: Size): void {
  const times = (n: number) => ({ created_at: day(n % 20), updated_at: day(n % 20) });
  const course = (n: number, kind: string, name: string, by: string) => {
    school.add("course", { id: courseId(n), name, creator_id: by, ...times(n) });
    school.plant("course", courseId(n), kind);
  };
  const unit = (n: number, kind: string, title: string, by: string) => {
    school.add("learning_unit", { id: unitId(n), title, creator_id: by, ...times(n) });
    school.plant("unit", unitId(n), kind);
  };
  const section = (n: number, of: string, kind: string, more: Record<string, unknown> = {}) => {
    school.add("unit_section", {
      ...{ id: sectionId(n), unit_id: of, title: `Section ${n}`, order_in_unit: n % 10 },
      ...{ materials: null, ...times(n), ...more },
    });
    school.plant("section", sectionId(n), kind);
  };
  const member = (of: number, who: string, kind: string) => {
    const key = [courseId(of), who] as const;
    school.add("course_student", { course_id: key[0], student_id: who, enrolled_at: day(1) });
    school.plant("membership", key, kind);
  };
  const module = (of: number, which: string, kind: string, n = 0) => {
    const key = [courseId(of), which] as const;
    school.add("course_learning_unit_assignment", {
      ...{ course_id: key[0], unit_id: which, assigned_at: day(2 + n) },
    });
    school.plant("module", key, kind);
  };
  const release = (of: number, which: string, kind: string, shown: boolean, at: string | null) => {
    const key = [courseId(of), which] as const;
    school.add("course_unit_section_status", {
      ...{ course_id: key[0], section_id: which, is_published: shown, published_at: at },
    });
    school.plant("release", key, kind);
  };

  // Each course has a unit of its own, every student is in one course.
  for (let n = 1; n <= courses; n++) {
    course(n, "plain", `Course ${n} 🌱`, teacher(1 + (n % teachers)));
    unit(n, "plain", `Unit ${n}`, teacher(1 + (n % teachers)));
    for (const each of sectionsOf(n)) section(each, unitId(n), "plain");
    module(n, unitId(n), "plain");
    for (const each of sectionsOf(n)) release(n, sectionId(each), "shown", true, day(5));
  }
  for (let n = 1; n <= students; n++) member(1 + (n % courses), student(n), "plain");

  course(orphan, "of_nobody", "Nobody's", userId(strange.unknown));
  course(blank, "without_a_title", " ", teacher(1));
  course(9_004, "of_a_long_title", "L".repeat(200), teacher(1));
  course(bare.course, "that_shows_nothing", "Bare", teacher(1));
  unit(orphan, "of_nobody", "Nobody's unit", userId(strange.unknown));
  member(orphan, student(1), "of_a_course_of_nobody");
  member(1, userId(strange.unknown), "of_nobody");
  member(1, userId(strange.sharedToo), "of_a_shared_name");
  member(1, userId(strange.unnamed), "of_who_has_no_new_name");
  module(orphan, unitId(1), "of_a_course_of_nobody");
  module(1, unitId(orphan), "of_a_unit_of_nobody", 1);
  module(1, unitId(2), "a_second_unit", 2);
  section(9_001, unitId(orphan), "of_a_unit_of_nobody");
  section(9_002, id(3, 8_888), "of_no_unit");
  section(9_003, unitId(1), "without_a_title", { title: null, order_in_unit: 1 });
  section(9_004, unitId(1), "of_a_negative_place", { order_in_unit: -5 });
  section(9_005, unitId(1), "of_a_place_twice", { order_in_unit: 1 });
  release(1, sectionId(9_003), "shown_without_a_time", true, null);
  release(1, sectionId(9_004), "hidden_with_a_time", false, day(5));
  release(1, sectionId(9_005), "hidden", false, null);
  release(1, sectionId(31), "of_a_unit_that_the_course_lacks", true, day(5));
  release(1, sectionId(9_001), "of_a_section_of_nobody", true, day(5));
  release(orphan, sectionId(11), "of_a_course_of_nobody", true, day(5));

  // Two courses with one unit: its first section is shown in both on the same day, its second one in the first only,
  // its third one later in the second.
  for (const n of [twins.first, twins.second]) course(n, "twin", `Twin ${n}`, teacher(2));
  unit(twins.unit, "twin", "Shared", teacher(2));
  for (const n of sectionsOf(twins.unit)) section(n, unitId(twins.unit), "twin");
  const [both = 0, one = 0, later = 0] = sectionsOf(twins.unit);
  for (const n of [twins.first, twins.second]) {
    module(n, unitId(twins.unit), "twin");
    release(n, sectionId(both), "shown", true, day(5));
    release(n, sectionId(later), "shown", true, day(n === twins.first ? 5 : 40));
    for (const who of [1, 2, 3]) member(n, student(who), "of_twins");
  }
  release(twins.first, sectionId(one), "shown", true, day(5));
  release(twins.second, sectionId(one), "hidden", false, null);
  module(bare.course, unitId(1), "that_shows_nothing");
  member(bare.course, student(4), "that_shows_nothing");
}
