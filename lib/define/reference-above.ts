/**
 * What a row refers to among the rows of an entity above it: what this run wrote, linked or found there, an
 * earlier run wrote, or the dry run plans to write.
 */
export interface EntityReference {
  /** The entity. */
  readonly to: string;
  /**
   * By which fields of that entity it is found, each with the field of this one that holds the same. Under
   * `legacy_id` stands what names the row in the legacy system.
   */
  readonly by: Readonly<Record<string, string>>;
  /** A row that names nothing is right: what is made of it is null then, and never else. */
  readonly optional?: true;
}

/**
 * What the row is that another refers to: `there` (it stands, or a wave before writes it), `waits` (held),
 * `out` (skipped or failed, and not on the platform), `absent` (no such row), `several`, or `none` (nothing is named).
 */
export const statesAbove = ["there", "waits", "out", "absent", "several", "none"] as const;
export type StateAbove = (typeof statesAbove)[number];
