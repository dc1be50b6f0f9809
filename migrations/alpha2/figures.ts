import { watch } from "../../lib/define/builders.ts";

const none = (id: string, says: string, sql: string) => watch(id, says, sql, { above: 0 });
const orphans = (table: string, column: string, of: string) =>
  none(
    `${table}_without_${of.replace(/s$/u, "")}`,
    `rows of ${table} without their row of ${of}`,
    `select count(*) from ${table} t where not exists (select from ${of} o where o.id = t.${column})`,
  );
const twice = (table: string, ...columns: string[]) =>
  none(
    `${table}_by_${columns.at(-1)}`,
    `rows of ${table} that are another one by ${columns.join(", ")}`,
    `select count(*) - count(distinct (${columns.join(", ")})) from ${table}`,
  );

/** What the platform is checked for once all is written: orphans, places, and names of the old platform that are left. */
export const figures = [
  orphans("course_memberships", "course_id", "courses"),
  orphans("unit_sections", "unit_id", "units"),
  orphans("unit_tasks", "section_id", "unit_sections"),
  orphans("module_section_releases", "course_module_id", "course_modules"),
  twice("unit_sections", "unit_id", "position"),
  twice("unit_materials", "section_id", "position"),
  twice("unit_tasks", "section_id", "position"),
  twice("course_modules", "course_id", "position"),
  twice("course_modules", "course_id", "unit_id"),
  twice("learning_submissions", "course_id", "task_id", "student_sub", "attempt_nr"),
];
