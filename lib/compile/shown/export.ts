import type { DecisionLine, Migration, PlanRule, Reference } from "../../define/definition.ts";
import { isUpdated, updatesOf } from "../../define/identity.ts";
import { decisionColumns } from "../../define/looked-at.ts";
import { statesOfRef } from "../../define/reference-above.ts";
import { stateColumn } from "../above-columns.ts";
import { fieldsOf, mainField, valueColumn } from "../columns.ts";
import { legacyIdType, planOf } from "../keys.ts";
import { isKeyed } from "../people-keys.ts";

/**
 * How an export shows a column: as it stands (a number, or a word of a list that the schema checks), as
 * a word or a list of words that a definition or a stage chose, or masked inside the database (D20).
 */
export type Shown =
  | "plain"
  | "word"
  | "words"
  | "initials"
  | "phone"
  | "email"
  | "year"
  /** What would be changed of a row that is there, column by column, each masked by its own kind. */
  | "changes";

/** A column of an export of staged rows. */
export interface PinnedColumn {
  readonly name: string;
  /** The staged column that it is made from. */
  readonly from: string;
  readonly shown: Shown;
  /** Words that it usually holds: looked up, they are quicker. */
  readonly known: readonly string[];
  /** Of changes: how each column is masked; one that is not named is hidden. */
  readonly masks?: readonly (readonly [column: string, shown: Shown])[];
}

/** What exports, the balance and the migration report need of one kind of things. */
export interface PinnedExport {
  /** The legacy tables whose rows are staged, in their order. */
  readonly sources: readonly string[];
  /** What a reviewer may see of a staged row. */
  readonly reviewed: readonly PinnedColumn[];
  /** Which table a committed row was made in, by its action, and the staged column with the new id. */
  readonly committed: readonly {
    readonly action: string;
    readonly table: string;
    readonly id: string;
  }[];
  /** The tables a row may be linked to; `shared` when its column keeps ids of another one, too; `keyed` when these are texts. */
  readonly linked: readonly {
    readonly table: string;
    readonly id: string;
    readonly shared: boolean;
    readonly keyed?: true;
  }[];
}

/** A staging table of what rows refer to: its key and exported columns. */
export interface PinnedMapping {
  readonly name: string;
  readonly table: string;
  readonly key: string;
  readonly columns: readonly string[];
}

/** The part of a pin that exports rest on. */
export function pinExport(migration: Migration): PinnedExport {
  const { from, actions, match } = migration.entity;
  return {
    sources: from,
    reviewed: reviewed(migration),
    committed: Object.entries(actions).map(([action, { into, importedAs }]) => ({
      action,
      table: into,
      id: importedAs,
    })),
    linked: match.against.map(({ table, linkedAs }, _, all) => ({
      table,
      id: linkedAs,
      shared: all.filter((each) => each.linkedAs === linkedAs).length > 1,
      ...(all.some((each) => each.linkedAs === linkedAs && isKeyed(each)) ? { keyed: true } : {}),
    })),
  };
}

/** The staging tables of what rows refer to. */
export const pinMappings = ({ references }: Migration): PinnedMapping[] =>
  Object.entries(references).map(([name, reference]) => ({
    name,
    table: reference.staging.table,
    key: reference.staging.id,
    columns: mappingColumns(reference),
  }));

function reviewed(migration: Migration): PinnedColumn[] {
  const { from, decide, actions, validate } = migration.entity;
  const decision = (name: string) => column(name, "word", wordsOf(decide[name]));
  return [
    column("id"),
    column("source_table", "word", from),
    column("legacy_id", legacyIdType(migration) === "bigint" ? "plain" : "word"),
    ...people(migration, "name", "initials", (name) => name),
    ...people(migration, "phone", "phone", (name) => name),
    ...people(migration, "email", "email", (name) => name),
    ...people(migration, "birth_date", "year", (name) => name.replace(/(_date)?$/, "_year")),
    decision("classification"),
    column("validation_status"),
    column(
      "validation_issues",
      "words",
      validate.map(({ id }) => id),
    ),
    column("duplicate_confidence"),
    column("source_duplicate_confidence"),
    ...decisionColumns(migration)
      .filter((name) => name !== "classification")
      .map(decision),
    ...Object.entries(migration.entity.refs ?? {}).map(([name, { to }]) =>
      column(stateColumn(name), "word", statesOfRef(to, migration.part)),
    ),
    column("planned"),
    column("planned_action", "word", Object.keys(actions)),
    column("planned_reason", "word", planOf(migration).flatMap(reasonOf)),
    ...(isUpdated(migration.entity)
      ? [
          {
            ...column("changes", "changes", Object.keys(updatesOf(migration.entity)).sort()),
            from: "there_changes",
            masks: changeMasks(migration),
          },
        ]
      : []),
  ];
}

/** How columns that are written of a row that is there are masked, by the field that each is made from. */
export const changeMasks = (
  migration: Migration,
): readonly (readonly [column: string, shown: "initials" | "phone" | "email" | "year"])[] =>
  Object.entries(updatesOf(migration.entity))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, value]) => {
      const kind = "staged" in value ? migration.entity.fields[value.staged]?.kind : undefined;
      const mask = {
        name: "initials",
        phone: "phone",
        email: "email",
        birth_date: "year",
      } as const;
      return kind !== undefined && kind in mask
        ? [[name, mask[kind as keyof typeof mask]] as const]
        : [];
    });

const column = (
  name: string,
  shown: Shown = "plain",
  known: readonly string[] = [],
): PinnedColumn => ({ name, from: name, shown, known });

/** What of a person may be seen, of every field of a kind: the one that is meant under the kind's own name. */
function people(
  migration: Migration,
  kind: "name" | "phone" | "email" | "birth_date",
  shown: Shown,
  called: (name: string) => string,
): PinnedColumn[] {
  const main = mainField(migration, kind);
  const from = (name: string) => valueColumn(migration, name);
  const others = fieldsOf(migration, kind).filter(([name]) => name !== main);
  return main === undefined
    ? []
    : [
        { ...column(called(kind), shown), from: from(main) },
        ...others.map(([name]) => ({ ...column(called(name), shown), from: from(name) })),
      ];
}

const wordsOf = (lines: readonly DecisionLine[] = []): string[] => [
  ...new Set(lines.map(({ is }) => is)),
];

const reasonOf = (rule: PlanRule): string[] => {
  if ("hold" in rule) return [rule.hold];
  if ("conflict" in rule) return [rule.conflict];
  if ("fail" in rule) return [rule.fail];
  return "skip" in rule ? [rule.skip] : [];
};

function mappingColumns(reference: Reference): readonly string[] {
  const decided = ["status", "decided_by"];
  if (reference.kind === "by_name") {
    const { id, label, target } = reference.staging;
    return [id, label, target, "confidence", ...decided];
  }
  const { id, code, target } = reference.staging;
  return [id, code, "parent_id", reference.staging.type ?? "type", target, ...decided];
}
