import { identifier } from "../../data/sql.ts";
import type { Asks, Migration } from "../../define/definition.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { legacyIdType } from "../keys.ts";
import type { PinnedMapping } from "../shown/export.ts";
import type { PinnedReference } from "../shown/references.ts";
import { createKeepDecisions } from "./keep-decisions.ts";

/** A reference above of which a person says which of several rows is meant, for each row by its legacy id. */
export interface Choice extends Asks {
  /** Whose rows are asked about. */
  readonly part: Migration;
  /** The reference. */
  readonly name: string;
  /** Its table in the schema `wavegate`. */
  readonly table: string;
}

export const choiceOf = (part: Migration, name: string): Choice | undefined => {
  const asks = part.entity.refs?.[name]?.asks;
  return asks && { ...asks, part, name, table: `${part.entity.staging.table}_${asks.as}_choices` };
};

/** Those of a kind of things. */
export const choicesOf = (part: Migration): readonly Choice[] =>
  Object.keys(part.entity.refs ?? {}).flatMap((name) => choiceOf(part, name) ?? []);

/** Those of a whole migration, in the order of its kinds. */
export const allChoices = (migration: WholeMigration): readonly Choice[] =>
  partsOf(migration).flatMap(choicesOf);

export const choiceTable = ({ table }: Pick<Choice, "table">): string =>
  `wavegate.${identifier(table)}`;

/** The DDL of the table that keeps what could be meant, and what a person says. */
export const createChoices = ({ part, ...choice }: Choice): string =>
  `create table if not exists ${choiceTable(choice)} (
  run_id uuid not null references wavegate.legacy_import_runs,
  legacy_id ${legacyIdType(part)} not null,
  -- What could be meant, for people, and by key what is shown of each.
  candidates text,
  keys jsonb not null,
  target text,
  confidence numeric,
  status text not null check (status in ('confirmed', 'needs_review', 'rejected')),
  decided_by text,
  decided_at timestamptz,
  primary key (run_id, legacy_id)
)`;

/** A row's key as people name it: of several columns with colons between, as audits have it. */
export const namedKey = (row: string): string =>
  `case when ${row}.legacy_id::text like '["%' then (select string_agg(k.part, ':' order by k.n)
           from jsonb_array_elements_text(${row}.legacy_id::jsonb) with ordinality k(part, n)) else ${row}.legacy_id::text end`;

/** The owner's function that keeps what a person says of them. */
export const chooseFunction = ({ table }: Pick<Choice, "table">): string => `decide_${table}`;

/** Keeps what a person says: which of those that could be meant it is, or that it is none of them. */
export const createChooseFunction = (choice: Choice): string =>
  createKeepDecisions({
    name: chooseFunction(choice),
    table: choice.table,
    id: "legacy_id",
    idType: legacyIdType(choice.part),
    target: "target",
    targetType: "text",
    beside: "m.keys",
    first: "",
    known: `if not said.keys ? chosen then
        return wavegate.refused('UnknownTarget', one || jsonb_build_object('keys', said.keys));
      end if;`,
  });

/** As pages and terminals know it: among the references of the rows that are asked about. */
export const pinChoices = (part: Migration): PinnedReference[] =>
  choicesOf(part).map(({ as, table }) => ({
    name: as,
    kind: "chosen",
    from: part.part ?? part.entity.from[0] ?? "",
    column: "legacy_id",
    legacyType: legacyIdType(part),
    targetType: "text",
    staging: { table, id: "legacy_id", label: "candidates", target: "target" },
    type: null,
    platform: null,
    placeholder: null,
  }));

/** As exports know it. */
export const pinChosen = (migration: WholeMigration): PinnedMapping[] =>
  allChoices(migration).map(({ as, table }) => ({
    name: as,
    table,
    key: "legacy_id",
    columns: ["legacy_id", "candidates", "target", "status", "decided_by"],
  }));
