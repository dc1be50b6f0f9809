/**
 * A figure of the platform that keeps the next wave waiting while it is too high, such as how far a replica is
 * behind or how many jobs a queue holds (C4).
 */
export interface Watch {
  readonly id: string;
  /** What the figure is, in words that follow a number: “seconds that the slowest replica is behind”. */
  readonly says: string;
  /** One select of one number, from tables that the definition names in `reads`. */
  readonly sql: string;
  /** The highest figure with which a wave begins. */
  readonly above: number;
  /** Readings above it, one after the other, that make the next wave wait. */
  readonly readings: number;
}

/** `watch("lag", "seconds the replica is behind", "select …", { above: 2 })`. */
export const watch = (
  id: string,
  says: string,
  sql: string,
  { above, readings = 1 }: { readonly above: number; readonly readings?: number },
): Watch => ({ id, says, sql, above, readings });
