import type pg from "pg";
import { definitionDigest, findRun } from "../../lib/data/runs.ts";
import { reviewDigest } from "../../lib/review/digest/digest.ts";
import type { DryRunReport } from "../../lib/review/report.ts";
import { drawSamples } from "../../lib/review/samples/samples.ts";
import { stopConditions } from "../../lib/review/sign-off/stop-conditions.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import type { World } from "./support.ts";

export const runId = "7f3a0000-0000-4000-8000-000000000001";
export const reference = "ecoin-20261120-7f3a";

/** A staged and judged row; everything else has a harmless default. */
export interface Staged {
  readonly legacyId: number;
  readonly table?: "stagiaires" | "archives";
  readonly name?: string;
  readonly phone?: string | null;
  readonly email?: string | null;
  readonly classification?: string;
  readonly duplicate?: "none" | "low" | "medium" | "high";
  readonly course?: number;
  readonly session?: number | null;
  readonly sessionType?: "real_session" | "placeholder_session" | "unknown_session" | "none";
  readonly remark?: string;
}

/** Makes the run, its mappings (course 5 mapped, 6 unmapped; session 7 real, 235 a waiting list) and these rows. */
export async function stageRun(admin: pg.Client, rows: readonly Staged[]): Promise<void> {
  await admin.query(
    `insert into wavegate.legacy_import_runs
       (id, reference, migration, definition_digest, definition, connection_name, source, focus_mode,
        wave_plan, seed, execution_arn, created_at)
     values ($1, $2, 'ecoin', $3, $4, 'legacy', '{"description": "mysql at legacy"}',
             'historical_completed', '[25,100,100,250]', 'seed', 'arn:execution', '2026-11-20T09:00:00Z')`,
    [runId, reference, definitionDigest(ecoin), JSON.stringify(ecoin)],
  );
  await admin.query(
    `insert into wavegate.legacy_course_mappings
       (run_id, legacy_formation_id, legacy_name, course_id, confidence, status)
     values ($1, 5, 'Couture', 11, 1, 'mapped'), ($1, 6, 'Coiffure', null, null, 'unmapped')`,
    [runId],
  );
  await admin.query(
    `insert into wavegate.legacy_session_mappings
       (run_id, legacy_session_id, code, parent_id, session_type, status)
     values ($1, 7, 'C-2019', 5, 'real_session', 'confirmed'),
            ($1, 235, 'Session-Attente', null, 'placeholder_session', 'needs_review')`,
    [runId],
  );
  await admin.query(
    `with given as (
       select * from jsonb_to_recordset($2) as g
         ("legacyId" bigint, "table" text, name text, phone text, email text, classification text,
          duplicate text, course bigint, session bigint, "sessionType" text, remark text)),
     staged as (
       insert into wavegate.legacy_student_imports
         (run_id, source_table, legacy_id, full_name, phone_raw, phone_normalized, email_raw,
          email_normalized, birth_date, raw_status, legacy_formation_id, legacy_session_id,
          raw_payload, validation_status, classification, duplicate_confidence, planned,
          planned_action)
       select $1, "table", "legacyId", name, phone, phone, email, email, '1987-05-01', 'Formée',
              course, session, jsonb_build_object('nom', name, 'remarque', remark), 'valid',
              classification, duplicate, 'commit', 'create_legacy_completed_training'
         from given order by "legacyId"
       returning id, legacy_id)
     insert into wavegate.legacy_training_imports
       (run_id, student_import_id, legacy_formation_id, legacy_session_id, session_type, import_action)
     select $1, staged.id, course, session, "sessionType", 'create_legacy_completed_training'
       from staged join given on "legacyId" = legacy_id order by staged.id`,
    [runId, JSON.stringify(rows.map(staged))],
  );
}

const staged = (row: Staged) => ({
  table: "stagiaires",
  name: "Benali Sara",
  phone: "213559446168",
  email: "sara.benali@example.com",
  classification: "completed",
  duplicate: "none",
  course: 5,
  session: 7,
  sessionType: "real_session",
  remark: "a remark",
  ...row,
});

/** `count` completed rows with legacy ids from `first` on. */
export const completed = (count: number, first = 1): Staged[] =>
  Array.from({ length: count }, (_, index) => ({ legacyId: first + index }));

/** Keeps a dry run and a review export of the state as it is now; its digest. */
export async function review(world: World, high = 0): Promise<string> {
  const { stage } = world.services;
  const found = await findRun(stage, runId);
  // Whoever asks first has the platform say who started it.
  const run = { ...found, started_by: found.started_by ?? world.execution.starter ?? "karim" };
  const { digest, parts } = await reviewDigest(stage, ecoin, run);
  const report = reportWith(high);
  await world.admin.query(
    `insert into wavegate.dry_runs (run_id, digest, parts, report) values ($1, $2, $3, $4)
     on conflict do nothing`,
    [runId, digest, JSON.stringify(parts), JSON.stringify(report)],
  );
  await world.admin.query(
    `insert into wavegate.review_exports (run_id, digest, prefix, manifest, manifest_digest)
     values ($1, $2, $3, '{}', $4) on conflict do nothing`,
    [runId, digest, `ecoin/${reference}/review/${digest.slice(0, 12)}/`, "c".repeat(64)],
  );
  await drawSamples(stage, ecoin, run, digest);
  return digest;
}

/** A report of 100 rows, of which `high` are people the platform knows. */
function reportWith(high: number): DryRunReport {
  return {
    rows: 100,
    counts: [
      { id: "completed_history", says: "Completed history", rows: 60 },
      { id: "archived_training", says: "Archived training", rows: 25 },
      { id: "registered_pending", says: "Registered pending", rows: 5 },
      { id: "lead_only", says: "Lead only", rows: 8 },
      { id: "duplicates", says: "Duplicates", rows: high },
      { id: "placeholder_sessions", says: "Placeholder sessions", rows: 3 },
      { id: "unmapped_courses", says: "Unmapped courses", rows: 2 },
      { id: "unknown_or_needs_review", says: "Unknown or needs review", rows: 2 },
    ],
    distributions: distributions({
      source_table: { stagiaires: 75, archives: 25 },
      classification: {
        completed: 60,
        archived_training: 25,
        registered: 5,
        lead_only: 8,
        unknown: 2,
      },
      validation_status: { valid: 90, needs_review: 8, failed: 2 },
      duplicate_confidence: { none: 100 - high, high },
      source_duplicate_confidence: { none: 96, medium: 4 },
      import_action: { create_legacy_completed_training: 83, needs_review: 17 },
      session_type: { real_session: 90, placeholder_session: 3, none: 7 },
    }),
    sections: [
      { id: "risk", says: "Risk", lines: [{ id: "needs_review", says: "needs review", rows: 17 }] },
    ],
    plan: { commit: 83, link: 3, hold: 12, skip: 0, fail: 2 },
    creates: { create_legacy_completed_training: 83 },
    reasons: { needs_review: 12, name_missing: 2 },
    unlisted_statuses: [{ status: "Formee ?", rows: 2, nearest: "Formée" }],
    unlisted_more: { values: 3, rows: 4 },
    shared_emails: 1,
    capped_groups: 0,
    stops: stopConditions(
      ecoin.stops,
      {
        rows: 100,
        // Only the duplicates are more than nothing.
        where: (condition) => (JSON.stringify(condition).includes('"high"') ? high : 0),
        takenForReal: () => 0,
      },
      0,
    ),
  };
}

const distributions = (values: Record<string, Record<string, number>>) =>
  ecoin.report.distributions.map(({ column, says }) => ({
    id: column,
    says,
    values: values[column] ?? {},
  }));
