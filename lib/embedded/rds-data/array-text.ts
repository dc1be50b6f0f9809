import { unsupportedResult } from "./errors.ts";

/** A quoted element, a bare one, or a bracket. */
const TOKEN = /"((?:[^"\\]|\\.)*)"|([^,{}"]+)|([{}])/gs;

/**
 * Takes PostgreSQL's text of an array apart: `{1,NULL,"a b"}`.
 *
 * @throws {ServiceError} UnsupportedResultException for arrays of arrays.
 */
export function parseArray(text: string): (string | null)[] {
  const elements: (string | null)[] = [];
  // Arrays that do not start at 1 say so in front: [0:1]={1,2}.
  const inner = text.slice(text.indexOf("{") + 1, -1);
  for (const [, quoted, bare, bracket] of inner.matchAll(TOKEN)) {
    if (bracket) throw unsupportedResult("The result contains a multidimensional array.");
    if (quoted !== undefined) elements.push(quoted.replace(/\\(.)/gs, "$1"));
    else elements.push(bare === "NULL" ? null : (bare ?? null));
  }
  return elements;
}
