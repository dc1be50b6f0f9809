import { connection, each, joined, numbered, opened, table } from "../../lib/define/builders.ts";

const times = ["created_at", "updated_at"] as const;

/**
 * The tables of the restored dump, and the new names of its users: `user_subs` of the connection `alpha2-subs`, by
 * their legacy id. What is made of them has the fields of documents, halves put together, and places.
 */
export const source = {
  ...connection("alpha2-subs", { user_subs: table("legacy_id", "sub") }),
  "auth.users": table("id", "created_at"),
  course: table("id", "name", "creator_id", ...times),
  course_student: table(["course_id", "student_id"], "enrolled_at"),
  learning_unit: table("id", "title", "creator_id", ...times),
  unit_section: table("id", "unit_id", "title", "order_in_unit", "materials", ...times),
  course_learning_unit_assignment: table(["course_id", "unit_id"], "assigned_at"),
  course_unit_section_status: table(["course_id", "section_id"], "is_published", "published_at"),
  task_base: table(
    "id",
    "section_id",
    "instruction",
    "assessment_criteria",
    "solution_hints",
    ...times,
  ),
  regular_tasks: table(
    "task_id",
    "order_in_section",
    "max_attempts",
    "grading_criteria",
    "solution_hints",
  ),
  submission: table(
    "id",
    "student_id",
    "task_id",
    "submitted_at",
    "submission_data",
    "feedback_status",
    "ai_feedback",
    "teacher_override_feedback",
    "ai_insights",
    "feedback_generated_at",
  ),

  users: joined("auth.users", {
    new: { table: "user_subs", on: { legacy_id: "id" }, optional: true },
  }),
  sections: numbered(joined("unit_section", {}), {
    within: ["unit_id"],
    by: ["order_in_unit", "created_at", "id"],
  }),
  modules: numbered(joined("course_learning_unit_assignment", {}), {
    within: ["course_id"],
    by: ["assigned_at", "unit_id"],
  }),
  releases: joined("course_unit_section_status", {
    section: { table: "unit_section", on: { id: "section_id" }, optional: true },
  }),
  materials: each(
    "unit_section",
    "materials",
    "id",
    "type",
    "title",
    "content",
    "path",
    "filename",
    "mime_type",
    "size",
    "sha256",
    "created_at",
  ),
  tasks: numbered(
    joined("regular_tasks", { base: { table: "task_base", on: { id: "task_id" } } }),
    {
      within: ["base.section_id"],
      by: ["order_in_section", "base.created_at", "task_id"],
    },
  ),
  submissions: numbered(
    opened(
      joined("submission", {
        task: { table: "task_base", on: { id: "task_id" }, optional: true },
        section: { table: "unit_section", on: { id: "task.section_id" }, optional: true },
      }),
      "submission_data",
      "text",
      "file_path",
      "file_type",
    ),
    { within: ["task_id", "student_id"], by: ["submitted_at", "id"] },
  ),
};
