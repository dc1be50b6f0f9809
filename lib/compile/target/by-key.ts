import type { Migration, Value } from "../../define/definition.ts";
import type { TargetTable } from "./table.ts";
import { isWhole } from "./type-fit.ts";

/** Whether a type keeps a text to the letter. */
export const isText = (base: string): boolean => /^(text|character varying)$/.test(base);

/** The same, or one of whole numbers: where texts that are no numbers as they are written are held, as `holdUnplain` does. */
export const isTextOrWhole = (base: string): boolean => isText(base) || isWhole(base);

/** Whether columns of a target hold the legacy key of a row as it is, in one of some types: no two rows have the same. */
export function isByKey(
  { entity }: Migration,
  columns: Readonly<Record<string, Value>>,
  table: TargetTable,
  keeps: (base: string) => boolean,
): boolean {
  const holds = (staged: string, types: (base: string) => boolean) =>
    Object.entries(columns).some(([name, value]) => {
      const column = table.columns.find((each) => each.name === name);
      return (
        "staged" in value &&
        value.staged === staged &&
        column?.collation === null &&
        types(column.base)
      );
    });
  return holds("legacy_id", keeps) && (entity.from.length === 1 || holds("source_table", isText));
}
