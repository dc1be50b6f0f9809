import type { DatabaseRoles } from "../define/database-roles.ts";
import type { Migration } from "../define/definition.ts";
import { isServed, servedColumns } from "../define/feature.ts";
import { partsOf, type WholeMigration } from "../define/several.ts";
import { auditTells } from "./audit-views.ts";
import { allChoices, chooseFunction } from "./choices.ts";
import { linkColumns, stagedColumns } from "./columns.ts";
import { decideFunction } from "./decide-mappings.ts";
import { copiesFiles } from "./file-copies.ts";
import { compilePin } from "./pin.ts";
import { commitMarks, reviewedDecisions } from "./staging.ts";
import { sharedStatistics, stagingStatistics } from "./statistics.ts";

/** A role's privilege on a table, a view, a function or a schema (named twice); with columns, on these alone. */
export interface Privilege {
  readonly role: string;
  readonly kind: "table" | "function" | "schema";
  readonly schema: string;
  readonly name: string;
  readonly may: "select" | "insert" | "update" | "delete" | "execute" | "usage";
  readonly columns?: readonly string[];
}

/** What of a table may be done: `true` for the whole of it, or the columns. */
type Rights = Partial<Record<"insert" | "update", readonly string[] | true>> & {
  readonly delete?: true;
};

/** Every table that all migrations share: stages and sign-offs read all of it, terminals a part. */
const sharedTables = [
  "legacy_import_runs",
  "run_beginnings",
  "people",
  "staged_entities",
  "source_columns",
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
  "shared_emails",
  "shared_phones",
  "row_tallies",
  "kept_counts",
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
 * people it asks a function, which knows who asks, masks, and tells of it (`lib/review/look.ts`).
 */
const readByTerminals: Readonly<Record<string, readonly string[]>> = {
  // A range ends with a key, which may be whatever a system calls people by.
  import_ranges: ["run_id", "n", "source_table", "rows_read", "rows_staged", "done_at"],
  match_people: ["run_id"],
  rows_there: ["run_id", "staged_id", "there_is", "target_table", "unfit"],
  file_copies: ["run_id", "staged_id", "state", "own", "at"],
  shared_emails: ["run_id", "rows"],
  shared_phones: ["run_id", "rows"],
  // What a legacy thing is called by.
  kept_counts: ["run_id", "claim", "part", "about", "name", "rows", "weights"],
  held_rows: ["run_id", "staged_id", "held_by", "held_at"],
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
    ...["override_stops", "notified_at", "asked_at", "void_because", "awaited"],
  ],
  legacy_import_commit_logs: [
    ...["id", "run_id", "wave", "round", "staged_id", "action", "target_table", "target_id"],
    ...["target_key", "committed_at", "rolled_back_at", "conflict"],
  ],
};

/** What waves and their rollback look at; not people, verdicts, or the log they are told in. */
const readByCommits = [
  "legacy_import_runs",
  "source_columns",
  "duplicate_hints",
  "source_hints",
  "match_people",
  "rows_there",
  "review_exports",
  "review_changes",
  "sign_offs",
  "commit_locks",
  "waves",
  "legacy_import_commit_logs",
  "drills",
  "rollback_previews",
];

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
  import_ranges: { insert: true, update: ["done_at", "rows_read", "rows_staged"] },
  made_rows: wholeTable,
  progress: { insert: true, update: ["done", "total", "started_at", "updated_at"] },
  duplicate_hints: { ...wholeTable, update: ["hits"] },
  source_hints: { ...wholeTable, update: ["hits", "later"] },
  moved_before: wholeTable,
  rows_there: wholeTable,
  match_people: wholeTable,
  source_readings: wholeTable,
  stage_claims: { insert: true, update: ["claim"] },
  capped_groups: wholeTable,
  shared_emails: wholeTable,
  shared_phones: wholeTable,
  kept_counts: wholeTable,
  dry_runs: { insert: true, update: ["report", "changes", "created_at"] },
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
    insert: true,
    update: [
      "status",
      "void_because",
      "decided_by",
      "decided_at",
      "comment",
      "override_by",
      "override_reason",
      "override_at",
      "override_stops",
      "notified_at",
      "token",
    ],
  },
};

const writtenByCommits: Readonly<Record<string, Rights>> = {
  // Locks of a row need the right to update one of its columns.
  legacy_import_runs: { update: ["updated_at"] },
  commit_locks: { insert: true, update: ["run_id", "taken_at"] },
  waves: {
    insert: true,
    update: [
      "size",
      "shape",
      "round",
      "status",
      "digest",
      "sign_off_id",
      "counts",
      "before",
      "committed_at",
      "verification",
      "clean",
      "verified_at",
      "rolled_back_at",
    ],
  },
  legacy_import_commit_logs: { insert: true, update: ["rolled_back_at", "conflict"] },
};

/** What waves that copy files write besides. */
const writtenByCopies: Readonly<Record<string, Rights>> = {
  file_copies: {
    insert: ["run_id", "staged_id", "object_key", "state"],
    update: ["state", "version", "own", "at"],
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
  hold_row: ["sign"],
  release_row: ["sign"],
  ask_question: ["sign"],
  close_question: ["sign"],
  erase_run: ["sign"],
  erase_due: ["sign"],
  forget_trial: ["sign"],
  ended_at: ["sign", "operator"],
  erasable: ["operator"],
  with_written: ["stage", "sign"],
  is_plain: ["sign"],
  platform_path: ["stage", "sign"],
  append_audit: ["stage", "sign"],
  append_security: ["sign"],
  // These ask whether the person may, and tell of it (W8). Who the person is knows a function that a signed
  // request reached; the role of the terminals, which could name anybody, asks none of them.
  control_run: ["sign"],
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

/** What roles may do with what belongs to one migration: its staging, and its part of what is shared (D43). */
export function migrationPrivileges(
  migration: WholeMigration,
  roles: DatabaseRoles,
): readonly Privilege[] {
  const { references } = migration;
  const mappings = Object.values(references).map(({ staging }) => staging.table);
  const commit = roles.commit(migration.name);
  const { stage, sign, operator } = roles;
  return [
    enter(commit),
    ...["append_audit", "with_written", "refused_rows", "is_refusal", "enters"].map((name) =>
      execute(commit, name),
    ),
    ...reads(commit, readByCommits),
    // A wave looks whether people would see it before it is verified.
    ...(migration.features === undefined
      ? []
      : reads(commit, ["features"], ["name", "percentage", "segments"])),
    ...writes(commit, writtenByCommits),
    ...(partsOf(migration).some(copiesFiles)
      ? [...reads(commit, Object.keys(writtenByCopies)), ...writes(commit, writtenByCopies)]
      : []),
    ...partsOf(migration).flatMap((part) => stagingPrivileges(part, roles)),
    ...[stage, sign, commit].flatMap((role) => reads(role, mappings)),
    ...Object.values(references).flatMap((reference) =>
      reads(
        operator,
        [reference.staging.table],
        [
          ...["run_id", reference.staging.target, "status", "decided_by", "decided_at"],
          reference.kind === "by_name" ? "confidence" : (reference.staging.type ?? "type"),
        ],
      ),
    ),
    ...Object.values(references).flatMap((reference) =>
      writes(stage, {
        [reference.staging.table]: {
          insert: true,
          update: [
            reference.staging.target,
            "status",
            reference.kind === "by_name" ? "confidence" : (reference.staging.type ?? "type"),
          ],
        },
      }),
    ),
    ...Object.values(references).map((reference) => execute(sign, decideFunction(reference))),
    ...allChoices(migration).flatMap((choice) => [
      ...[stage, sign, commit].flatMap((role) => reads(role, [choice.table])),
      ...reads(operator, [choice.table], toTerminals),
      ...writes(stage, {
        [choice.table]: {
          insert: ["run_id", "legacy_id", "candidates", "keys", "status"],
          update: ["candidates", "keys"],
          delete: true,
        },
      }),
      execute(sign, chooseFunction(choice)),
    ]),
    ...auditPrivileges(migration, roles),
    ...(isServed(migration) ? servingPrivileges(roles) : []),
  ];
}

/** What whoever answers people reads of wavegate's: how far features are on; and it counts who asks how often. */
const servingPrivileges = ({ serve }: DatabaseRoles): Privilege[] => [
  enter(serve),
  ...reads(serve, ["features"], ["name", "percentage", "segments"]),
  execute(serve, "count_request"),
];

/** Of what people choose: neither whose row it is nor what it may be. */
const toTerminals = ["run_id", "target", "confidence", "status", "decided_by", "decided_at"];

/** Who reads the views for auditors: terminals without what rows are called. */
function auditPrivileges({ audit }: WholeMigration, roles: DatabaseRoles): Privilege[] {
  if (audit === undefined) return [];
  const both = [audit.runs, audit.mappings];
  return [
    ...[roles.stage, roles.sign].flatMap((role) => reads(role, both)),
    ...reads(roles.operator, [audit.runs]),
    ...reads(roles.operator, [audit.mappings], auditTells),
  ];
}

/** What roles may do with the staged rows of one kind of things. */
function stagingPrivileges(migration: Migration, roles: DatabaseRoles): Privilege[] {
  const { table, views = [] } = migration.entity.staging;
  const decisions = `${table}_decisions`;
  const staging = [`${table}_source`, decisions, table, ...views.map(({ name }) => name)];
  const commit = roles.commit(migration.name);
  const { stage, sign, operator } = roles;
  const tells = decidedColumns(migration);
  return [
    ...[stage, sign, commit].flatMap((role) => reads(role, staging)),
    ...reads(operator, [`${table}_source`], rowKey),
    ...reads(operator, [decisions]),
    ...reads(operator, [table], tells),
    ...views.flatMap(({ name, columns }) =>
      reads(
        operator,
        [name],
        columns.filter(({ of }) => tells.includes(of)).map((column) => column.name),
      ),
    ),
    ...stagingStatistics(migration).map(({ name }) => execute(stage, name)),
    ...writes(stage, {
      [`${table}_source`]: { insert: true },
      [decisions]: {
        insert: true,
        update: [
          ...reviewedDecisions(migration).slice(2),
          "import_state",
          "state_reason",
          "state_detail",
        ],
      },
    }),
    ...writes(commit, { [decisions]: { update: [...commitMarks, ...linkColumns(migration)] } }),
  ];
}

/** What a staged row is called by. */
const rowKey = ["id", "run_id", "source_table", "legacy_id"] as const;

/** Columns of the view of staged rows that say what was decided about a row, and nothing that it holds. */
const decidedColumns = (migration: Migration): readonly string[] => [
  ...rowKey,
  "findings",
  "duplicate_evidence",
  "source_duplicate_evidence",
  ...stagedColumns(migration)
    .filter(([, from]) => /^(?:coalesce\()?d\./u.test(from))
    .map(([name]) => name),
];

/**
 * What roles may do on the platform: all but terminals look at what a migration is about, and its commit role alone
 * writes, into its targets. The owner looks up what a person says that a reference is.
 *
 * @param schemaOf where a table is
 * @param referring tables that refer to a target: a rollback looks whether they do (D16)
 */
export function platformPrivileges(
  migration: WholeMigration,
  roles: DatabaseRoles,
  schemaOf: (table: string) => string,
  referring: readonly { readonly schema: string; readonly name: string }[],
): readonly Privilege[] {
  const commit = roles.commit(migration.name);
  const on = (
    role: string,
    name: string,
    may: Privilege["may"],
    columns?: readonly string[],
  ): Privilege => ({
    role,
    kind: "table",
    schema: schemaOf(name),
    name,
    may,
    ...(columns === undefined ? {} : { columns }),
  });
  const targets = [
    ...new Set(
      partsOf(migration).flatMap(({ entity }) =>
        Object.values(entity.actions).map(({ into }) => into),
      ),
    ),
  ];
  const mapped = Object.values(migration.references).map(({ platform }) => platform.table);
  return [
    ...platformTables(migration).flatMap((table) =>
      [roles.stage, roles.sign, commit].map((role) => on(role, table, "select")),
    ),
    // To look up what a person names, and what the ledger does.
    ...[...mapped, ...targets].map((table) => on(roles.owner, table, "select")),
    ...targets.flatMap((table) => [on(commit, table, "insert"), on(commit, table, "delete")]),
    ...[...servedColumns(migration)].map(([table, columns]) =>
      on(roles.serve, table, "select", columns),
    ),
    // Of rows that were there, the columns that it brings up to date and no other.
    ...compilePin(migration).targets.flatMap(({ table, updated }) =>
      updated === undefined ? [] : [on(commit, table, "update", updated)],
    ),
    ...referring.flatMap((table): Privilege[] => [
      // Terminals look whether tables are there.
      ...[commit, roles.operator].map(
        (role): Privilege => ({
          ...{ role, kind: "schema", schema: table.schema, name: table.schema, may: "usage" },
        }),
      ),
      { ...table, role: commit, kind: "table", may: "select" },
    ]),
  ];
}

/** Every platform table that a migration reads, guards or writes. */
export const platformTables = (migration: WholeMigration): string[] => [
  ...new Set([
    ...migration.guarded,
    ...migration.reads,
    ...partsOf(migration).flatMap(({ entity }) => [
      ...entity.match.against.map(({ table }) => table),
      ...Object.values(entity.actions).map(({ into }) => into),
    ]),
    ...Object.values(migration.references).map(({ platform }) => platform.table),
  ]),
];

/** On some columns alone, where they are given. */
const reads = (role: string, tables: readonly string[], columns?: readonly string[]): Privilege[] =>
  tables.map((name) => ({
    role,
    kind: "table",
    schema: "wavegate",
    name,
    may: "select",
    ...(columns === undefined ? {} : { columns }),
  }));

const enter = (role: string): Privilege => ({
  role,
  kind: "schema",
  schema: "wavegate",
  name: "wavegate",
  may: "usage",
});

const execute = (role: string, name: string): Privilege => ({
  role,
  kind: "function",
  schema: "wavegate",
  name,
  may: "execute",
});

function writes(role: string, tables: Readonly<Record<string, Rights>>): Privilege[] {
  return Object.entries(tables).flatMap(([name, rights]) =>
    Object.entries(rights).map(([may, columns]) => ({
      role,
      kind: "table" as const,
      schema: "wavegate",
      name,
      may: may as Privilege["may"],
      ...(columns === true ? {} : { columns }),
    })),
  );
}
