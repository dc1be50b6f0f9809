/**
 * What each command reports, by the names of the described reports: each the sum of counts of the definition, as a dry
 * run plans it and as a run has done it.
 */
export const counters = {
  baseline: {
    records_created: ["categories_created", "levels_created", "rules_created"],
    records_updated: ["categories_updated", "levels_updated", "rules_updated"],
    records_unchanged: ["categories_unchanged", "levels_unchanged", "rules_unchanged"],
    records_held: ["categories_held", "levels_held", "rules_held"],
  },
  membership: {
    communities_processed: ["communities_processed"],
    enrollments_scanned: ["enrollments_scanned"],
    members_created: ["members_created"],
    members_reactivated: ["members_reactivated"],
    members_updated: ["members_updated"],
    records_skipped: ["enrollments_skipped", "members_left_alone"],
    records_unchanged: ["members_unchanged"],
    records_held: ["enrollments_held", "members_held"],
  },
  activity: {
    posts_processed: ["posts_processed"],
    comments_processed: ["comments_processed"],
    completions_processed: ["completions_processed"],
    records_created: ["posts_created", "comments_created", "completions_created"],
    records_updated: ["posts_updated", "comments_updated", "completions_updated"],
    records_skipped: ["posts_skipped", "comments_skipped", "completions_skipped"],
    records_unchanged: ["posts_unchanged", "comments_unchanged", "completions_unchanged"],
    records_held: ["posts_held", "comments_held", "completions_held"],
  },
} as const;

export type Part = keyof typeof counters;
