import {
  createdAt,
  defineMigration,
  email,
  field,
  otherwise,
  staged,
  table,
  text,
} from "../../lib/define/builders.ts";

/** Written by `wavegate new`: every guess is marked, look at each. */
export const drafted = defineMigration({
  name: "drafted",
  title: "drafted: auth.users",
  connection: "alpha2",

  source: {
    // guess: the table’s primary key
    "auth.users": table("id", "email", "encrypted_password", "created_at"),
    // not read: course: table("id", "name", "creator_id", "created_by", "created_at", "updated_at"),
    // not read: course_learning_unit_assignment: table(["course_id", "unit_id"], "assigned_at"),
    // not read: course_student: table(["course_id", "student_id"], "enrolled_at"),
    // not read: course_teacher: table(["course_id", "teacher_id"], "assigned_at"),
    // not read: course_unit_section_status: table(["course_id", "section_id"], "is_published", "published_at"),
    // not read: learning_unit: table("id", "title", "creator_id", "created_at", "updated_at"),
    // not read: mastery_tasks: table("task_id", "prompt"),
    // not read: profiles: table(integerKey("id"), "role", "full_name", "email", "created_at", "updated_at"),
    // not read: regular_tasks: table("task_id", "order_in_section", "max_attempts", "prompt", "grading_criteria", "solution_hints"),
    // not read: submission: table("id", "student_id", "task_id", "submitted_at", "submission_data", "attempt_number", "ai_feedback", "teacher_override_feedback", "feed_back_text", "feed_forward_text", "feedback_status", "ai_insights", "feedback_generated_at", "created_at", "updated_at"),
    // not read: task_base: table("id", "section_id", "instruction", "task_type", "criteria", "assessment_criteria", "solution_hints", "order_in_section", "created_at", "updated_at"),
    // not read: unit_section: table("id", "unit_id", "title", "order_in_unit", "materials", "created_at", "updated_at"),
  },

  entity: {
    from: ["auth.users"],

    fields: {
      // guess: 100 % of the values are addresses
      email: email("email", { placeholders: [] }),
      // guess: nothing else fits
      encrypted_password: text("encrypted_password"),
      // guess: times, and its name
      created_at: createdAt("created_at"),
    },

    decide: {},

    actions: {
      create: {
        // guess: the platform's table with most of these columns
        into: "course_memberships",
        id: { kept: { course_id: staged("legacy_id"), student_id: staged("legacy_id") } },
        values: {
          // guess: called alike
          created_at: staged("created_at"),
        },

        importedAs: "imported_course_memberships_id",
        inverse: "delete_created",
      },
    },

    // Read from the top: the first line that applies decides what a wave does with a row.
    plan: [
      {
        when: field("moved_before", "yes"),
        skip: "moved_before",
        says: "An earlier run moved this row.",
      },

      {
        when: field("moved_before", "no"),
        commit: "create",
        says: "A row that was not moved before.",
      },
      { when: otherwise, hold: "nothing_applies", says: "No line of the plan fits this row." },
    ],
  },

  // guess: so many rows, drawn from all of them, are looked at by a person before anything is written
  samples: [{ id: "rows", says: "rows of every kind", rows: 20, when: otherwise }],
});
