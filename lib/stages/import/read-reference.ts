import { referenceType } from "../../compile/columns.ts";
import type { Migration } from "../../define/definition.ts";
import { normalizeTextReference } from "../../normalize/key.ts";
import { normalizeReference } from "../../normalize/reference.ts";

/** How a field that names something of a reference is read: as an integer, or to the letter. */
export const readReference = (migration: Migration, reference: string) =>
  referenceType(migration, reference) === "bigint" ? normalizeReference : normalizeTextReference;
