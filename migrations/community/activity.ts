import {
  all,
  commit,
  constant,
  earlier,
  entity,
  hold,
  insert,
  integer,
  is,
  missing,
  not,
  noted,
  object,
  onlyBeside,
  otherThan,
  otherwise,
  passed,
  present,
  same,
  sha1,
  skip,
  started,
  text,
  timestamp,
  update,
  when,
} from "../../lib/define/builders.ts";
import { processed } from "./counts.ts";

const zone = "UTC";
const added = { created_at: started, updated_at: started };
const asked = when(otherThan("classification", "only"), skip("not_asked_for"));
const reported = (kind: string, says: string, ...reasons: string[]) => ({
  counts: processed(kind, says, ...reasons),
  distributions: [],
  sections: [],
});
const identified = { importedAs: "imported_activity_id" };

/** Posts that people published, as entries of their profiles (C5). */
export const post = entity("post", {
  from: ["community_posts"],
  fields: {
    author: integer("author_id"),
    community: integer("community_id"),
    type: text("type"),
    visibility: text("visibility"),
    published: timestamp("published_at", { zone }),
    made: timestamp("created_at", { zone }),
    deleted: timestamp("deleted_at", { zone }),
    key: sha1("profile:community_post:{id}:{community_id}"),
  },
  decide: { classification: [{ is: "activity", when: otherwise }] },
  actions: {
    post: insert(
      "profile_activities",
      {
        user_id: "author",
        community_id: "community",
        activity_type: constant("community_post.published"),
        subject_type: constant("community_post"),
        subject_id: "legacy_id",
        idempotency_key: "key",
        occurred_at: "published",
        context: object({ type: "type", visibility: "visibility" }),
        ...added,
      },
      identified,
    ),
  },
  is: [same({ idempotency_key: "key" })],
  there: "keep",
  plan: [
    asked,
    when(present("deleted"), skip("deleted")),
    when(missing("published"), skip("draft")),
    when(not(passed("published")), skip("not_due")),
    when(all(earlier("published", "since"), earlier("made", "since")), skip("outside_scope")),
    commit("post"),
  ],
  report: reported("posts", "Posts", "draft", "not_due"),
  samples: [{ id: "posts", says: "posts", rows: 5, when: present("published") }],
});

/** Comments on posts that were not deleted. */
export const comment = entity("comment", {
  from: ["comments"],
  fields: {
    author: integer("author_id"),
    community: integer("community_id"),
    number: integer("id"),
    post: integer("post_id"),
    made: timestamp("created_at", { zone }),
    deleted: timestamp("deleted_at", { zone }),
    post_deleted: timestamp("post.deleted_at", { zone }),
    key: sha1("profile:community_comment:{id}:{community_id}"),
  },
  decide: { classification: [{ is: "activity", when: otherwise }] },
  actions: {
    comment: insert(
      "profile_activities",
      {
        user_id: "author",
        community_id: "community",
        activity_type: constant("community_comment.posted"),
        subject_type: constant("community_comment"),
        subject_id: "number",
        idempotency_key: "key",
        occurred_at: "made",
        context: object({ post_id: "post" }),
        ...added,
      },
      identified,
    ),
  },
  is: [same({ idempotency_key: "key" })],
  there: "keep",
  plan: [
    asked,
    when(present("deleted"), skip("deleted")),
    when(present("post_deleted"), skip("post_deleted")),
    when(missing("made"), skip("no_time")),
    when(earlier("made", "since"), skip("outside_scope")),
    commit("comment"),
  ],
  report: reported("comments", "Comments", "post_deleted", "no_time"),
  samples: [{ id: "comments", says: "comments", rows: 5, when: present("made") }],
});

/** Courses that people completed: an entry for each community that the course is linked to, or one of none. */
export const completion = entity("completion", {
  from: ["completions"],
  fields: {
    user_no: integer("user_id", { least: 1 }),
    user: text("user.id"),
    community: integer("link.community_id"),
    community_deleted: text("gone.course_id"),
    course: integer("course_id"),
    certificate: integer("id"),
    identifier: text("identifier"),
    made: timestamp("created_at", { zone }),
    key: sha1("profile:course_completion:{id}:{link.community_id|global}"),
    // Of an entry that was written before the course was linked: it becomes the first community's.
    key_before: sha1("profile:course_completion:{link.first}:global"),
  },
  validate: [
    {
      id: "no_user",
      says: "It is nobody's.",
      when: noted("number_out_of_bounds"),
      verdict: "note",
    },
  ],
  decide: { classification: [{ is: "activity", when: otherwise }] },
  actions: {
    completion: insert(
      "profile_activities",
      {
        user_id: "user_no",
        community_id: "community",
        activity_type: constant("course.completed"),
        subject_type: constant("certificate"),
        subject_id: "certificate",
        idempotency_key: "key",
        occurred_at: "made",
        context: object({
          course_id: "course",
          certificate_identifier: "identifier",
          community_id: "community",
        }),
        ...added,
      },
      identified,
    ),
  },
  is: [same({ idempotency_key: "key" }), same({ idempotency_key: "key_before" })],
  there: update({
    community_id: "community",
    idempotency_key: "key",
    updated_at: onlyBeside(started),
  }),
  plan: [
    asked,
    when(is("there_is", "several", "shared"), hold("several_there")),
    when(missing("user_no"), skip("no_user")),
    when(missing("user"), skip("user_gone")),
    when(all(missing("community"), present("community_deleted")), skip("community_deleted")),
    when(missing("made"), skip("no_time")),
    when(earlier("made", "since"), skip("outside_scope")),
    commit("completion"),
  ],
  report: reported("completions", "Completions", "no_user", "user_gone", "no_time"),
  samples: [{ id: "completions", says: "completions", rows: 5, when: present("made") }],
});
