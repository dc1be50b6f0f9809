/** How many rows, by value of one column. */
export type Distribution = Readonly<Record<string, number>>;

/** One of the five stop conditions (R7, D15). */
export interface StopCondition {
  readonly id:
    | "unmapped_courses"
    | "unknown_rows"
    | "duplicates"
    | "placeholder_taken_for_real"
    | "sample_judged_wrong";
  readonly says: string;
  /** What was measured: a share of rows (0–1), or a count for the last two. */
  readonly measured: number;
  readonly threshold: number;
  readonly stops: boolean;
}

/** What a dry run shows (R6, M13). Counts only: no personal data. */
export interface DryRunReport {
  readonly rows: number;
  /** R6, in the order in which they are shown. */
  readonly counts: {
    readonly completed_history: number;
    readonly archived_training: number;
    readonly registered_pending: number;
    readonly lead_only: number;
    readonly duplicates: number;
    readonly placeholder_sessions: number;
    readonly unmapped_courses: number;
    readonly unknown_or_needs_review: number;
  };
  readonly distributions: {
    readonly source_table: Distribution;
    readonly classification: Distribution;
    readonly validation_status: Distribution;
    readonly duplicate_confidence: Distribution;
    readonly source_duplicate_confidence: Distribution;
    readonly import_action: Distribution;
    readonly session_type: Distribution;
  };
  readonly buckets: {
    readonly completed_history: number;
    readonly registered_pending: number;
    readonly lead_only: number;
    readonly other: number;
  };
  readonly risks: {
    readonly needs_review: number;
    readonly duplicates: number;
    readonly placeholder_sessions: number;
    readonly unmapped_courses: number;
  };
  /** What the waves would do: commit, link, hold, skip, fail. */
  readonly plan: Distribution;
  /** Rows by what is created, e.g. `create_course_interest`. */
  readonly creates: Distribution;
  /** Held, skipped and failed rows by reason. */
  readonly reasons: Distribution;
  /** Spellings no rule lists, with the nearest listed one (D2). */
  readonly unlisted_statuses: readonly {
    readonly status: string | null;
    readonly rows: number;
    readonly nearest: string | null;
  }[];
  readonly shared_emails: number;
  /** Groups of equal names too common to be compared with each other (D7). */
  readonly capped_groups: number;
  readonly stops: readonly StopCondition[];
}
