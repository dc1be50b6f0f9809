import type { Migration, StopThresholds } from "../define/definition.ts";
import { nearest } from "../normalize/status.ts";
import type { Distribution, DryRunReport } from "../review/report.ts";
import { stopConditions } from "../review/stop-conditions.ts";

/** Rows that agree in everything that is counted. */
export interface DecisionCount {
  readonly source_table: string;
  readonly classification: string;
  readonly validation_status: string;
  readonly duplicate_confidence: string;
  readonly source_duplicate_confidence: string;
  readonly import_action: string;
  readonly session_type: string;
  readonly planned: string | null;
  readonly planned_action: string | null;
  readonly planned_reason: string | null;
  readonly unmapped: boolean;
  readonly rows: number;
}

/** A spelling that the definition does not list, and how many rows have it. */
export interface UnlistedStatus {
  readonly status: string | null;
  readonly rows: number;
}

/** What a dry run looks at besides the decisions. */
export interface DryRunFacts {
  readonly statuses: readonly UnlistedStatus[];
  readonly sharedEmails: number;
  readonly cappedGroups: number;
  readonly placeholdersTakenForReal: number;
}

/** The report of a dry run from its counts. Pure: the same counts give the same report. */
export function dryRunReport(
  migration: Migration,
  counts: readonly DecisionCount[],
  facts: DryRunFacts,
): DryRunReport {
  const rowsWhere = (holds: (count: DecisionCount) => boolean): number =>
    counts.reduce((sum, count) => (holds(count) ? sum + count.rows : sum), 0);
  const by = (column: keyof DecisionCount): Distribution => {
    const found: Record<string, number> = {};
    for (const count of counts) {
      const value = count[column];
      if (value !== null) found[String(value)] = (found[String(value)] ?? 0) + count.rows;
    }
    return found;
  };
  const is = (classification: string) => (count: DecisionCount) =>
    count.classification === classification;
  const focus = (mode: string): readonly string[] => migration.focus.modes[mode] ?? [];
  const inFocus = (mode: string) => (count: DecisionCount) =>
    focus(mode).includes(count.classification);

  const rows = rowsWhere(() => true);
  const history = rowsWhere(inFocus("historical_completed"));
  const nonLead = (count: DecisionCount) => !inFocus("lead_only")(count);
  // Counted where they block history, as a lead is never blocked by its course (M13, D11).
  const unmapped = rowsWhere((count) => inFocus("historical_completed")(count) && count.unmapped);
  const duplicates = rowsWhere(({ duplicate_confidence }) => duplicate_confidence !== "none");
  const placeholders = rowsWhere(({ session_type }) => session_type === "placeholder_session");
  const needsReview = rowsWhere(({ validation_status }) => validation_status === "needs_review");
  const listed = migration.entity.classify.as.flatMap(({ statuses }) => statuses);

  return {
    rows,
    counts: {
      completed_history: rowsWhere(is("completed")),
      archived_training: rowsWhere(is("archived_training")),
      registered_pending: rowsWhere(is("registered")),
      lead_only: rowsWhere(is("lead_only")),
      duplicates,
      placeholder_sessions: placeholders,
      unmapped_courses: unmapped,
      unknown_or_needs_review: rowsWhere(
        (count) => count.classification === "unknown" || count.validation_status === "needs_review",
      ),
    },
    distributions: {
      source_table: by("source_table"),
      classification: by("classification"),
      validation_status: by("validation_status"),
      duplicate_confidence: by("duplicate_confidence"),
      source_duplicate_confidence: by("source_duplicate_confidence"),
      import_action: by("import_action"),
      session_type: by("session_type"),
    },
    buckets: {
      completed_history: history,
      registered_pending: rowsWhere(inFocus("registered_pending")),
      lead_only: rowsWhere(inFocus("lead_only")),
      other:
        rows - history - rowsWhere(inFocus("registered_pending")) - rowsWhere(inFocus("lead_only")),
    },
    risks: {
      needs_review: needsReview,
      duplicates,
      placeholder_sessions: placeholders,
      unmapped_courses: unmapped,
    },
    plan: by("planned"),
    creates: by("planned_action"),
    reasons: by("planned_reason"),
    unlisted_statuses: facts.statuses.map(({ status, rows: found }) => ({
      status,
      rows: found,
      nearest: status === null ? null : (nearest(status, listed)?.word ?? null),
    })),
    shared_emails: facts.sharedEmails,
    capped_groups: facts.cappedGroups,
    stops: stopConditions(migration.stop satisfies StopThresholds, {
      rows,
      nonLeadRows: rowsWhere(nonLead),
      unmappedCourses: unmapped,
      unknownRows: rowsWhere(is("unknown")),
      highDuplicates: rowsWhere(({ duplicate_confidence }) => duplicate_confidence === "high"),
      placeholdersTakenForReal: facts.placeholdersTakenForReal,
      samplesJudgedWrong: 0,
    }),
  };
}
