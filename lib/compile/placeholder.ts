import { identifier, literal } from "../data/sql.ts";
import type { CodedReference } from "../define/definition.ts";
import { smallLetters } from "./as-read.ts";

/** Ids of a legacy system for `in (…)`; quoted, each takes the type that it is compared with. */
export const listedIds = (ids: readonly (number | string)[]): string =>
  ids.map((id) => literal(String(id))).join(", ") || "null";

/**
 * Whether a staged thing, by the alias of its mapping, is a placeholder by the definition's own words
 * (M5): a listed id, a code that contains a listed text, or nothing that it belongs to, though such
 * things belong to something. A parent that cannot be read is not none (D33).
 */
export function isPlaceholder(
  { staging, placeholder, parent }: CodedReference,
  alias: string,
): string {
  const code = `${alias}.${identifier(staging.code)}`;
  const { ids = [], codeContains = [] } = placeholder ?? {};
  const rules = [
    ...(ids.length === 0 ? [] : [`${alias}.${identifier(staging.id)} in (${listedIds(ids)})`]),
    ...(parent ? [`(${alias}.parent_id is null and not ${alias}.parent_unreadable)`] : []),
    ...codeContains.map(
      (part) =>
        `coalesce(strpos(${smallLetters(code)}, ${smallLetters(literal(part))}) > 0, false)`,
    ),
  ];
  return rules.join(" or ") || "false";
}
