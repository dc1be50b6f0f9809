import { writeWave } from "../../lib/compile/wave/wave.ts";
import { definitionDigest, findRun } from "../../lib/data/runs.ts";
import { sql, uuid } from "../../lib/data/sql.ts";
import { reviewDigest } from "../../lib/review/digest/digest.ts";
import type { Services } from "../../lib/services/services.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import type { Admin } from "./support.ts";

export const runId = "7f3a0000-0000-4000-8000-000000000001";
export const reference = "ecoin-20261120-7f3a";

/** A report of a dry run that counts nothing but its rows. */
const nothingCounted = {
  rows: 3,
  counts: [],
  distributions: [],
  sections: [],
  plan: {},
  creates: {},
  reasons: {},
  unlisted_statuses: [],
  stops: [],
};

/** One staged row; everything else has a harmless default. */
export interface Staged {
  readonly legacyId: number;
  readonly table?: "stagiaires" | "archives";
  readonly name?: string;
  readonly phone?: string | null;
  readonly email?: string | null;
  readonly born?: string | null;
  readonly classification?: string;
  readonly issues?: readonly string[];
  readonly action?: string;
  readonly planned?: "commit" | "link" | "hold" | "skip" | "fail";
  readonly plannedAction?: string | null;
  readonly reason?: string | null;
  readonly state?: string;
  readonly linkTo?: number;
}

/** A run with these rows staged and judged, a course and a session mapping, and a dry run; its digest. */
export async function stageRun(
  admin: Admin,
  services: Services,
  rows: readonly Staged[],
): Promise<string> {
  await admin.query(
    `insert into wavegate.legacy_import_runs
       (id, reference, migration, definition_digest, definition, connection_name, source, focus_mode,
        wave_plan, seed, started_by, created_at)
     values ($1, $2, 'ecoin', $3, $4, 'legacy', '{"description": "mysql at legacy"}',
             'historical_completed', '[25,100,100,250]', 'seed', 'amina', '2026-11-20T09:00:00Z')`,
    [runId, reference, definitionDigest(ecoin), JSON.stringify(ecoin)],
  );
  await admin.query(`insert into courses (id, name) values (9011, 'Couture')`);
  await admin.query(
    `insert into wavegate.legacy_course_mappings
       (run_id, legacy_formation_id, legacy_name, course_id, confidence, status, decided_by)
     values ($1, 5, '=HYPERLINK("http://x", "Couture")', 9011, 0.875, 'confirmed', 'brahim'),
            ($1, 6, 'Coiffure, "dames"', null, null, 'unmapped', null)`,
    [runId],
  );
  await admin.query(
    `insert into wavegate.legacy_session_mappings
       (run_id, legacy_session_id, code, parent_id, session_type, status)
     values ($1, 235, 'Session-Attente', null, 'placeholder_session', 'needs_review')`,
    [runId],
  );
  await admin.query(
    `insert into wavegate.import_ranges (run_id, n, source_table, rows_read, rows_staged, done_at)
     values ($1, 1, 'stagiaires', $2, $2, now())`,
    [runId, rows.length],
  );
  for (const row of rows) await stageRow(admin, row);
  const { digest, parts } = await reviewDigest(
    services.stage,
    ecoin,
    await findRun(services.stage, runId),
  );
  await admin.query(
    `insert into wavegate.dry_runs (run_id, digest, parts, report) values ($1, $2, $3, $4)`,
    [runId, digest, JSON.stringify(parts), JSON.stringify(nothingCounted)],
  );
  return digest;
}

async function stageRow(admin: Admin, row: Staged): Promise<void> {
  const { rows } = await admin.query(
    `insert into wavegate.legacy_student_imports
       (run_id, source_table, legacy_id, full_name, phone_raw, phone_normalized, email_raw,
        email_normalized, birth_date, raw_status, legacy_formation_id, raw_payload, validation_status,
        validation_issues, classification, planned, planned_action, planned_reason, import_state,
        link_table, link_id)
     values ($1, $2, $3, $4, $5, $5, $6, $6, $7, 'Formée', 5, $8, 'valid', $9, $10, $11, $12, $13, $14,
             case when $15::bigint is not null then 'users' end, $15)
     returning id`,
    [
      runId,
      row.table ?? "stagiaires",
      row.legacyId,
      row.name ?? "Benali Sara",
      row.phone === undefined ? "213559446168" : row.phone,
      row.email === undefined ? "sara.benali@example.com" : row.email,
      row.born === undefined ? "1987-05-01" : row.born,
      JSON.stringify({ remarque: "secret remark", telephone: "0559446168" }),
      JSON.stringify(row.issues ?? []),
      row.classification ?? "completed",
      row.planned ?? "commit",
      row.plannedAction === undefined ? "create_legacy_completed_training" : row.plannedAction,
      row.reason ?? null,
      row.state ?? "pending",
      row.linkTo ?? null,
    ],
  );
  await admin.query(
    `insert into wavegate.legacy_training_imports
       (run_id, student_import_id, legacy_formation_id, session_type, import_action)
     values ($1, $2, 5, 'none', $3)`,
    [runId, rows[0]?.id, row.action ?? "create_legacy_completed_training"],
  );
}

const signOffId = "7f3a0000-0000-4000-8000-0000000000aa";

/** A sign-off by `approver`, and wave one on it, written by the real statement as the commit role. */
export async function commitWave(
  admin: Admin,
  services: Services,
  digest: string,
  approver = "brahim",
): Promise<void> {
  await admin.query(
    `insert into wavegate.sign_offs
       (id, run_id, gate, digest, link_hash, token, execution_arn, status, decided_by, decided_at, comment)
     values ($1, $2, 'first_wave', $3, 'hash-of-the-link', 'sealed-token', 'arn:execution', 'approved',
             $4, '2026-11-20T09:30:00Z', 'looks right')`,
    [signOffId, runId, digest, approver],
  );
  const order = { run: runId, wave: 1, round: 1, size: 25, kinds: ["completed"] };
  await services.commitOf("ecoin").transaction(async (db) => {
    await db.execute(
      sql`insert into wavegate.commit_locks (migration, run_id) values ('ecoin', ${uuid(runId)})
          on conflict (migration) do update set run_id = excluded.run_id`,
    );
    await db.one(writeWave(ecoin, order));
  });
  await admin.query(
    `insert into wavegate.waves (run_id, wave, size, status, digest, sign_off_id, clean)
     values ($1, 1, 25, 'verified', $2, $3, true)`,
    [runId, digest, signOffId],
  );
}
