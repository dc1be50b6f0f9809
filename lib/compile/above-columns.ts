import { identifier, literals } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { isUpdated } from "../define/identity.ts";

/** The columns that keep which row above a reference means, by its staged id, and what that row is. */
export const rowColumn = (name: string): string => `${name}_row`;
export const stateColumn = (name: string): string => `${name}_is`;

/** The references of a kind of things to rows of its own, by their names. */
export const selvesOf = ({ part, entity }: Migration): readonly string[] =>
  Object.entries(entity.refs ?? {})
    .filter(([, { to }]) => part !== undefined && to === part)
    .map(([name]) => name);

/** Whether rows of a kind of things refer to rows of their own. */
export const namesItself = (migration: Migration): boolean => selvesOf(migration).length > 0;

/**
 * The column of decisions that keeps how many rows of its own kind stand above a row, at most, where a kind refers to itself:
 * 0 of one that names none, -1 of one that comes back to itself, null until a dry run found it.
 */
export const levelColumn = "own level";

/** The columns of decisions that a migration of several kinds of things has besides, with their types. */
export const aboveColumns = (migration: Migration): readonly [name: string, type: string][] => {
  const { part, entity } = migration;
  return part === undefined && entity.is === undefined
    ? []
    : [
        ...Object.keys(entity.refs ?? {}).flatMap((name): [string, string][] => [
          [rowColumn(name), "bigint"],
          [stateColumn(name), "text"],
        ]),
        // The row of the platform that an earlier run, or somebody else, made of the same.
        ["there_table", "text"],
        ["there_key", "jsonb"],
        // Whether it is there, by what the definition says that it is.
        ...(entity.is === undefined ? [] : [["there_is", "text"] as [string, string]]),
        ...(!namesItself(migration) ? [] : [[levelColumn, "int"] as [string, string]]),
      ];
};

/** What a row is planned for that a wave writes; a list of words as SQL has it, the same for index and query. */
export const writes = ({ entity }: Migration): string =>
  isUpdated(entity) ? "('commit', 'link', 'update')" : "('commit', 'link')";

/** Those words of every kind of things. */
export const everyWrite = "('commit', 'link', 'update')";

/** The alias under which joins give what a reference is. */
export const aliasOf = (name: string): string => identifier(`above_${name}`);

/**
 * What a row above, with its decisions `d`, is: it stands on the platform, a wave writes it, or neither. One that is held
 * waits, be it there: whoever looks at it may find that it is somebody else.
 */
export const stateAbove = (parent: Migration, d = "d"): string => `
                    case when ${d}.import_state in ('committed', 'linked') then 'there'
                         when ${d}.import_state = 'held' then 'waits'
                         when ${d}.there_key is not null then 'there'
                         when ${d}.planned in ${writes(parent)} and ${d}.import_state in ('pending', 'rolled_back')
                          and ${d}.classification in (${literals([...parent.waves.order])}) then 'there'
                         when ${d}.import_state in ('held', 'pending', 'rolled_back') then 'waits' else 'out' end`;
