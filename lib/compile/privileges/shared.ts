import type { DatabaseRoles } from "../../define/database-roles.ts";
import { sharedStatistics } from "../statistics.ts";
import { enter, execute, type Privilege, type Rights, reads, writes } from "./privilege.ts";

/** Every table that all migrations share: stages and sign-offs read all of it, terminals a part. */
const sharedTables = [
  "legacy_import_runs",
  "run_beginnings",
  "people",
  "staged_entities",
  "source_columns",
  "source_glimpses",
  "import_ranges",
  "made_rows",
  "progress",
  "duplicate_hints",
  "source_hints",
  "moved_before",
  "rows_there",
  "held_rows",
  "row_questions",
  "match_people",
  "stage_claims",
  "capped_groups",
  "match_moments",
  "shared_emails",
  "shared_phones",
  "row_tallies",
  "next_rows",
  "kept_counts",
  "called_things",
  "dry_runs",
  "review_exports",
  "audit_bundles",
  "review_changes",
  "samples",
  "sign_offs",
  "commit_locks",
  "waves",
  "legacy_import_commit_logs",
  "drills",
  "drill_rounds",
  "rollback_previews",
  "file_copies",
  "verifications",
  "audit_log",
  "security_log",
  "features",
];

/**
 * Columns that terminals read of a shared table, where it is not all of them: nothing that may be about a person who
 * is migrated, or of the platform (M14, D20), no sealed token and no digest of a link. What a terminal shows of
 * people it asks a function, which knows who asks, masks, and tells of it (`lib/review/steer/look.ts`).
 */
const readByTerminals: Readonly<Record<string, readonly string[]>> = {
  // A range ends with a key, which may be whatever a system calls people by.
  import_ranges: ["run_id", "n", "source_table", "rows_read", "rows_staged", "done_at"],
  // Whole rows of the source, until they are staged.
  made_rows: ["run_id", "source_table"],
  match_people: ["run_id"],
  moved_before: ["run_id", "staged_id", "another"],
  rows_there: ["run_id", "staged_id", "there_is", "target_table", "unfit"],
  file_copies: ["run_id", "staged_id", "state", "own", "at"],
  shared_emails: ["run_id", "rows"],
  shared_phones: ["run_id", "rows"],
  // What a legacy thing is called by.
  kept_counts: ["run_id", "claim", "part", "about", "name", "rows", "weights"],
  called_things: ["run_id", "reference"],
  source_glimpses: ["run_id", "about"],
  held_rows: ["run_id", "staged_id", "held_by", "held_at"],
  // Without the salt of a row's digest: whoever has both can try what the row may hold.
  samples: [
    ...["run_id", "digest", "bucket", "position", "staged_id"],
    ...["verdict", "wrong", "judged_by", "judged_at", "judged_order"],
  ],
  sign_offs: [
    ...[
      "id",
      "run_id",
      "gate",
      "digest",
      "parts",
      "stops",
      "expires_at",
      "execution_arn",
      "status",
    ],
    ...["decided_by", "decided_at", "comment", "override_by", "override_reason", "override_at"],
    ...["override_stops", "notified_at", "asked_at", "void_because", "awaited", "decided_order"],
    ...["asked_order", "changes_asked"],
  ],
  legacy_import_commit_logs: [
    ...["id", "run_id", "wave", "round", "staged_id", "action", "target_table", "target_id"],
    ...["committed_at", "rolled_back_at", "conflict"],
  ],
};

const wholeTable = { insert: true, delete: true } as const;

/** What stages write. Nobody's sign-off, permission or verdict: a hole in an import is no approval (W8). */
const writtenByStages: Readonly<Record<string, Rights>> = {
  legacy_import_runs: {
    insert: [
      "id",
      "reference",
      "migration",
      "definition_digest",
      "definition",
      "pin",
      "connection_name",
      "focus_mode",
      "wave_plan",
      "gates",
      "seed",
      "execution_arn",
      "acknowledgements",
      "trial",
      "settings",
      "created_at",
    ],
    // What a run is pinned to (W5) is not among them.
    update: [
      "source",
      "acknowledgements",
      "preflight",
      "counts",
      "stage",
      "control",
      "status",
      "halted_because",
      "watching",
      "updated_at",
    ],
  },
  source_columns: { insert: true },
  source_glimpses: { insert: true, update: ["rows"], delete: true },
  import_ranges: { insert: true, update: ["done_at", "rows_read", "rows_staged"] },
  made_rows: wholeTable,
  progress: { insert: true, update: ["done", "total", "started_at", "updated_at"] },
  duplicate_hints: { ...wholeTable, update: ["hits"] },
  source_hints: { ...wholeTable, update: ["hits", "later"] },
  moved_before: wholeTable,
  rows_there: wholeTable,
  match_people: wholeTable,
  source_readings: wholeTable,
  stage_claims: { insert: true, update: ["claim", "rests_on"] },
  capped_groups: wholeTable,
  match_moments: wholeTable,
  shared_emails: wholeTable,
  shared_phones: wholeTable,
  kept_counts: wholeTable,
  called_things: { insert: true, update: ["called"], delete: true },
  dry_runs: { insert: true, update: ["report", "changes", "types", "created_at"] },
  review_exports: { insert: true },
  audit_bundles: { insert: true },
  samples: { insert: ["run_id", "digest", "bucket", "position", "staged_id"] },
  commit_locks: { update: ["run_id"] },
  waves: { update: ["status", "verification", "verified_at", "clean"] },
  drills: { ...wholeTable, update: ["passed", "certificate", "at"] },
  drill_rounds: { ...wholeTable, update: ["done"] },
  rollback_previews: { insert: true, update: ["round", "counts", "found", "at"] },
  verifications: { insert: true },
};

/** What the pages and the questions behind them write. */
const writtenBySignOffs: Readonly<Record<string, Rights>> = {
  run_beginnings: { insert: ["run_id", "execution_arn", "person"] },
  legacy_import_runs: { update: ["status", "updated_at"] },
  samples: {
    insert: ["run_id", "digest", "bucket", "position", "staged_id"],
    update: ["verdict", "wrong", "judged_by", "judged_at", "row_salt", "row_digest"],
  },
  sign_offs: {
    // As a question: nothing is decided by asking it, and what counts questions and decisions is the database's.
    insert: [
      ...["id", "run_id", "gate", "digest", "parts", "stops", "link_hash", "expires_at"],
      ...["execution_arn", "token", "asked_at"],
    ],
    update: [
      "status",
      "changes_asked",
      "void_because",
      "decided_by",
      "decided_at",
      "comment",
      "override_by",
      "override_reason",
      "override_at",
      "override_stops",
      "rests_on",
      "notified_at",
      "token",
    ],
  },
};

/** Functions of the schema that somebody but its owner may call; triggers need no such right. */
const calledBy: Readonly<Record<string, readonly ("stage" | "sign" | "operator")[]>> = {
  // Who confirms a mapping is told of others that are as near.
  fold_name: ["stage", "sign"],
  fold_label: ["stage", "sign"],
  raw_phone_key: ["stage"],
  numbers_of: ["stage"],
  note_starter: ["stage", "sign"],
  known_as: ["stage", "sign", "operator"],
  void_sign_offs: ["stage", "sign"],
  lapsed_signer: ["stage", "sign"],
  keep_person: ["sign"],
  hold_row: ["sign"],
  release_row: ["sign"],
  next_from_start: ["stage"],
  ask_question: ["sign"],
  close_question: ["sign"],
  erase_run: ["sign"],
  erase_due: ["sign"],
  forget_trial: ["sign"],
  ended_at: ["sign", "operator"],
  erasable: ["operator"],
  with_written: ["stage", "sign"],
  row_image: ["stage", "sign"],
  is_plain: ["sign"],
  platform_path: ["stage", "sign"],
  // Who stages keys has them whole; nobody else may try some against what stands for them.
  staged_key: ["stage"],
  shown_key: ["stage"],
  shown_source_key: ["stage"],
  // These show the key of a row that there is.
  shown_target: ["sign", "operator"],
  shown_row: ["stage", "sign"],
  append_audit: ["stage", "sign"],
  append_security: ["sign"],
  // These ask whether the person may, and tell of it (W8). Who the person is knows a function that a signed
  // request reached; the role of the terminals, which could name anybody, asks none of them.
  control_run: ["sign"],
  moved_on: ["sign"],
  turn_feature: ["sign"],
  begin_restore: ["sign"],
  end_restore: ["sign"],
  features_off: ["stage"],
  note_withdrawn: ["sign"],
  ...Object.fromEntries(sharedStatistics.map(({ name }) => [name, ["stage"] as const])),
};

/** What roles may do with what all migrations share: each statement they need, and no other (D19). */
export function sharedPrivileges(roles: DatabaseRoles): readonly Privilege[] {
  const { stage, sign, operator } = roles;
  return [
    ...[stage, sign, operator].map(enter),
    ...[stage, sign].flatMap((role) => reads(role, sharedTables)),
    // What was read of an account, whole, is whoever's who stages it.
    ...reads(stage, ["source_readings"]),
    ...sharedTables.flatMap((name) => reads(operator, [name], readByTerminals[name])),
    // To tell whether each commit role is kept to its own migration.
    ...reads(operator, ["commit_roles"]),
    ...writes(stage, writtenByStages),
    ...writes(sign, writtenBySignOffs),
    ...Object.entries(calledBy).flatMap(([name, callers]) =>
      callers.map((caller) => execute(roles[caller], name)),
    ),
  ];
}
