import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import type { WholeMigration } from "../../define/several.ts";
import type { AuditEntry } from "../audit-chain.ts";
import { INCIDENT } from "../incident-note.ts";
import { SECURITY_LOG } from "../security-log.ts";
import { jsonFile, jsonLines, UnreadableFile } from "./files.ts";

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
const Summary = z.strictObject({
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

const Balance = z.strictObject({
  staged: count,
  imported: count,
  ...states,
  holds: z.boolean(),
  conflicts: count.optional(),
  entities: z.array(z.looseObject({ entity: text, staged: count, ...states })).optional(),
});

const Wave = z.strictObject({
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

const SignOff = z.strictObject({
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

const Sample = z.strictObject({
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

const Question = z.strictObject({
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

const Verification = z.strictObject({
  id: count,
  kind: text,
  passed: z.boolean(),
  checks: z.array(checkOf),
  at: moment,
});
export type Verification = z.infer<typeof Verification>;

const Drill = z.strictObject({ passed: z.boolean(), certificate: z.looseObject({}), at: moment });

const GoNoGo = z.strictObject({
  ready: z.boolean(),
  items: z.array(z.strictObject({ id: text, says: text, holds: z.boolean(), judged: z.boolean() })),
});

const Entry = z.strictObject({
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

/** What the small files of an audit bundle say, each of the shape it must have. */
export interface Facts {
  readonly summary: z.infer<typeof Summary>;
  readonly balance: z.infer<typeof Balance>;
  readonly definition: WholeMigration;
  readonly waves: readonly Wave[];
  readonly signOffs: readonly SignOff[];
  readonly samples: readonly Sample[];
  /** None of a bundle that is older than questions are; then its log tells of none either. */
  readonly questions: readonly Question[];
  readonly verifications: readonly Verification[];
  readonly drill: z.infer<typeof Drill> | undefined;
  /** The incident note of a run that was taken back; bundles of earlier versions have none. */
  readonly incident: string | undefined;
  readonly goNoGo: z.infer<typeof GoNoGo>;
  /** Of the rules and of the run, by file name. */
  readonly documents: Readonly<Record<string, unknown>>;
  readonly log: readonly AuditEntry[];
  /** Permissions, sign-ins and refusals around runs: a chain of its own (W8). */
  readonly security: readonly AuditEntry[];
}

const ReviewSummary = z.strictObject({
  pinned_to: Pinned,
  dry_run: z.strictObject({ digest: text, parts, report: Report }),
});

/** What the summary of a review export says. */
export type ReviewFacts = z.infer<typeof ReviewSummary>;

/** Reads the summary of a review export, or says in words why it cannot be read. */
export async function readReviewFacts(
  directory: string,
): Promise<{ facts: ReviewFacts } | { because: string }> {
  try {
    const parsed = ReviewSummary.safeParse(await jsonFile(join(directory, "summary.json")));
    if (parsed.success) return { facts: parsed.data };
    return { because: `summary.json is not of its shape: ${issue(parsed.error)}` };
  } catch (error) {
    if (error instanceof UnreadableFile) return { because: error.message };
    throw error;
  }
}

/** Files that every audit bundle has; `drill.json` is there once a drill was held, `questions.json` in newer ones. */
export const ALWAYS: readonly string[] = [
  "audit-log.jsonl",
  "balance.json",
  "commit-log.csv.gz",
  "definition.json",
  "go-no-go.json",
  "migration-report.json",
  "rows.csv.gz",
  "samples.json",
  SECURITY_LOG,
  "sign-offs.json",
  "summary.json",
  "verifications.json",
  "waves.json",
];

const SOMETIMES: readonly string[] = ["drill.json", "questions.json", INCIDENT];

/** Files that every review export has, besides the mappings. */
export const OF_A_REVIEW: readonly string[] = ["rows.csv.gz", "summary.json"];

/** Reads the small files; in words what cannot be read or is not of its shape. */
export async function readFacts(
  directory: string,
  names: readonly string[],
): Promise<{ facts: Facts | undefined; unreadable: readonly string[] }> {
  const unreadable: string[] = [];
  const note = (error: unknown) => {
    if (!(error instanceof UnreadableFile)) throw error;
    unreadable.push(error.message);
    return undefined;
  };
  const read = async <Value>(name: string, shape: z.ZodType<Value>): Promise<Value | undefined> => {
    try {
      const parsed = shape.safeParse(await jsonFile<unknown>(join(directory, name)));
      if (parsed.success) return parsed.data;
      unreadable.push(`${name} is not of its shape: ${issue(parsed.error)}`);
      return undefined;
    } catch (error) {
      return note(error);
    }
  };
  const found = {
    summary: await read("summary.json", Summary),
    balance: await read("balance.json", Balance),
    definition: await read("definition.json", z.looseObject({ name: text })),
    waves: await read("waves.json", z.array(Wave)),
    signOffs: await read("sign-offs.json", z.array(SignOff)),
    samples: await read("samples.json", z.array(Sample)),
    questions: names.includes("questions.json")
      ? await read("questions.json", z.array(Question))
      : [],
    verifications: await read("verifications.json", z.array(Verification)),
    documents: await readDocuments(names, (name) => read(name, z.unknown())),
    drill: names.includes("drill.json") ? await read("drill.json", Drill) : undefined,
    incident: names.includes(INCIDENT)
      ? await readFile(join(directory, INCIDENT), "utf8")
      : undefined,
    goNoGo: await read("go-no-go.json", GoNoGo),
    log: await readLog(join(directory, "audit-log.jsonl")).catch(note),
    security: await readLog(join(directory, SECURITY_LOG)).catch(note),
  };
  const whole = unreadable.length === 0 ? (found as unknown as Facts) : undefined;
  return { facts: whole, unreadable };
}

/** What no file of every bundle is: the documents of the rules, and of the run. */
async function readDocuments(
  names: readonly string[],
  read: (name: string) => Promise<unknown>,
): Promise<Readonly<Record<string, unknown>>> {
  const found: Record<string, unknown> = {};
  for (const name of names)
    if (name.endsWith(".json") && !ALWAYS.includes(name) && !SOMETIMES.includes(name))
      found[name] = await read(name);
  return found;
}

async function readLog(path: string): Promise<AuditEntry[]> {
  const log: AuditEntry[] = [];
  for await (const value of jsonLines<unknown>(path)) {
    const parsed = Entry.safeParse(value);
    if (!parsed.success) {
      throw new UnreadableFile(`${basename(path)} line ${log.length + 1} is no audit entry`);
    }
    log.push(parsed.data);
  }
  return log;
}

function issue(error: z.ZodError): string {
  const [first] = error.issues;
  return `${first?.path.join(".") || "the whole"}: ${first?.message}`;
}
