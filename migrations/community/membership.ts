import {
  all,
  any,
  choice,
  commit,
  constant,
  count,
  entity,
  hold,
  insert,
  integer,
  is,
  json,
  missing,
  not,
  noted,
  nothing,
  object,
  onlyBeside,
  onlyEarlier,
  onlyMissing,
  onlyUpwards,
  otherThan,
  otherwise,
  placed,
  present,
  room,
  same,
  sha1,
  skip,
  started,
  text,
  thereBefore,
  thereIs,
  timestamp,
  update,
  when,
} from "../../lib/define/builders.ts";
import { enrolmentsCounted, membersCounted } from "./counts.ts";
import { roles } from "./source.ts";

/** What people and links, and rows that others are made of, are read for: nothing is written of them. */
export const material = entity("material", {
  from: [
    "users",
    "communities",
    "community_course_links",
    "linkedCommunities",
    "livingLinks",
    "deletedLinks",
    "enrollments",
    "community_post_comments",
    "certificates",
  ],
  fields: {},
  decide: { classification: [{ is: "material", when: otherwise }] },
  actions: {},
  plan: [skip("part_of_others")],
  report: {
    counts: [
      count(
        "communities_processed",
        "Communities with linked courses",
        is("source_table", "linkedCommunities"),
      ),
    ],
    distributions: [],
    sections: [],
  },
});

const asked = when(otherThan("classification", "only"), skip("not_asked_for"));

/** Links of courses to communities: enrolments and certificates are paired with them. */
export const link = entity("link", {
  from: ["links"],
  fields: {
    community: text("community_id"),
    deleted: timestamp("community.deleted_at", { zone: "UTC" }),
  },
  decide: { classification: [{ is: "material", when: otherwise }] },
  actions: {},
  plan: [skip("part_of_others")],
});

const rolesOfLinks = {
  student: "member",
  learner: "member",
  participant: "member",
  teacher: "admin",
  instructor: "admin",
  facilitator: "moderator",
  assistant: "moderator",
  owner: "owner",
  admin: "admin",
  moderator: "moderator",
  member: "member",
};
/** Before 1990 nobody was enrolled, and the original's times end in 2038. */
const believed = { since: "1990-01-01", until: "2038-01-18" };

/** Enrolments, each with each community that its course makes members of; the members are made of those that count. */
export const enrolment = entity("enrolment", {
  from: ["enrolments"],
  fields: {
    community: text("link.community_id"),
    community_deleted: timestamp("link.community.deleted_at", { zone: "UTC" }),
    role: choice("link.default_role", rolesOfLinks, { case: "ignored", otherwise: "member" }),
    course: integer("course_id"),
    user_no: integer("user_id", { least: 1 }),
    user: text("user.id"),
    joined: timestamp("entry_date", {
      format: "unix or iso",
      zone: "UTC",
      absent: "created_at",
      ...believed,
    }),
    key: sha1("classrooms:{link.community_id}:{user_id}:{course_id}"),
  },
  validate: [
    {
      id: "no_user",
      says: "It is nobody's.",
      when: noted("number_out_of_bounds"),
      verdict: "note",
    },
    {
      id: "time_unreadable",
      says: "When it began cannot be read, or cannot be so.",
      when: any(
        noted("timestamp_unreadable"),
        noted("timestamp_zero"),
        noted("timestamp_out_of_bounds"),
        noted("timestamp_gap"),
        noted("timestamp_overlap"),
      ),
      verdict: "note",
    },
  ],
  decide: { classification: [{ is: "membership", when: otherwise }] },
  actions: {},
  plan: [
    asked,
    when(missing("community"), skip("no_linked_course")),
    when(present("community_deleted"), skip("community_deleted")),
    when(otherThan("community", "community"), skip("outside_scope")),
    when(missing("user_no"), skip("no_user")),
    when(missing("user"), skip("user_gone")),
    when(missing("joined"), hold("time_unreadable")),
    when(is("role", "owner"), hold("link_hands_out_owner")),
    skip("part_of_member"),
  ],
  report: { counts: enrolmentsCounted, distributions: [], sections: [] },
});

/** Members of communities: one for each user and community, whatever courses made them one (C3). */
export const member = entity("member", {
  from: ["members"],
  fields: {
    user: integer("user_id"),
    community: integer("link.community_id"),
    role: choice("group.role", Object.fromEntries(roles.map((role) => [role, role]))),
    joined: timestamp("group.joined", { zone: "UTC" }),
    last: timestamp("group.last", { zone: "UTC" }),
    key: text("group.key"),
    courses: json("group.courses"),
  },
  decide: { classification: [{ is: "membership", when: otherwise }] },
  actions: {
    member: insert(
      "community_members",
      {
        community_id: "community",
        user_id: "user",
        role: "role",
        status: constant("active"),
        joined_at: "joined",
        metadata: object({ backfill: object({ classrooms: "courses" }) }),
        backfill_key: "key",
        synced_at: started,
        created_at: started,
        updated_at: started,
      },
      { importedAs: "imported_member_id" },
    ),
  },
  is: [same({ user_id: "user", community_id: "community" })],
  // D22: one way only, and `synced_at` with something else.
  there: update({
    role: onlyUpwards("role", roles),
    status: constant("active"),
    deleted_at: nothing,
    joined_at: onlyEarlier("joined"),
    metadata: placed(["backfill", "classrooms"], "courses"),
    backfill_key: onlyMissing("key"),
    synced_at: onlyBeside(started),
    updated_at: onlyBeside(started),
  }),
  room: room({
    named: "community_id",
    by: "community",
    of: "communities",
    most: "max_members",
    takes: { status: "active", deleted_at: null },
    first: "joined",
    hold: "community_full",
  }),
  plan: [
    asked,
    when(is("there_is", "several", "shared"), hold("several_there")),
    when(thereIs("status", "banned"), skip("banned")),
    // Nothing says when, or why, somebody left: what changed since the enrolment counts as that.
    when(
      all(thereIs("status", "left"), not(thereBefore("updated_at", "last"))),
      skip("left_since"),
    ),
    // Whom a run made a member and somebody took away since is not made one again.
    when(all(is("moved_before", "yes"), is("there_is", "none")), skip("gone_since")),
    commit("member"),
  ],
  report: { counts: membersCounted, distributions: [], sections: [] },
  samples: [{ id: "members", says: "members", rows: 20, when: present("key") }],
});
