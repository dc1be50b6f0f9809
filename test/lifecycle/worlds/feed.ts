import {
  commit,
  defineMigration,
  derived,
  entity,
  hold,
  insert,
  integer,
  missing,
  most,
  need,
  of,
  once,
  ref,
  same,
  table,
  text,
  update,
  when,
} from "../../../lib/define/builders.ts";
import type { Value } from "../../../lib/define/definition.ts";

const activity = (values: Readonly<Record<string, string | Value>>) =>
  insert(
    "activities",
    { legacy_table: "source_table", legacy_no: "legacy_id", ...values },
    { id: derived("id", "legacy_id"), identity: ["legacy_table", "legacy_no"] },
  );

/** Three kinds of things that are rows of one table: one refers to another, one is brought up to date. */
export const feed = defineMigration({
  name: "feed",
  title: "What people did",
  connection: "old-forum",
  source: {
    posts: table("no", "title", "mark"),
    comments: table("no", "post", "body", "mark"),
    badges: table("no", "title", "mark", "score"),
  },
  entities: [
    entity("post", {
      from: ["posts"],
      fields: { title: text("title"), mark: text("mark") },
      decide: {},
      actions: { post: activity({ kind: { constant: "post" }, says: "title", mark: "mark" }) },
      is: [same({ mark: "mark" })],
      there: "keep",
      plan: [when(missing("title"), hold("title_missing")), commit("post")],
    }),
    entity("comment", {
      from: ["comments"],
      fields: { post: text("post"), body: text("body"), mark: text("mark") },
      refs: { post: ref("post", "post") },
      decide: {},
      actions: {
        comment: activity({
          kind: { constant: "comment" },
          says: "body",
          mark: "mark",
          about: of("post"),
        }),
      },
      is: [same({ mark: "mark" })],
      there: "keep",
      plan: [need("post", hold("post_missing")), commit("comment")],
    }),
    entity("badge", {
      from: ["badges"],
      fields: { title: text("title"), mark: text("mark"), score: integer("score") },
      once: once(["title"], { by: [most("score")] }),
      decide: {},
      actions: { badge: activity({ kind: { constant: "badge" }, says: "title", mark: "mark" }) },
      is: [same({ mark: "mark" })],
      there: update({ says: "title" }),
      plan: [commit("badge")],
    }),
  ],
});

export const feedFiles = {
  posts: ["no,title,mark", "1,Hello,p1", "2,,p2", "3,News,p3", "4,Old news,p4"],
  comments: [
    "no,post,body,mark",
    // The same number as a post has.
    "1,1,Welcome,c1",
    "2,2,To nothing,c2",
    "3,4,Long ago,c3",
    // What a post is already, is no comment as well.
    "4,1,Not two things,p4",
    "5,1,Nor this,p1",
  ],
  badges: [
    "no,title,mark,score",
    "1,First post,b1,",
    "2,Kind,b2,1",
    "3,Thief,p4,2",
    // The best of them is the one.
    "4,Rare,b4,9",
    "5,Rare,b5,10",
    "6,Rare,b6,",
  ],
};

export const feedPlatform = `
create table activities (id uuid primary key, kind text not null, legacy_table text, legacy_no text, says text not null, mark text not null,
  about uuid references activities);
insert into activities (id, kind, says, mark) values
  ('7f3a0000-0000-4000-8000-00000000ad01', 'post', 'Old news', 'p4'),
  ('7f3a0000-0000-4000-8000-00000000ad02', 'badge', 'Friendly', 'b2')`;
