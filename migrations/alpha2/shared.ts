import { detached, files, harmless, refers } from "../../lib/define/builders.ts";
import { figures } from "./figures.ts";

/** What Alpha2 is beside its rows, from whichever tables they are read. */
export const shared = {
  connection: "alpha2",
  settings: { storage: files("The folder or bucket of the files that rows name.") },
  audit: {
    runs: "import_audit_runs",
    mappings: "import_audit_mappings",
    entities: {
      user: "legacy_user",
      course: "legacy_course",
      membership: "legacy_course_membership",
      unit: "legacy_unit",
      section: "legacy_unit_section",
      module: "legacy_course_module",
      release: "legacy_section_release",
      material: "legacy_material",
      task: "legacy_task",
      submission: "legacy_submission",
    },
  },
  figures,
  effects: {
    ...Object.fromEntries(
      ["courses", "units", "course_modules", "unit_sections", "unit_tasks"].map((table) => [
        `${table}.${table}_touch`,
        harmless("It notes when a row is changed, and nothing that is there is changed."),
      ]),
    ),
    "unit_tasks.unit_tasks_unit": harmless(
      "It refuses a section of another unit, and does nothing.",
    ),
    "unit_materials.unit_materials_unit": harmless(
      "It refuses a section of another unit, and does nothing.",
    ),
    "learning_submissions.learning_submissions_tell": harmless(
      "What is written was judged by the old platform: nobody waits for its analysis.",
    ),
    learning_submission_jobs: detached("Workers of the analysis are stopped while a run lasts."),
  },
  refersTo: [
    ...[
      "course_memberships(course_id)",
      "course_modules(course_id)",
      "learning_submissions(course_id)",
    ].map((from) => refers(from, "courses(id)")),
    ...[
      "course_modules(unit_id)",
      "unit_sections(unit_id)",
      "unit_materials(unit_id)",
      "unit_tasks(unit_id)",
    ].map((from) => refers(from, "units(id)")),
    ...[
      "module_section_releases(section_id)",
      "unit_materials(section_id)",
      "unit_tasks(section_id)",
    ].map((from) => refers(from, "unit_sections(id)")),
    refers("module_section_releases(course_module_id)", "course_modules(id)"),
    refers("learning_submissions(task_id)", "unit_tasks(id)"),
    refers("learning_submission_jobs(submission_id)", "learning_submissions(id)"),
  ],
};
