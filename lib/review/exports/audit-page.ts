import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import { sql, uuid } from "../../data/sql.ts";
import type { AuditEntry } from "../../evidence/audit-chain.ts";

/** A page of a run's audit log, the latest entry first, and what an auditor holds it against. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** Before which entry the next page begins; null at the end. */
  readonly next: number | null;
  /** What was exported, the latest first. */
  readonly exports: readonly AuditEntry[];
  /** The drill; `over` where the run was taken back whole since, so that it counts no longer. */
  readonly drill:
    | { readonly passed: boolean; readonly certificate: object; readonly over: boolean }
    | undefined;
}

/** Reads a page of the log by key; it holds no personal data of the people who are migrated (W14). */
export async function auditPage(
  db: Database,
  run: string,
  before: number | undefined,
  size: number,
): Promise<AuditPage> {
  const columns = sql`run_id::text as run_id, seq, at, actor, action, digest, details, previous, hash`;
  const [entries, exports, drills] = await Promise.all([
    rowsWhole<AuditEntry>(
      db,
      sql`
      select ${columns} from wavegate.audit_log
       where run_id = ${uuid(run)} and seq < ${before ?? 2_147_483_647}
       order by seq desc limit ${size + 1}`,
    ),
    rowsWhole<AuditEntry>(
      db,
      sql`
      select ${columns} from wavegate.audit_log
       where run_id = ${uuid(run)} and action in ('export-audit', 'export-review')
       order by seq desc limit 10`,
    ),
    db.rows<NonNullable<AuditPage["drill"]>>(sql`
      select passed, certificate, over from (
        select passed, certificate, false as over, 0 as seq from wavegate.drills where run_id = ${uuid(run)}
        union all
        -- Of a run that was taken back whole the log alone tells of it.
        select (details ->> 'passed')::boolean, details - 'passed', true, seq from wavegate.audit_log
         where run_id = ${uuid(run)} and action = 'drill') d
       order by over, seq desc limit 1`),
  ]);
  const shown = entries.slice(0, size);
  const next = entries.length > size ? (shown.at(-1)?.seq ?? null) : null;
  return { entries: shown, next, exports, drill: drills[0] };
}
