import { grouped, joined, numbered, table } from "../../lib/define/builders.ts";

/**
 * The tables `staging.*` that the cookbook makes of the restored dump. Some of them have no key there, and rows of one
 * key may stand twice; who handed something in is named by the new name or, where nobody mapped it yet, by the old id.
 */
export const source = {
  "staging.users": table("id", "sub"),
  "staging.courses": table("id", "title", "creator_id"),
  "staging.course_students": table(["course_id", "student_id"], "created_at"),
  "staging.learning_units": table("id", "title", "description", "creator_id"),
  "staging.unit_sections": table("id", "unit_id", "title", "order_in_unit"),
  "staging.course_unit_assignments": table(["course_id", "unit_id"], "position"),
  "staging.section_releases": table(
    ["course_id", "section_id"],
    "unit_id",
    "visible",
    "released_at",
  ),
  "staging.materials_json": table(
    "id",
    "section_id",
    "kind",
    "title",
    "body_md",
    "storage_key",
    "mime_type",
    "size_bytes",
    "sha256",
    "position",
    "created_at",
    "legacy_url",
  ),
  "staging.tasks_base": table("id", "instruction_md", "assessment_criteria", "hints_md"),
  "staging.tasks_regular": table(
    "id",
    "section_id",
    "order_in_section",
    "max_attempts",
    "created_at",
  ),
  "staging.submissions": table(
    "id",
    "task_id",
    "student_sub",
    "kind",
    "text_body",
    "storage_key",
    "mime_type",
    "size_bytes",
    "sha256",
    "created_at",
  ),

  // Who stands there twice is one.
  member_once: grouped("staging.course_students", {
    by: ["course_id", "student_id"],
    order: ["created_at"],
  }),
  assigned_once: grouped("staging.course_unit_assignments", {
    by: ["course_id", "unit_id"],
    order: ["position"],
  }),
  released_once: grouped("staging.section_releases", {
    by: ["course_id", "section_id"],
    order: ["released_at"],
  }),

  members: joined("member_once", {
    user: { table: "staging.users", on: { id: "student_id" }, optional: true },
  }),
  sections: numbered(joined("staging.unit_sections", {}), {
    within: ["unit_id"],
    by: ["order_in_unit", "id"],
  }),
  modules: numbered(joined("assigned_once", {}), {
    within: ["course_id"],
    by: ["position", "unit_id"],
    keep: "position",
  }),
  releases: joined("released_once", {
    section: { table: "staging.unit_sections", on: { id: "section_id" }, optional: true },
  }),
  materials: numbered(joined("staging.materials_json", {}), {
    within: ["section_id"],
    by: ["position", "created_at", "id"],
  }),
  tasks: numbered(
    joined("staging.tasks_regular", {
      base: { table: "staging.tasks_base", on: { id: "id" } },
    }),
    { within: ["section_id"], by: ["order_in_section", "created_at", "id"] },
  ),
  submissions: numbered(
    joined("staging.submissions", {
      by_id: { table: "staging.users", on: { id: "student_sub" }, optional: true },
      task: { table: "staging.tasks_regular", on: { id: "task_id" }, optional: true },
      section: { table: "staging.unit_sections", on: { id: "task.section_id" }, optional: true },
    }),
    { within: ["task_id", "student_sub"], by: ["created_at", "id"] },
  ),
};
