import { expect, it } from "vitest";
import { readReport } from "../../lib/review/report.ts";

const others = {
  rows: 3,
  plan: { commit: 3 },
  creates: {},
  reasons: {},
  unlisted_statuses: [],
  shared_emails: 0,
  capped_groups: 0,
};

it("B8 a report kept before counts were the definition's is read with words made of its ids", () => {
  const kept = {
    ...others,
    counts: { completed_history: 2, lead_only: 1 },
    distributions: { source_table: { archives: 3 } },
    buckets: { other: 3 },
    risks: { needs_review: 0 },
    stops: [
      { id: "unknown_rows", says: "Too many.", measured: 0.1, threshold: 0.05, stops: true },
      { id: "sample_judged_wrong", says: "Wrong.", measured: 0, threshold: 0, stops: false },
    ],
  };
  expect(readReport(kept as unknown as Parameters<typeof readReport>[0])).toEqual({
    ...others,
    counts: [
      { id: "completed_history", says: "Completed history", rows: 2 },
      { id: "lead_only", says: "Lead only", rows: 1 },
    ],
    distributions: [{ id: "source_table", says: "Source table", values: { archives: 3 } }],
    sections: [
      { id: "priority", says: "Priority", lines: [{ id: "other", says: "Other", rows: 3 }] },
      { id: "risk", says: "Risk", lines: [{ id: "needs_review", says: "Needs review", rows: 0 }] },
    ],
    stops: [
      {
        id: "unknown_rows",
        says: "Too many.",
        kind: "share",
        measured: 0.1,
        threshold: 0.05,
        stops: true,
      },
      {
        id: "sample_judged_wrong",
        says: "Wrong.",
        kind: "rows",
        measured: 0,
        threshold: 0,
        stops: false,
      },
    ],
  });
});
