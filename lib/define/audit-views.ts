/**
 * Views in which a platform's own auditors find what became of every legacy row, of all runs and trials: the runs, and
 * a line for each row with `ok`, `skip`, `conflict` or `error`, and the reason.
 */
export interface AuditViews {
  /** The names of the two views, in staging's schema. */
  readonly runs: string;
  readonly mappings: string;
  /** What rows of each entity are called there; those of others are not in it. */
  readonly entities: Readonly<Record<string, string>>;
}
