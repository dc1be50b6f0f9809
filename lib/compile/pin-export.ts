import type { Migration, PlanRule, Reference } from "../define/definition.ts";
import { fieldOf } from "./columns.ts";

/**
 * How an export shows a column: as it stands (a number, or a word of a list that the schema checks), as
 * a word or a list of words that a definition or a stage chose, or masked inside the database (D20).
 */
export type Shown = "plain" | "word" | "words" | "initials" | "phone" | "email" | "year";

/** A column of an export of staged rows. */
export interface PinnedColumn {
  readonly name: string;
  /** The staged column that it is made from. */
  readonly from: string;
  readonly shown: Shown;
  /** Words that it usually holds: looked up, they are quicker. */
  readonly known: readonly string[];
}

/** What exports, the balance and the migration report need of a definition. */
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
  /** The tables a row may be linked to; `shared` when its column keeps ids of another one, too. */
  readonly linked: readonly {
    readonly table: string;
    readonly id: string;
    readonly shared: boolean;
  }[];
  /** Staging tables of what rows refer to, by name: key and exported columns. */
  readonly mappings: readonly {
    readonly name: string;
    readonly table: string;
    readonly key: string;
    readonly columns: readonly string[];
  }[];
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
    })),
    mappings: Object.entries(migration.references).map(([name, reference]) => ({
      name,
      table: reference.staging.table,
      key: reference.staging.id,
      columns: mappingColumns(reference),
    })),
  };
}

function reviewed(migration: Migration): PinnedColumn[] {
  const { from, classify, importAction, actions, plan, validate } = migration.entity;
  const field = (kind: string, suffix = "") => fieldOf(migration, kind) + suffix;
  const classifications = [...classify.as.map((each) => each.classification), classify.otherwise];
  return [
    column("id"),
    column("source_table", "word", from),
    column("legacy_id"),
    { ...column("name", "initials"), from: field("name") },
    { ...column("phone", "phone"), from: field("phone", "_normalized") },
    { ...column("email", "email"), from: "email_normalized" },
    { ...column("birth_year", "year"), from: field("birth_date") },
    column("classification", "word", classifications),
    column("validation_status"),
    column(
      "validation_issues",
      "words",
      validate.map(({ id }) => id),
    ),
    column("duplicate_confidence"),
    column("source_duplicate_confidence"),
    column("session_type"),
    column(
      "import_action",
      "word",
      importAction.map(({ action }) => action),
    ),
    column("planned"),
    column("planned_action", "word", Object.keys(actions)),
    column("planned_reason", "word", plan.flatMap(reasonOf)),
  ];
}

const column = (
  name: string,
  shown: Shown = "plain",
  known: readonly string[] = [],
): PinnedColumn => ({ name, from: name, shown, known });

const reasonOf = (rule: PlanRule): string[] => {
  if ("hold" in rule) return [rule.hold];
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
  return [id, code, "parent_id", "session_type", target, ...decided];
}
