import * as z from "zod";

/** The small files of an audit bundle and of a review export, each of the one shape that it may have. */
const text = z.string();
const moment = z.string();
const count = z.number();
const counts = z.record(z.string(), count);
const parts = z.strictObject({
  definition: text,
  run: text,
  rows: text,
  mappings: text,
});
const stop = z.looseObject({ id: text, measured: count, threshold: count, stops: z.boolean() });
const counted = z.looseObject({ id: text, rows: count });
const checkOf = z.looseObject({
  id: text,
  passed: z.boolean(),
  expected: z.union([text, count]),
  got: z.union([text, count]),
  at_most: z.literal(true).optional(),
});

const Report = z.looseObject({
  rows: count,
  counts: z.array(counted),
  distributions: z.array(z.looseObject({ id: text, values: counts })),
  sections: z.array(z.looseObject({ id: text, lines: z.array(counted) })),
  plan: counts,
  creates: counts,
  updates: counts.optional(),
  reasons: counts,
  unlisted_statuses: z.array(z.looseObject({ status: text.nullable(), rows: count })),
  stops: z.array(stop),
});
export type ShownReport = z.infer<typeof Report>;

const Pinned = z.strictObject({
  run: text,
  reference: text,
  migration: text,
  definition_digest: text,
  connection: text,
  source: z.looseObject({}),
  focus_mode: text,
  wave_plan: z.array(count).min(1),
  gates: z.enum(["every-wave", "on-anomaly"]),
  seed: text,
  settings: z.record(text, text).optional(),
  started_by: text.nullable(),
  started_at: moment,
});
export type Pinned = z.infer<typeof Pinned>;

// What the records of a bundle are made of is strict: a field that wavegate never wrote is compared with nothing, and
// would be read all the same. Versions have added fields and taken none away.
export const Summary = z.strictObject({
  pinned_to: Pinned,
  status: text,
  stage: text,
  halted_because: z.looseObject({ error: text }).nullable(),
  acknowledgements: z.looseObject({ backup: text.nullish() }),
  preflight: z.looseObject({
    passed: z.boolean().optional(),
    checks: z.array(z.looseObject({ id: text, passed: z.boolean() })).optional(),
  }),
  counts: z.record(z.string(), z.union([count, counts])),
  balance: z.looseObject({}),
  dry_runs: z.array(z.strictObject({ digest: text, parts, report: Report, created_at: moment })),
  review_exports: z.array(
    z.strictObject({
      digest: text,
      prefix: text,
      manifest: z.unknown().optional(),
      manifest_digest: text,
      created_at: moment,
    }),
  ),
  erased: z.looseObject({ at: text, by: text }).optional(),
  exported_at: moment,
});

const states = {
  pending: count,
  committed: count,
  linked: count,
  skipped: count,
  held: count,
  failed: count,
  rolled_back: count,
};

export const Balance = z.strictObject({
  staged: count,
  imported: count,
  ...states,
  holds: z.boolean(),
  conflicts: count.optional(),
  entities: z.array(z.looseObject({ entity: text, staged: count, ...states })).optional(),
});

export const Wave = z.strictObject({
  wave: count,
  round: count,
  size: count,
  status: z.enum(["committed", "verified", "failed", "rolled_back"]),
  digest: text,
  sign_off_id: text.nullable(),
  counts: z.looseObject({
    picked: count,
    committed: count,
    linked: count,
    created: counts,
    updated: counts.optional(),
    heldBack: count,
    before: count,
    guardedBefore: counts,
    guardedAfter: counts,
    skipped: count.optional(),
    refused: counts.optional(),
    rolledBack: z.looseObject({ undone: count, spared: count, gone: count }).optional(),
  }),
  before: z.looseObject({}),
  verification: z.array(checkOf).nullable(),
  clean: z.boolean().nullable(),
  committed_at: moment,
  verified_at: moment.nullable(),
  rolled_back_at: moment.nullable(),
});
export type Wave = z.infer<typeof Wave>;

export const SignOff = z.strictObject({
  id: text,
  gate: text,
  digest: text,
  parts: parts.extend({ export: text.nullable() }),
  stops: z.array(stop),
  status: z.enum(["pending", "approved", "rejected", "voided", "expired"]),
  asked_at: moment,
  expires_at: moment.nullable(),
  decided_by: text.nullable(),
  decided_at: moment.nullable(),
  comment: text.nullable(),
  override_by: text.nullable(),
  override_reason: text.nullable(),
  override_at: moment.nullable(),
  override_stops: z.array(text),
  void_because: text.nullable(),
  changes_asked: z.boolean().nullish(),
});
export type SignOff = z.infer<typeof SignOff>;

export const Sample = z.strictObject({
  digest: text,
  bucket: text,
  position: count,
  staged_id: count,
  verdict: z.enum(["right", "wrong"]).nullable(),
  wrong: z.array(text).nullable(),
  judged_by: text.nullable(),
  judged_at: moment.nullable(),
});
export type Sample = z.infer<typeof Sample>;

export const Question = z.strictObject({
  number: count,
  staged_id: count,
  asked_by: text,
  asked_at: moment,
  question: text,
  closed_by: text.nullable(),
  closed_at: moment.nullable(),
  answer: text.nullable(),
});
export type Question = z.infer<typeof Question>;

export const Verification = z.strictObject({
  id: count,
  kind: text,
  passed: z.boolean(),
  checks: z.array(checkOf),
  at: moment,
});
export type Verification = z.infer<typeof Verification>;

export const Drill = z.strictObject({
  passed: z.boolean(),
  certificate: z.looseObject({}),
  at: moment,
});

export const GoNoGo = z.strictObject({
  ready: z.boolean(),
  items: z.array(z.strictObject({ id: text, says: text, holds: z.boolean(), judged: z.boolean() })),
});

export const Entry = z.strictObject({
  run_id: text,
  seq: z.number().int(),
  at: moment,
  actor: text,
  action: text,
  digest: text.nullable(),
  details: z.record(z.string(), z.unknown()),
  previous: text,
  hash: text,
});

export const ReviewSummary = z.strictObject({
  pinned_to: Pinned,
  dry_run: z.strictObject({ digest: text, parts, report: Report }),
});

/** What the summary of a review export says. */
export type ReviewFacts = z.infer<typeof ReviewSummary>;
