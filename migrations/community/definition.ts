import {
  defineMigration,
  feature,
  flag,
  moment,
  namedSetting,
  oneOf,
  refers,
  watch,
} from "../../lib/define/builders.ts";
import { comment, completion, post } from "./activity.ts";
import { category, level, rule } from "./baseline.ts";
import { french } from "./french.ts";
import { enrolment, link, material, member } from "./membership.ts";
import { reconcile } from "./reconcile.ts";
import { source } from "./source.ts";

/** Memberships and activity of communities on a platform that is in use: what is read lies on it, too. */
export const community = defineMigration({
  name: "community",
  title: "Communities: members from classrooms, and what people did",
  translations: { fr: french },
  connection: "platform",
  inPlace: true,
  source,
  settings: {
    since: moment("Only activity that was published or made since."),
    community: namedSetting("Only the members of this community.", {
      what: "Community",
      // A slug may be a number, too: an id comes first.
      sql: "select c.id from communities c where c.id::text = btrim({said}) or (not exists (select from communities i where i.id::text = btrim({said})) and (c.slug = btrim({said}) or c.slug = trim(both '-' from regexp_replace(lower({said}), '[^a-z0-9]+', '-', 'g'))))",
    }),
    only: oneOf("Only this part.", ["baseline", "membership", "activity"]),
    overwrite_edited: flag(
      "What somebody edited by hand is written over, and kept for the way back.",
    ),
  },
  features: [
    feature("community_profile_activity", "People see what they did in their communities.", {
      reads: {
        users: ["id", "role"],
        personal_access_tokens: ["tokenable_id", "token", "expires_at"],
        profile_activities: [
          ...["id", "user_id", "community_id", "activity_type", "subject_type", "subject_id"],
          ...["occurred_at", "context"],
        ],
        communities: ["id", "name", "slug", "deleted_at"],
      },
    }),
  ],
  watch: [
    watch(
      "replica_lag",
      "seconds that the slowest replica is behind",
      "select coalesce(max(seconds), 0) from replica_lag",
      { above: 2 },
    ),
    watch(
      "queue",
      "jobs in the queue communities-backfill",
      "select count(*) from jobs where queue = 'communities-backfill'",
      { above: 0, readings: 2 },
    ),
  ],
  entities: [category, level, rule, link, material, enrolment, member, post, comment, completion],
  guarded: [
    "users",
    "enrollments",
    "certificates",
    "communities",
    "community_course_links",
    "community_posts",
    "community_post_comments",
    "community_points_ledger",
  ],
  reads: ["replica_lag", "jobs"],
  reconcile,
  // A member with points, and a category with a community, stay where a run made them.
  refersTo: [
    refers("communities(category_id)", "community_categories(id)"),
    refers("community_points_ledger(member_id)", "community_members(id)"),
  ],
});
