import type { ListedTable } from "../../sources/tables.ts";
import type { Referring, TargetTable } from "../target.ts";
import { textOf } from "./definition-text.ts";
import { draftOf, guessed, targetOf, weight } from "./draft.ts";

/** A definition as text, and what of it somebody still has to say. */
export interface Written {
  readonly text: string;
  readonly left: readonly string[];
}

/**
 * Writes a definition of what both sides look like: the legacy table with the most of a person in it, into
 * the platform table that has most of its columns. It compiles; every guess is marked.
 *
 * @param only the legacy table that is drafted, whatever is in it
 */
export function newDefinition(
  name: string,
  connection: string,
  tables: readonly ListedTable[],
  targets: readonly TargetTable[],
  keys: readonly Referring[],
  only?: string,
): Written {
  const read = tables.filter(({ columns }) => columns.length > 0).map(guessed);
  const [main] =
    only === undefined
      ? [...read].sort((one, other) => weight(other) - weight(one))
      : read.filter(({ table }) => table === only);
  if (main === undefined) throw new Error("The source has no table with columns.");
  const into = targetOf(main, targets);
  const others = read.filter(({ table }) => table !== main.table);
  const draft = draftOf(name, main, into, others);
  return {
    text: textOf(name, connection, main, others, into, {
      ...draft,
      referring: keys.filter(({ to }) => to === into?.name),
    }),
    left: [
      ...draft.left,
      ...others.map(({ table }) => `The legacy table “${table}” is not read yet.`),
      ...(others.length === 0
        ? []
        : [
            "`--table NAME` drafts another table, as a migration of another name. What refers to rows of one another goes into one definition: `entities` in docs/vocabulary.md.",
          ]),
    ],
  };
}
