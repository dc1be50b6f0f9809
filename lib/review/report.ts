/** How many rows, by value of one column. */
export type Distribution = Readonly<Record<string, number>>;

/** A stop condition as it was measured (R7, D15). */
export interface StopCondition {
  readonly id: string;
  readonly says: string;
  /** Whether a share of rows (0–1) was measured, or a number of them. */
  readonly kind: "share" | "rows";
  readonly measured: number;
  readonly threshold: number;
  readonly stops: boolean;
}

/** A number with what people read beside it. */
export interface Counted {
  readonly id: string;
  readonly says: string;
  readonly rows: number;
}

/** What a dry run shows (R6, M13). Counts only: no personal data; in lists, as JSON keeps no order of keys. */
export interface DryRunReport {
  readonly rows: number;
  /** The figures that the definition names, in its order. */
  readonly counts: readonly Counted[];
  readonly distributions: readonly {
    readonly id: string;
    readonly says: string;
    readonly values: Distribution;
  }[];
  readonly sections: readonly {
    readonly id: string;
    readonly says: string;
    readonly lines: readonly Counted[];
  }[];
  /** What the waves would do: commit, link, hold, skip, fail. */
  readonly plan: Distribution;
  /** Rows by what is created, by the name of its action. */
  readonly creates: Distribution;
  /** Rows that are there and would be changed, by the name of their action; none where a migration changes none. */
  readonly updates?: Distribution;
  /** Held, skipped and failed rows by reason. */
  readonly reasons: Distribution;
  /** Spellings no rule lists, with the nearest listed one (D2). */
  readonly unlisted_statuses: readonly {
    /** Whose spelling it is, where a definition decides by several fields. */
    readonly field?: string;
    readonly status: string | null;
    readonly rows: number;
    readonly nearest: string | null;
    /** Letters that are not what they look like. */
    readonly letters?: readonly string[];
  }[];
  /** How many more there are than those, the rarest; earlier reports do not say. */
  readonly unlisted_more?: More;
  readonly shared_emails: number;
  /** Phones that are nobody's (D31); earlier reports have none. */
  readonly shared_phones?: number;
  /** Groups of equal names too common to be compared with each other (D7). */
  readonly capped_groups: number;
  /** What was taken for real although its code is nearly one of a placeholder (M5); earlier reports have none. */
  readonly near_placeholders?: readonly NearPlaceholder[];
  /** And of those. */
  readonly near_more?: More;
  readonly stops: readonly StopCondition[];
}

/** What a list leaves out: so many values, which so many rows have. */
export interface More {
  readonly values: number;
  readonly rows: number;
}

/** A code that looks like a placeholder's and is none of those listed, and how many rows name it. */
export interface NearPlaceholder {
  readonly reference: string;
  readonly code: string;
  /** How many legacy things have the code, and how many rows name one of them. */
  readonly ids: number;
  readonly rows: number;
}

/** Counts by id, for logs and machines. */
export const byId = (counts: readonly Counted[]): Record<string, number> =>
  Object.fromEntries(counts.map(({ id, rows }) => [id, rows]));

/** A report as it was kept before counts were the definition's: figures by id, without words. */
type Kept = Omit<DryRunReport, "counts" | "distributions" | "sections"> & {
  readonly counts: Readonly<Record<string, number>>;
  readonly distributions: Readonly<Record<string, Distribution>>;
  readonly buckets?: Readonly<Record<string, number>>;
  readonly risks?: Readonly<Record<string, number>>;
};

/** A report as it is stored, of whatever age: what a run showed can be read for ever (D35). */
export function readReport(stored: DryRunReport | Kept): DryRunReport {
  if (Array.isArray(stored.counts)) return stored as DryRunReport;
  const { counts, distributions, buckets = {}, risks = {}, ...rest } = stored as Kept;
  return {
    ...rest,
    counts: worded(counts),
    distributions: Object.entries(distributions).map(([id, values]) => ({
      id,
      says: wordsOf(id),
      values,
    })),
    sections: [
      { id: "priority", says: "Priority", lines: worded(buckets) },
      { id: "risk", says: "Risk", lines: worded(risks) },
    ].filter(({ lines }) => lines.length > 0),
    stops: rest.stops.map((stop) => ({
      ...stop,
      kind: stop.kind ?? (stop.threshold > 0 ? "share" : "rows"),
    })),
  };
}

const worded = (figures: Readonly<Record<string, number>>): Counted[] =>
  Object.entries(figures).map(([id, rows]) => ({ id, says: wordsOf(id), rows }));

const wordsOf = (id: string): string => {
  const words = id.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};
