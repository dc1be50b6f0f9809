import type { Mutant } from "./mutant.ts";
import { type Ran, ranAt } from "./ran.ts";

/** What many tests begin with, each made of those before it (`states-in-tests.ts`). */
export const states = ["ecoin", "aged", "reviewed", "wave one", "whole run", "small"] as const;
export type State = (typeof states)[number];

/** What lies behind a database was written before a mistake was made, and is no part of what a test looks at. */
const before: State = "aged";

/** A state that was made by the code as it is. */
export interface MadeState {
  readonly state: State;
  /** Its templates of databases. */
  readonly templates: readonly string[];
  /** What of the product ran until they stood. */
  readonly ran: Ran;
}

/**
 * What a mistake would have made otherwise: all, where it is in what sets a database up, or the templates that it had a
 * part in. What never ran while a template was made cannot have changed it.
 */
export function otherwise(
  made: readonly MadeState[],
  { file, from, upTo }: Mutant,
): "all" | readonly string[] {
  // What SQL ran, nothing tells; and each template stands on the first.
  const touched = made.filter(({ ran }) => file.endsWith(".sql") || ranAt(ran[file], from, upTo));
  if (made.length === 0 || touched.some(({ state }) => state === states[0])) return "all";
  return touched.flatMap(({ state, templates }) => (state === before ? [] : templates));
}
