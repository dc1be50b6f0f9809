import type { Migration } from "../../define/definition.ts";

/** A record of a CSV, by column. */
export type Row = Readonly<Record<string, string>>;

/** The kind of things that a row is of: files of several have a column that says so. */
export const partOfRow = (parts: readonly Migration[], { entity }: Row): Migration | undefined =>
  entity === undefined ? parts[0] : parts.find(({ part }) => part === entity);
