import { reconciled } from "../../lib/define/builders.ts";

/** Whether a run was asked for activity, of that time, and the row is since as the run found it. */
const askedOf = (since: string, ...changed: string[]) => `
  coalesce({only}, 'activity') = 'activity'
  and ({since}::timestamptz is null or ${since})
  and ${changed.map((column) => `coalesce(${column}, '-infinity') <= {began}::timestamptz`).join(" and ")}`;

const entriesOf = (type: string) => `
  select user_id as person, subject_id || ':' || coalesce(community_id::text, '') as thing
    from profile_activities where activity_type = '${type}'`;

/** Posts, comments and certificates of people who are drawn, and the entries of their profiles (C8). */
export const reconcile = {
  people: 25,
  sides: [
    reconciled("posts", "posts and the entries of them", {
      of: "post",
      named: ["legacy_id", "community"],
      reasons: ["moved_before"],
      things: `
        select author_id as person, id || ':' || community_id as thing,
               ${askedOf("published_at >= {since}::timestamptz or created_at >= {since}::timestamptz", "published_at", "updated_at")} as asked
          from community_posts where deleted_at is null and published_at is not null`,
      entries: entriesOf("community_post.published"),
    }),
    reconciled("comments", "comments and the entries of them", {
      of: "comment",
      named: ["number", "community"],
      reasons: ["moved_before"],
      things: `
        select c.author_id as person, c.id || ':' || c.community_id as thing,
               ${askedOf("c.created_at >= {since}::timestamptz", "c.created_at", "c.updated_at", "p.updated_at")} as asked
          from community_post_comments c join community_posts p on p.id = c.post_id
         where c.deleted_at is null and p.deleted_at is null and c.created_at is not null`,
      entries: entriesOf("community_comment.posted"),
    }),
    reconciled("completions", "certificates and the entries of them", {
      of: "completion",
      named: ["certificate", "community"],
      reasons: ["moved_before"],
      // A course that was linked since: the entry of no community stays one of its certificate.
      things: `
        select c.user_id as person, c.id || ':' || coalesce(l.community_id::text, '') as thing,
               ${askedOf("c.created_at >= {since}::timestamptz", "c.created_at", "c.updated_at", "l.added_at", "m.updated_at")} as asked
          from certificates c join users u on u.id = c.user_id
          left join community_course_links l on l.course_id = c.course_id
          left join communities m on m.id = l.community_id
         where c.created_at is not null and m.deleted_at is null
        union all
        select c.user_id, c.id || ':', false
          from certificates c
         where not exists (select from community_course_links l
                            where l.course_id = c.course_id and coalesce(l.added_at, '-infinity') <= {began}::timestamptz)`,
      entries: entriesOf("course.completed"),
    }),
  ],
};
