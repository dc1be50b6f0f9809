import {
  commit,
  conflict,
  count,
  entity,
  hold,
  insert,
  is,
  kept,
  missing,
  need,
  noted,
  of,
  once,
  orDefault,
  ref,
  same,
  skip,
  template,
  text,
  timestamp,
  when,
} from "../../lib/define/builders.ts";
import { written } from "./times.ts";

/** The tables of which the rows of others are made: they write nothing themselves. */
export const part = entity("part", {
  from: [
    "auth.users",
    "user_subs",
    "unit_section",
    "course_learning_unit_assignment",
    "course_unit_section_status",
    "task_base",
    "regular_tasks",
    "submission",
  ],
  fields: {},
  decide: {},
  actions: {},
  plan: [skip("part_of_another_row")],
});

/** The identity map: whom the new platform knows a user as. Who has no new name yet keeps the old one, marked. */
export const user = entity("user", {
  from: ["users"],
  fields: {
    sub: template("{new.sub}", "legacy:{id}"),
    new_name: text("new.sub"),
    made: timestamp("created_at", written),
  },
  once: once(["sub"], { by: ["made"] }),
  validate: [note("made_unreadable", noted("made_unreadable"))],
  decide: {},
  actions: {
    map: insert(
      "legacy_user_map",
      { sub: "sub" },
      { id: kept({ legacy_id: "legacy_id" }), importedAs: "imported_user_id" },
    ),
  },
  is: [same({ legacy_id: "legacy_id" })],
  there: "keep",
  plan: [when(is("later_of_person", "yes"), conflict("duplicate_sub")), commit("map")],
  report: {
    counts: [
      count(
        "placeholders_left",
        "Users who keep the name of the old platform",
        missing("new_name"),
      ),
    ],
    distributions: [],
    sections: [],
  },
});

/** Courses, of whoever made them. */
export const course = entity("course", {
  from: ["course"],
  fields: {
    title: text("name"),
    owner_no: text("creator_id"),
    made: timestamp("created_at", written),
    changed: timestamp("updated_at", written),
  },
  refs: { owner: ref("user", "owner_no") },
  decide: {},
  actions: {
    course: insert(
      "courses",
      {
        title: "title",
        teacher_id: of("owner", "sub"),
        created_at: "made",
        updated_at: "changed",
      },
      { id: kept({ id: "legacy_id" }), importedAs: "imported_course_id" },
    ),
  },
  is: [same({ id: "legacy_id" })],
  there: "keep",
  plan: [
    need("owner", conflict("missing_teacher_identity")),
    when(missing("title"), hold("title_missing")),
    commit("course"),
  ],
});

/** Who learns in which course. */
export const membership = entity("membership", {
  from: ["course_student"],
  fields: {
    course_no: text("course_id"),
    student_no: text("student_id"),
    since: timestamp("enrolled_at", written),
  },
  refs: { course: ref("course", "course_no"), student: ref("user", "student_no") },
  decide: {},
  actions: {
    membership: insert(
      "course_memberships",
      { created_at: orDefault("since") },
      {
        id: kept({ course_id: of("course"), student_id: of("student", "sub") }),
        importedAs: "imported_membership_id",
      },
    ),
  },
  is: [same({ course_id: of("course"), student_id: of("student", "sub") })],
  there: "keep",
  plan: [
    need("course", skip("course_not_imported")),
    need("student", skip("missing_student_identity")),
    commit("membership"),
  ],
});

function note(id: string, condition: ReturnType<typeof noted>) {
  return {
    id,
    says: "When the row was made cannot be read.",
    when: condition,
    verdict: "note" as const,
  };
}

/** In the order in which they are written. */
export const people = [part, user, course, membership] as const;
