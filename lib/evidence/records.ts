import type { Database } from "../data/database.ts";
import { allRecords } from "../data/records.ts";
import { raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { AuditEntry } from "./audit-chain.ts";

/** A record of evidence as it is exported. */
export type EvidenceRecord = Readonly<Record<string, unknown>>;

/** The waves of a run, with what they wrote and how they were verified. */
export const waves = (db: Database, runId: string): Promise<EvidenceRecord[]> =>
  allRecords(
    db,
    recordsOf(runId, "waves", "wave", [
      "wave",
      "round",
      "size",
      "status",
      "digest",
      "sign_off_id",
      "counts",
      "before",
      "verification",
      "clean",
      "committed_at",
      "verified_at",
      "rolled_back_at",
    ]),
  );

/** Questions and decisions: who, when, which gate, on what. Neither links nor tokens (W8). */
export const signOffs = (db: Database, runId: string): Promise<EvidenceRecord[]> =>
  allRecords(
    db,
    recordsOf(runId, "sign_offs", "asked_order", [
      "id",
      "gate",
      "digest",
      "parts",
      "stops",
      "status",
      "changes_asked",
      "asked_at",
      "expires_at",
      "decided_by",
      "decided_at",
      "comment",
      "override_by",
      "override_reason",
      "override_at",
      "override_stops",
      "void_because",
    ]),
  );

/** Which rows were drawn, and the verdict on each (R9). */
export const samples = (db: Database, runId: string): Promise<EvidenceRecord[]> =>
  allRecords(
    db,
    recordsOf(runId, "samples", "digest, bucket, position, staged_id", [
      "digest",
      "bucket",
      "position",
      "staged_id",
      "verdict",
      "wrong",
      "judged_by",
      "judged_at",
    ]),
  );

/** What was asked about single rows, by whom, and what closed it (B9). */
export const questions = (db: Database, runId: string): Promise<EvidenceRecord[]> =>
  allRecords(
    db,
    recordsOf(runId, "row_questions", "number", [
      "number",
      "staged_id",
      "asked_by",
      "asked_at",
      "question",
      "closed_by",
      "closed_at",
      "answer",
    ]),
  );

/** Every verification, of waves, of rollbacks and the final one. */
export const verifications = (db: Database, runId: string): Promise<EvidenceRecord[]> =>
  allRecords(db, recordsOf(runId, "verifications", "id", ["id", "kind", "passed", "checks", "at"]));

/** The certificate of the rollback drill (R14): none or one. */
export const drills = (db: Database, runId: string): Promise<EvidenceRecord[]> =>
  allRecords(db, recordsOf(runId, "drills", "at", ["passed", "certificate", "at"]));

/** What each dry run showed. */
export const dryRuns = (db: Database, runId: string): Promise<EvidenceRecord[]> =>
  allRecords(
    db,
    recordsOf(runId, "dry_runs", "created_at, digest", ["digest", "parts", "report", "created_at"]),
  );

/** The review exports that decisions were made on. */
export const reviewExports = (db: Database, runId: string): Promise<EvidenceRecord[]> =>
  allRecords(
    db,
    recordsOf(runId, "review_exports", "created_at, digest", [
      "digest",
      "prefix",
      "manifest",
      "manifest_digest",
      "created_at",
    ]),
  );

const ofEntry = ["run_id", "seq", "at", "actor", "action", "digest", "details", "previous", "hash"];

/**
 * The audit log, oldest first (W12). Its entries are numbered without a gap, so each answer begins where the one before it
 * ended; of one that somebody took entries from all that is left is told.
 */
export async function auditLog(db: Database, runId: string): Promise<AuditEntry[]> {
  const numbered = await allRecords<AuditEntry>(
    db,
    sql`
    select seq as n, ${raw(recordOf(ofEntry))} as record
      from wavegate.audit_log t where run_id = ${uuid(runId)}`,
  );
  const { entries } = await db.one<{ entries: number }>(
    sql`select count(*) as entries from wavegate.audit_log where run_id = ${uuid(runId)}`,
  );
  return numbered.length === entries && numbered.every(({ seq }, index) => seq === index + 1)
    ? numbered
    : allRecords<AuditEntry>(db, recordsOf(runId, "audit_log", "seq", ofEntry));
}

/** Records are made of those alone that an answer is about, however many stand before them. */
const recordsOf = (
  runId: string,
  table: string,
  order: string,
  columns: readonly string[],
): Sql => sql`
    select n, ${raw(recordOf(columns))} as record
      from (select row_number() over (order by ${raw(order)}) as n, ${raw(columns.join(", "))} from wavegate.${raw(table)}
             where run_id = ${uuid(runId)}) t`;

/** Columns are listed one by one, so that one added later is not exported by itself. */
const recordOf = (columns: readonly string[]): string =>
  `json_build_object(${columns.map((column) => `'${column}', t.${column}`).join(", ")})`;
