import type { Migration, Value } from "../../define/definition.ts";
import { keyColumns } from "../../define/keys.ts";
import { decisionColumns } from "../../define/looked-at.ts";
import { hasDefault, innerValues } from "../../define/value.ts";
import { fieldColumns, valueColumn } from "../columns.ts";
import { referenceColumn } from "../condition.ts";
import type { LookMask } from "../shown/masks.ts";
import { valueInto } from "../target/value-into.ts";
import { ofField } from "./used-columns.ts";

/** A column that an action writes, as whoever judges a row sees it. */
interface PinnedWrite {
  readonly column: string;
  /** What is written, over what is asked about a row; null where only a wave knows it. */
  readonly sql: string | null;
  /** The reference whose row on the platform it comes from, where that is it. */
  readonly above?: string;
  /** What stands there where it is missing: the platform's own default. */
  readonly or?: "default";
  /** The source's columns that it is made of, where it is made of any; runs that are older have none. */
  readonly was?: readonly string[];
  /** How it is shown to who may not see rows whole; null is as it is. */
  readonly mask: Exclude<LookMask, "left_out"> | null;
}

/** What the action of a row writes, and where. */
export interface PinnedAction {
  readonly into: string;
  readonly columns: readonly PinnedWrite[];
}

/** What each action of a kind of things writes. */
export const pinWrites = (
  migration: Migration,
  masks: readonly (readonly [column: string, mask: LookMask])[],
): Readonly<Record<string, PinnedAction>> =>
  Object.fromEntries(
    Object.entries(migration.entity.actions).map(([name, { into, values }]) => [
      name,
      {
        into,
        columns: Object.entries(values).map(([column, value]) => ({
          column,
          ...("of" in value ? { above: value.of } : {}),
          ...(hasDefault(value) ? { or: value.or } : {}),
          ...wasOf(migration, value),
          sql: innerValues(value).some((inner) => "of" in inner)
            ? null
            : `(${valueInto(migration, value)})::text`,
          mask: maskOf(migration, new Map(masks), value),
        })),
      },
    ]),
  );

/** What of the legacy row a value is made of: its fields' columns, and those of the references that it looks up. */
function wasOf(migration: Migration, value: Value): Pick<PinnedWrite, "was"> {
  const columns = innerValues(value).flatMap((inner) => {
    const names = stagedFrom(migration, inner);
    const ofFields = Object.entries(migration.entity.fields).flatMap(([name, field]) => {
      const staged = fieldColumns(migration, name, field).map((column) => column.name);
      const own = [name, valueColumn(migration, name), ...staged];
      return own.some((each) => names.includes(each)) ? ofField(field) : [];
    });
    return names.includes("legacy_id") ? [...ofKey(migration), ...ofFields] : ofFields;
  });
  return columns.length === 0 ? {} : { was: [...new Set(columns)] };
}

/** The columns of the key, where all tables that it is read from call them alike. */
function ofKey({ source, entity }: Migration): readonly string[] {
  const [first = [], ...others] = entity.from.map((table) => keyColumns(source[table]?.key ?? []));
  return others.every((key) => key.join() === first.join()) ? first : [];
}

/** Fields and staged columns that a value is made from. */
function stagedFrom(migration: Migration, value: Value): readonly string[] {
  if ("staged" in value) return [value.staged];
  if ("of" in value) return Object.values(migration.entity.refs?.[value.of]?.by ?? {});
  if ("mapped" in value) return [referenceColumn(migration, value.mapped)];
  if ("label" in value) return [referenceColumn(migration, value.label)];
  return "uuid" in value ? value.from : [];
}

/** Fields whose values are words or numbers of the definition or of the legacy system, and no one's. */
const plainKinds: ReadonlySet<string> = new Set(["choice", "boolean", "reference", "created_at"]);

function maskOf(
  migration: Migration,
  masks: ReadonlyMap<string, LookMask>,
  value: Value,
): PinnedWrite["mask"] {
  if ("object" in value)
    return innerValues(value).every((inner) => maskOf(migration, masks, inner) === null)
      ? null
      : "hidden";
  if (!("staged" in value)) return null;
  const mask = masks.get(valueColumn(migration, value.staged));
  if (mask !== undefined) return mask === "left_out" ? "hidden" : mask;
  const known = ["source_table", "legacy_id", ...decisionColumns(migration)];
  const kind = migration.entity.fields[value.staged]?.kind ?? "";
  return plainKinds.has(kind) || known.includes(value.staged) ? null : "hidden";
}
