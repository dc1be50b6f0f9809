/**
 * Two sides of a platform that have to agree once a run is written, each looked at by a select of its own and not by
 * what the run staged (C8): every thing that somebody has on the one side has its entry on the other, and no entry is of
 * nothing.
 */
export interface Reconciled {
  readonly id: string;
  /** What is compared, in words that follow “their”: “posts and the entries of them”. */
  readonly says: string;
  /** The kind of things that the run makes entries of. */
  readonly of: string;
  /**
   * Its columns that name a thing, joined by `:`. What is held of these, or failed, or was skipped for one of the
   * `reasons`, is told by the run, and lacks no entry.
   */
  readonly named: readonly string[];
  readonly reasons: readonly string[];
  /**
   * One select of `person`, `thing` and `asked`: everything that may have an entry, and whether the run was asked for
   * this one. `{began}` is when the run began, `{name}` what was said of it by that setting, as a text or null.
   */
  readonly things: string;
  /** One select of `person` and `thing`: every entry there is. */
  readonly entries: string;
}

/** What is compared of people who are drawn anew, as many as `people` of each side, by the run's seed. */
export interface Reconcile {
  readonly people: number;
  readonly sides: readonly Reconciled[];
}

/** `reconciled("posts", "posts and the entries of them", { of: "post", named: ["legacy_id"], things: "select …", entries: "select …" })`. */
export const reconciled = (
  id: string,
  says: string,
  {
    reasons = [],
    ...rest
  }: Omit<Reconciled, "id" | "says" | "reasons"> & { readonly reasons?: readonly string[] },
): Reconciled => ({ id, says, reasons, ...rest });
