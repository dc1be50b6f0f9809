import type { Migration } from "../define/definition.ts";
import { fieldName } from "./guess.ts";
import { type Problem, warning } from "./problem.ts";
import type { TargetColumn, TargetTable } from "./target.ts";

/** What columns are called by which rows are taken for deleted and stay where they are. */
export const deleted =
  /^(is_)?(deleted|deleted_at|deleted_on|removed|removed_at|supprime|supprimee?|supprime_le|geloescht|geloscht|geloescht_am|geloscht_am|slettet|borrado|eliminado|eliminato|cancellato|verwijderd|usuniety|smazano|raderad)$/u;

const isMoment = ({ basic, notNull }: TargetColumn): boolean =>
  !notNull && /^(date|timestamp)/u.test(basic);

/** The column by which a table of the platform takes rows for deleted, and what one that is not has there, as it is written. */
export const liveIn = (
  table: TargetTable,
): { readonly column: string; readonly is: string } | undefined =>
  table.columns.flatMap((column) => {
    if (!deleted.test(fieldName(column.name))) return [];
    if (isMoment(column)) return [{ column: column.name, is: "nothing" }];
    return column.basic === "boolean" ? [{ column: column.name, is: 'constant("false")' }] : [];
  })[0];

/** What of the platform rows are linked to, or refer to, of which what it took for deleted is taken as all others are. */
export const deletedMatched = (
  { entity, references }: Migration,
  table: (name: string) => TargetTable | undefined,
): Problem[] => [
  ...entity.match.against.flatMap((target) => {
    const there = table(target.table);
    const live = there && liveIn(there);
    return live === undefined || Object.hasOwn(target.where ?? {}, live.column)
      ? []
      : [
          warning(
            "deleted_matched",
            target.table,
            `“match” takes people of ${target.table} for whom “${live.column}” says that they are deleted as it takes all others: rows are linked to them.`,
            `Leave them out: people({ in: "${target.table}", where: { ${live.column}: ${live.is} }, … }).`,
          ),
        ];
  }),
  ...Object.entries(references).flatMap(([name, { platform }]) => {
    const there = table(platform.table);
    const live = there && liveIn(there);
    return live === undefined || Object.hasOwn(platform.where ?? {}, live.column)
      ? []
      : [
          warning(
            "deleted_referred_to",
            platform.table,
            `The reference “${name}” takes rows of ${platform.table} of which “${live.column}” says that they are deleted as it takes all others: rows are written that name them.`,
            `Leave them out: platform: { table: "${platform.table}", where: { ${live.column}: ${live.is} }, … }.`,
          ),
        ];
  }),
];
