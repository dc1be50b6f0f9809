import {
  choice,
  count,
  entity,
  insert,
  is,
  kept,
  of,
  once,
  ref,
  template,
  text,
  timestamp,
} from "../../lib/define/builders.ts";
import {
  course as legacyCourse,
  membership as legacyMembership,
  user as legacyUser,
} from "../alpha2/people.ts";
import { written } from "../alpha2/times.ts";

/** The identity map. A name that begins with `legacy` is one that nobody mapped yet. */
export const user = entity("user", {
  ...legacyUser,
  from: ["staging.users"],
  fields: {
    sub: template("{sub}", "legacy:{id}"),
    named: choice(
      "sub",
      {},
      {
        beginnings: [
          ["legacy:", "placeholder"],
          ["legacy-email:", "placeholder"],
        ],
        otherwise: "new",
      },
    ),
  },
  once: once(["sub"]),
  validate: [],
  report: {
    counts: [
      count(
        "placeholders_left",
        "Users who keep the name of the old platform",
        is("named", "placeholder"),
      ),
    ],
    distributions: [],
    sections: [],
  },
});

/** Courses, of whoever made them; when is not told here, so that the platform says since when it has them. */
export const course = entity("course", {
  ...legacyCourse,
  from: ["staging.courses"],
  fields: { title: text("title"), owner_no: text("creator_id") },
  refs: { owner: ref("user", "owner_no") },
  actions: {
    course: insert(
      "courses",
      { title: "title", teacher_id: of("owner", "sub") },
      { id: kept({ id: "legacy_id" }), importedAs: "imported_course_id" },
    ),
  },
});

/** Who learns in which course; who stands there twice is a member once, since the first time. */
export const membership = entity("membership", {
  ...legacyMembership,
  from: ["members"],
  fields: {
    course_no: text("course_id"),
    student_no: text("student_id"),
    student_name: template("{user.sub}", "legacy:{user.id}"),
    since: timestamp("created_at", written),
  },
  refs: { course: ref("course", "course_no"), student: ref("user", "student_no") },
});

/** In the order in which they are written. */
export const people = [user, course, membership] as const;
