import type {
  CodedReference,
  IdType,
  Migration,
  PlanRule,
  Reference,
  SourceTable,
} from "../define/definition.ts";
import { type KeyFinding, type MadeFinding, madeFindings, saysOf } from "../define/findings.ts";
import { isIntegerKey, keyColumns } from "../define/keys.ts";
import { notedIn } from "../define/looked-at.ts";
import type { Made } from "../define/made.ts";

/** The PostgreSQL type in which ids of a legacy table's rows are staged. */
export type KeyType = "bigint" | "text";

/** The type of the staged column `legacy_id`, which names rows of all tables that are judged. */
export const legacyIdType = ({ entity, source }: Migration): KeyType =>
  entity.from.every((table) => isInteger(source[table])) ? "bigint" : "text";

/** The type of what names a thing of a reference: an integer where its table's key is declared to be that. */
export function idType(
  { source }: Pick<Migration, "source">,
  { from, id }: Pick<Reference, "from" | "id">,
): KeyType {
  const table = source[from];
  if (table === undefined) return "bigint";
  return isInteger(table) && keyColumns(table.key)[0] === id ? "bigint" : "text";
}

/** The type of what names a thing of the platform that a reference is mapped to. */
export const targetType = ({ platform }: Reference): IdType => platform.idType ?? "bigint";

/** The type of what names the thing that a reference by code belongs to. */
export function parentType(migration: Migration, { parent }: CodedReference): KeyType {
  const reference = migration.references[parent?.reference ?? ""];
  return reference === undefined ? "bigint" : idType(migration, reference);
}

const isInteger = (table: SourceTable | undefined): boolean =>
  table === undefined || isIntegerKey(table.key);

/** What makes a staged row the one of its legacy row: sent again, it is left alone. */
export const stagedOnce = (migration: Migration): string =>
  legacyIdType(migration) === "bigint"
    ? "run_id, source_table, legacy_id"
    : "run_id, source_table, legacy_id, key_repeat";

const keyFindings: readonly KeyFinding[] = ["key_repeated", "key_absent", "key_unfit"];

/** Lines before a definition's plan: a row that its key does not name alone is nobody's to write. */
const unnamed: readonly PlanRule[] = keyFindings.map((noted) => ({
  when: { noted },
  says: saysOf[noted],
  hold: noted,
}));

/** What may be noted on rows for how they were made, or for their key, whatever fields they have. */
export const notedOfRows = (migration: Migration): readonly (KeyFinding | MadeFinding)[] => [
  ...(legacyIdType(migration) === "bigint" ? [] : keyFindings),
  ...migration.entity.from.flatMap((table) => notedOf(migration.source[table]?.made)),
];

/** The lines by which rows are planned, in order: where keys are texts, those that hold a row for how it was made, or for its key, first. */
export const planOf = (migration: Migration): readonly PlanRule[] => [
  ...unmade(migration),
  ...(legacyIdType(migration) === "bigint" ? [] : unnamed),
  ...migration.entity.plan,
];

/** Lines before a plan for what may be noted on rows that are made of others, and what no line of it looks at. */
function unmade({ entity, source }: Migration): readonly PlanRule[] {
  const possible = new Set(entity.from.flatMap((table) => notedOf(source[table]?.made)));
  if (possible.size === 0) return [];
  const looked = new Set(entity.plan.flatMap(({ when }) => notedIn(when)));
  return madeFindings
    .filter((noted) => possible.has(noted) && !looked.has(noted))
    .map((noted) => ({ when: { noted }, says: saysOf[noted], hold: noted }));
}

/** What may be noted on rows that are made so. */
function notedOf(made: Made | undefined): readonly MadeFinding[] {
  if (made === undefined) return [];
  const opened: MadeFinding[] = made.opened === undefined ? [] : ["object_unreadable"];
  if ("grouped" in made) return opened;
  return "each" in made
    ? ["list_unreadable", ...opened]
    : ["partner_absent", "partner_several", ...opened];
}
