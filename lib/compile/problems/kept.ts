import type { Migration } from "../../define/definition.ts";
import { updatesOf } from "../../define/identity.ts";
import { keptColumns } from "../../define/kept-columns.ts";
import type { WholeMigration } from "../../define/several.ts";
import { keyColumnsOf } from "../target-key.ts";

/** What is wrong with what `effects` say of columns that the platform keeps: no wave writes them, of tables that waves write. */
export function keptProblems(
  { effects = {} }: WholeMigration,
  parts: readonly Migration[],
): readonly string[] {
  const actions = parts.flatMap(({ entity }) =>
    Object.values(entity.actions).map((action) => ({
      into: action.into,
      written: [
        ...keyColumnsOf(action.id),
        ...Object.keys(action.values),
        ...Object.keys(updatesOf(entity)),
      ],
    })),
  );
  return keptColumns(effects).flatMap(({ table, columns }) => {
    const own = actions.filter(({ into }) => into === table);
    if (own.length === 0)
      return [
        `\`effects\` say that the platform keeps columns of “${table}”, which no wave writes: name the table itself, \`harmless\` or \`detached\`.`,
      ];
    return columns
      .filter((column) => own.some(({ written }) => written.includes(column)))
      .map(
        (column) =>
          `\`effects\` say that the platform keeps “${column}” of “${table}”, and waves write it: leave it out of what is written, or out of \`keeps\`.`,
      );
  });
}
