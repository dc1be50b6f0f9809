import type { Migration } from "../define/definition.ts";

/** The columns that keep which row above a reference means, by its staged id, and what that row is. */
export const rowColumn = (name: string): string => `${name}_row`;
export const stateColumn = (name: string): string => `${name}_is`;

/** The columns of decisions that a migration of several kinds of things has besides, with their types. */
export const aboveColumns = ({
  part,
  entity,
}: Migration): readonly [name: string, type: string][] =>
  part === undefined
    ? []
    : [
        ...Object.keys(entity.refs ?? {}).flatMap((name): [string, string][] => [
          [rowColumn(name), "bigint"],
          [stateColumn(name), "text"],
        ]),
        // The row of the platform that an earlier run, or somebody else, made of the same.
        ["there_table", "text"],
        ["there_key", "jsonb"],
      ];
