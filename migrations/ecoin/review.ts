import {
  all,
  any,
  count,
  distribution,
  field,
  not,
  referenced,
  section,
  share,
  stop,
  takenForReal,
} from "../../lib/define/builders.ts";
import type { Report, SampleQuota, Stop } from "../../lib/define/definition.ts";
import {
  type Check,
  check,
  type GoNoGoWords,
  item,
  placeholderOf,
  standing,
  untouched,
} from "../../lib/define/proof.ts";
import { historical, known, lead, placeholder, registered, toReview, unmapped } from "./kinds.ts";

/** What a dry run shows (R6, M13). */
export const report: Report = {
  counts: [
    count("completed_history", "Completed history", field("classification", "completed")),
    count("archived_training", "Archived training", field("classification", "archived_training")),
    count("registered_pending", "Registered pending", registered),
    count("lead_only", "Lead only", lead),
    count("duplicates", "Duplicates", known),
    count("placeholder_sessions", "Placeholder sessions", placeholder),
    count("unmapped_courses", "Unmapped courses", unmapped),
    count(
      "unknown_or_needs_review",
      "Unknown or needs review",
      any(field("classification", "unknown"), toReview),
    ),
  ],
  distributions: [
    distribution("source_table", "Source table"),
    distribution("classification", "Classification"),
    distribution("validation_status", "Validation"),
    distribution("duplicate_confidence", "Hints against the platform"),
    distribution("source_duplicate_confidence", "Hints inside the source"),
    distribution("import_action", "Import action"),
    distribution("session_type", "Session type"),
  ],
  sections: [
    section(
      "priority",
      "Priority",
      [
        count("completed_history", "1 completed history", historical),
        count("registered_pending", "2 registered pending", registered),
        count("lead_only", "3 lead only", lead),
      ],
      { rest: "4 other" },
    ),
    section("risk", "Risk", [
      count("needs_review", "needs review", toReview),
      count("duplicates", "duplicates", known),
      count("placeholder_sessions", "placeholder sessions", placeholder),
      count("unmapped_courses", "unmapped courses that block history", unmapped),
    ]),
  ],
  mappings: [
    count("history", "history", historical),
    count("registered", "registered", registered),
  ],
};

/** What blocks a sign-off (R7, D15). */
export const stops: readonly Stop[] = [
  stop(
    "unmapped_courses",
    "Too many rows that are not leads have an unmapped course.",
    share(unmapped, not(lead)),
    0.05,
  ),
  stop(
    "unknown_rows",
    "Too many rows have a status that nobody listed.",
    share(field("classification", "unknown")),
    0.05,
  ),
  stop(
    "duplicates",
    "Suspiciously many rows are people whom the platform knows already.",
    share(field("duplicate_confidence", "high")),
    0.2,
  ),
  stop(
    "placeholder_taken_for_real",
    "A waiting list was taken for a real session.",
    takenForReal("session", field("session_type", "real_session")),
    0,
  ),
];

/** What a person looks at (R9). */
export const samples: readonly SampleQuota[] = [
  {
    id: "completed",
    says: "completed trainings",
    rows: 20,
    when: field("classification", "completed"),
  },
  {
    id: "archived_training",
    says: "archived trainings",
    rows: 20,
    when: field("classification", "archived_training"),
  },
  {
    id: "duplicates",
    says: "rows with duplicate hints",
    rows: 10,
    when: any(known, field("source_duplicate_confidence", "low", "medium", "high")),
  },
  {
    id: "unusual_references",
    says: "rows with a missing or unusual course or session",
    rows: 10,
    when: not(
      all(referenced("course", "mapped", "confirmed"), field("session_type", "real_session")),
    ),
  },
];

/** What each wave is checked for (R13). */
export const checks: readonly Check[] = [
  check("users_untouched", "No existing user was written.", untouched("users")),
  check(
    "enrolments_untouched",
    "No enrolment, payment or attendance was written.",
    untouched("enrollments", "payments", "attendances"),
  ),
  check(
    "no_placeholder",
    "No waiting list was committed as a real session.",
    placeholderOf("session"),
    { again: true },
  ),
  check(
    "history_in_place",
    "Historical rows are in compatibility tables only.",
    standing(historical, { outside: ["legacy_completed_trainings"] }),
  ),
];

/** What has to hold before scaling up (R18). */
export const goNoGo: readonly GoNoGoWords[] = [
  item("sample_approved", "The sample of completed history is approved.", {
    of: "completed",
    empty:
      "The sample of completed history is empty, as the source has none; the other samples are approved.",
  }),
  item("no_mutations", "No unexpected change of users, enrolments, payments or attendances."),
];
