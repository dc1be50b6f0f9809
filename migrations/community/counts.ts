import { all, any, changes, count, is, not } from "../../lib/define/builders.ts";

const skippedFor = (...reasons: string[]) =>
  all(is("planned", "skip"), is("planned_reason", ...reasons));
/** What an earlier run wrote, or somebody else, and what is as it would be. */
const unchanged = skippedFor("unchanged", "there", "moved_before");
/** What a run was not asked for. */
export const outOfScope = [
  "not_asked_for",
  "outside_scope",
  "no_linked_course",
  "community_deleted",
  "deleted",
];

/** What is counted of a kind of things that is written: by names that begin with it. */
export const written = (kind: string, says: string) => [
  count(`${kind}_created`, `${says}: new`, is("planned", "commit")),
  count(`${kind}_updated`, `${says}: brought up to date`, is("planned", "update")),
  count(`${kind}_unchanged`, `${says}: nothing to change`, unchanged),
  count(`${kind}_held`, `${says}: held for a person`, is("planned", "hold", "conflict")),
];

/** What was read of a kind of activity, within what was asked for and not deleted; and what of it is no entry. */
export const processed = (kind: string, says: string, ...reasons: string[]) => [
  count(`${kind}_processed`, `${says} processed`, not(skippedFor(...outOfScope))),
  count(`${kind}_skipped`, `${says} skipped`, skippedFor(...reasons)),
  ...written(kind, says),
];

const restored = any(changes("status"), changes("deleted_at"));
/** Of members, as the described report has it: one that is reactivated is updated too only where more changed. */
export const membersCounted = [
  count("members_created", "Members created", is("planned", "commit")),
  count("members_reactivated", "Members reactivated", all(is("planned", "update"), restored)),
  count(
    "members_updated",
    "Members updated",
    all(is("planned", "update"), any(not(restored), changes("role"), changes("joined_at"))),
  ),
  count("members_unchanged", "Members as they are", unchanged),
  count(
    "members_left_alone",
    "Members left alone: banned, or gone since",
    skippedFor("banned", "left_since", "gone_since"),
  ),
  count("members_held", "Members held for a person", is("planned", "hold")),
];

export const enrolmentsCounted = [
  count(
    "enrollments_scanned",
    "Enrolments of linked courses, for each community",
    not(skippedFor(...outOfScope)),
  ),
  count(
    "enrollments_skipped",
    "Enrolments of nobody who is there",
    skippedFor("no_user", "user_gone"),
  ),
  count("enrollments_held", "Enrolments held for a person", is("planned", "hold")),
];
