import { sectionsOf, twins } from "./courses.ts";
import { type Builder, day, id, type Row, type Size, sectionId, taskId } from "./school.ts";

/** The task of a section that has one without dirt. */
export const taskOf = (section: number) => taskId(section);
/** Tasks with something about them that their submissions show. */
export const odd = { mastery: 9_100, blank: 9_101, lost: 9_102 };

export function addTasks(school: Builder, { courses }: Size): void {
  const task = (n: number, section: string | null, kind: string, more: Row = {}, own: Row = {}) => {
    school.add("task_base", {
      ...{ id: taskId(n), section_id: section, instruction: `Do ${n}.`, task_type: "regular" },
      ...{
        assessment_criteria: null,
        solution_hints: null,
        created_at: day(3),
        updated_at: day(3),
      },
      ...more,
    });
    school.add("regular_tasks", {
      ...{ task_id: taskId(n), order_in_section: 1, max_attempts: 3, grading_criteria: null },
      ...{ solution_hints: "Think.", ...own },
    });
    school.plant("task", taskId(n), kind);
  };
  for (let n = 1; n <= courses; n++)
    for (const section of sectionsOf(n)) task(section, sectionId(section), "plain");
  for (const section of sectionsOf(twins.unit)) task(section, sectionId(section), "plain");
  const at = sectionId(sectionsOf(1)[0] ?? 0);
  const ten = Array.from({ length: 11 }, (_, n) => `Criterion ${n + 1}`);
  task(9_001, at, "criteria_array", {}, { grading_criteria: [" a ", "", "a", "b, c"] });
  task(9_002, at, "criteria_object", { assessment_criteria: { tone: "kind" } });
  task(9_003, at, "criteria_text", { assessment_criteria: "just a text" });
  task(9_004, at, "criteria_eleven", { assessment_criteria: ten });
  task(9_005, at, "order_tie");
  task(9_006, at, "attempts_zero", {}, { max_attempts: 0 });
  task(9_007, at, "attempts_null", {}, { max_attempts: null });
  task(odd.blank, at, "instruction_blank", { instruction: "  " });
  task(odd.lost, null, "without_a_section");
  task(9_103, id(4, 8_888), "of_no_section");
  // What is drilled is left out on purpose.
  school.add("task_base", {
    ...{ id: taskId(odd.mastery), section_id: at, instruction: "Drill.", task_type: "mastery" },
    ...{ created_at: day(3), updated_at: day(3) },
  });
  school.add("mastery_tasks", { task_id: taskId(odd.mastery), prompt: "Drill." });
}
