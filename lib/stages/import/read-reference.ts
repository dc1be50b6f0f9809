import { referenceType } from "../../compile/columns.ts";
import type { Migration, Reference } from "../../define/definition.ts";
import type { SourceKey } from "../../define/keys.ts";
import { normalizeTextReference } from "../../normalize/key.ts";
import { normalizeReference } from "../../normalize/reference.ts";

/** How a field that names something of a reference is read: as an integer, or to the letter. */
export const readReference = (migration: Migration, reference: string) =>
  referenceType(migration, reference) === "bigint" ? normalizeReference : normalizeTextReference;

/** By which key the things of a reference are read: an integer where that is declared of their table. */
export function keyOfReference(
  { source }: Pick<Migration, "source">,
  { from, id }: Reference,
): SourceKey {
  const key = source[from]?.key;
  return key === undefined || key === id ? id : [id];
}
