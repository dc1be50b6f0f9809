import {
  all,
  catalogue,
  earliest,
  firstBy,
  grouped,
  highest,
  integerKey,
  is,
  joined,
  latest,
  listBy,
  missing,
  not,
  otherThan,
  present,
  table,
} from "../../lib/define/builders.ts";

/** Roles of a community, upwards. */
export const roles = ["member", "moderator", "admin", "owner"];

/** Enrolments that make members: by what is known of each as it was read. */
export const makesMember = all(
  present("community"),
  missing("community_deleted"),
  not(otherThan("community", "community")),
  present("user_no"),
  present("user"),
  present("joined"),
  not(is("role", "owner")),
);

/** The platform's tables, as far as they are read, and the rows that are made of them. */
export const source = {
  users: table(integerKey("id")),
  communities: table(integerKey("id"), "slug", "deleted_at"),
  community_course_links: table(["community_id", "course_id"], "default_role"),
  enrollments: table(integerKey("id"), "user_id", "course_id", "entry_date", "created_at"),
  community_posts: table(
    integerKey("id"),
    "community_id",
    "author_id",
    "type",
    "visibility",
    "published_at",
    "created_at",
    "deleted_at",
  ),
  community_post_comments: table(
    integerKey("id"),
    "community_id",
    "post_id",
    "author_id",
    "created_at",
    "deleted_at",
  ),
  certificates: table(integerKey("id"), "user_id", "course_id", "identifier", "created_at"),
  // Which courses make members of a community, with the community.
  links: joined("community_course_links", {
    community: { table: "communities", on: { id: "community_id" } },
  }),
  linkedCommunities: grouped("links", {
    by: ["community_id"],
    where: all(missing("deleted"), not(otherThan("community", "community"))),
  }),
  // Of a course only such communities as are not deleted have an entry of whoever completed it.
  livingLinks: grouped("links", {
    by: ["community_id", "course_id"],
    where: missing("deleted"),
  }),
  deletedLinks: grouped("links", { by: ["course_id"], where: present("deleted") }),
  // An enrolment is one for each community that its course is linked to, and one where there is none.
  enrolments: joined("enrollments", {
    link: { table: "links", on: { course_id: "course_id" }, each: true, optional: true },
    user: { table: "users", on: { id: "user_id" }, optional: true },
  }),
  // All enrolments of somebody that make them a member of one community.
  members: grouped("enrolments", {
    by: ["link.community_id", "user_id"],
    where: makesMember,
    values: {
      role: highest("role", roles),
      joined: earliest("joined"),
      last: latest("joined"),
      key: firstBy("joined", "key"),
      courses: listBy("joined", { course_id: "course", key: "key" }),
    },
  }),
  comments: joined("community_post_comments", {
    post: { table: "community_posts", on: { id: "post_id" } },
  }),
  // A certificate likewise: one entry for each community that its course is linked to, or one of none.
  completions: joined("certificates", {
    link: { table: "livingLinks", on: { course_id: "course_id" }, each: true, optional: true },
    gone: { table: "deletedLinks", on: { course_id: "course_id" }, optional: true },
    user: { table: "users", on: { id: "user_id" }, optional: true },
  }),
  categories: catalogue(
    "slug",
    [
      ["general", "General", "#2563eb"],
      ["study-groups", "Study Groups", "#7c3aed"],
      ["instructors", "Instructors", "#059669"],
      ["alumni", "Alumni", "#ea580c"],
      ["local-chapters", "Local Chapters", "#0ea5e9"],
    ].map(([slug = "", name = "", color = ""], at) => ({
      slug,
      name,
      color,
      icon: `communities/icons/${slug}.svg`,
      place: at + 1,
    })),
  ),
  levels: catalogue("level", [
    { level: 1, name: "Newbie", points: 0 },
    { level: 2, name: "Contributor", points: 100 },
    { level: 3, name: "Leader", points: 500 },
    { level: 4, name: "Champion", points: 1500 },
  ]),
  rules: catalogue("action", [
    { action: "post", points: 10, cooldown: 0 },
    { action: "comment", points: 4, cooldown: 0 },
    { action: "like_received", points: 2, cooldown: 0 },
    { action: "login_streak", points: 1, cooldown: 86_400 },
    { action: "course_complete", points: 50, cooldown: 0 },
    { action: "assignment_submit", points: 15, cooldown: 0 },
  ]),
};
