import type { DatabaseRoles } from "../../define/database-roles.ts";
import type { Migration } from "../../define/definition.ts";
import { isServed } from "../../define/feature.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { linkColumns, linkTypes, stagedColumns } from "../columns.ts";
import { legacyIdType } from "../keys.ts";
import { keyedPeople } from "../people-keys.ts";
import { carryFunction } from "../references/carry-mappings.ts";
import { allChoices, chooseFunction } from "../references/choices.ts";
import { decideFunction } from "../references/decide-mappings.ts";
import { auditTells } from "../staging/audit-views.ts";
import { commitMarks, reviewedDecisions } from "../staging/staging.ts";
import { stagingStatistics } from "../statistics.ts";
import { copiesFiles } from "../wave/file-copies.ts";
import { enter, execute, type Privilege, type Rights, reads, writes } from "./privilege.ts";

/** What waves and their rollback look at; not people, verdicts, or the log they are told in. */
const readByCommits = [
  "legacy_import_runs",
  "source_columns",
  "duplicate_hints",
  "source_hints",
  "match_people",
  "match_moments",
  "rows_there",
  "called_things",
  "next_rows",
  "review_exports",
  "review_changes",
  "sign_offs",
  "commit_locks",
  "waves",
  "legacy_import_commit_logs",
  "drills",
  "drill_rounds",
  "rollback_previews",
];

const writtenByCommits: Readonly<Record<string, Rights>> = {
  // Locks of a row need the right to update one of its columns.
  legacy_import_runs: { update: ["updated_at"] },
  commit_locks: { insert: true, update: ["run_id", "taken_at"] },
  // It has no rows: what it takes to lock it.
  write_turns: { delete: true },
  waves: {
    insert: true,
    update: [
      "size",
      "shape",
      "parts",
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
    insert: ["run_id", "staged_id", "object_key", "sha256", "state"],
    update: ["state", "sha256", "version", "own", "at"],
  },
};

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
    ...["append_audit", "with_written", "row_image", "enters", "shown_target"].map((name) =>
      execute(commit, name),
    ),
    ...["refused_rows", "say_left_out", "is_refusal", "lapsed_signer"].map((name) =>
      execute(commit, name),
    ),
    // Who came since is compared as matching compares people.
    ...["fold_name", "numbers_of", "raw_phone_key"].map((name) => execute(commit, name)),
    ...reads(commit, readByCommits),
    // Into which types the values were reviewed that a wave writes.
    ...reads(commit, ["dry_runs"], ["run_id", "types", "created_at"]),
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
          // As the legacy system has it: who decides about it is a person.
          insert:
            reference.kind === "by_name"
              ? ["run_id", reference.staging.id, reference.staging.label, "status"]
              : [
                  ...["run_id", reference.staging.id, reference.staging.code, "parent_id"],
                  ...["parent_unreadable", reference.staging.type ?? "type", "status"],
                ],
          update: [
            reference.staging.target,
            "status",
            reference.kind === "by_name" ? "confidence" : (reference.staging.type ?? "type"),
          ],
        },
      }),
    ),
    ...Object.values(references).flatMap((reference) => [
      execute(sign, decideFunction(reference)),
      execute(stage, carryFunction(reference)),
    ]),
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
    ...reads(operator, [`${table}_source`], rowKey(migration)),
    ...reads(operator, [decisions], decidedOf(migration)),
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

/** What a staged row is called by; a key that is no number may be somebody's address. */
const rowKey = (migration: Migration): readonly string[] => [
  ...["id", "run_id", "source_table"],
  ...(legacyIdType(migration) === "bigint" ? ["legacy_id"] : []),
];

/** Columns that keep keys of the platform that are no numbers. */
const textLinks = (migration: Migration): readonly string[] =>
  linkTypes(migration)
    .filter(({ type }) => type === "text")
    .map(({ name }) => name);

/** Columns of decisions that terminals read, where it is not all of them. */
function decidedOf(migration: Migration): readonly string[] | undefined {
  const keys = textLinks(migration);
  if (keys.length === 0) return undefined;
  const links = linkColumns(migration).filter((name) => !keys.includes(name));
  return [...reviewedDecisions(migration), ...commitMarks, ...links];
}

/** Columns of the view of staged rows that say what was decided about a row, and nothing that it holds. */
function decidedColumns(migration: Migration): readonly string[] {
  const keys = textLinks(migration);
  return [
    ...rowKey(migration),
    "findings",
    "source_duplicate_evidence",
    ...(keyedPeople(migration).length === 0 ? ["duplicate_evidence"] : []),
    ...stagedColumns(migration)
      .filter(([, from]) => /^(?:coalesce\()?d\./u.test(from))
      .map(([name]) => name)
      .filter((column) => !keys.includes(column)),
  ];
}
