import { identifier, literal } from "../data/sql.ts";
import type { CodedReference } from "../define/definition.ts";

/**
 * Whether a staged session, by the alias of its mapping, is a waiting list by the definition's own words
 * (M5): a listed id, a code that contains a listed text, or nothing that it belongs to. A parent that
 * cannot be read is not none (D33).
 */
export function isPlaceholder({ staging, placeholder }: CodedReference, alias: string): string {
  const code = `${alias}.${identifier(staging.code)}`;
  return [
    `${alias}.${identifier(staging.id)} in (${placeholder.ids.join(", ") || "null"})`,
    `(${alias}.parent_id is null and not ${alias}.parent_unreadable)`,
    ...placeholder.codeContains.map(
      (part) => `coalesce(strpos(lower(${code}), lower(${literal(part)})) > 0, false)`,
    ),
  ].join(" or ");
}
