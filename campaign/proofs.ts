import { createHash } from "node:crypto";
import { type AuditEntry, verifyChain } from "../lib/evidence/audit-chain.ts";

const platform = [
  "users",
  "courses",
  "course_sessions",
  "crm_leads",
  "legacy_completed_trainings",
  "legacy_imported_enrollments",
  "enrollments",
  "payments",
  "attendances",
];
const targets = ["crm_leads", "legacy_completed_trainings", "legacy_imported_enrollments"];

/** Whoever looks past every stand-in: a pool does. */
export interface Look {
  query<Row extends object>(text: string, values?: unknown[]): Promise<{ rows: Row[] }>;
}

/** A digest of every row of every platform table. */
export async function platformDigest(look: Look): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const table of platform) {
    const { rows } = await look.query<{ row: string }>(
      `select to_jsonb(t)::text as row from ${table} t order by 1`,
    );
    digests[table] = createHash("sha256")
      .update(rows.map(({ row }) => row).join("\n"))
      .digest("hex");
  }
  return digests;
}

/** What a run came to: the same whatever failed on the way. */
export interface Outcome {
  readonly states: Record<string, number>;
  readonly created: Record<string, number>;
}

export async function outcomeOf(look: Look, run: string): Promise<Outcome> {
  const counted = async (text: string) =>
    Object.fromEntries(
      (await look.query<{ name: string; n: number }>(text, [run])).rows.map(({ name, n }) => [
        name,
        n,
      ]),
    );
  return {
    states: await counted(
      `select concat_ws(' ', import_state, state_reason) as name, count(*)::int as n
         from wavegate.legacy_student_imports where run_id = $1 group by 1 order by 1`,
    ),
    created: await counted(
      `select concat_ws(' ', action, target_table) as name, count(*)::int as n from wavegate.legacy_import_commit_logs
        where run_id = $1 and rolled_back_at is null group by 1 order by 1`,
    ),
  };
}

/** What must hold at any moment at which nothing is under way: each line names what does not. */
export async function broken(look: Look, run: string): Promise<string[]> {
  const found: string[] = [];
  const none = async (says: string, text: string, values: unknown[] = [run]) => {
    const { rows } = await look.query<{ n: number }>(text, values);
    if (rows[0]?.n !== 0) found.push(`${says}: ${rows[0]?.n}`);
  };
  await none(
    "legacy rows staged twice",
    `select count(*)::int as n from (select 1 from wavegate.legacy_student_imports where run_id = $1
       group by source_table, legacy_id having count(*) > 1) twice`,
  );
  await none(
    "rows with two standing ledger entries",
    `select count(*)::int as n from (select 1 from wavegate.legacy_import_commit_logs
       where run_id = $1 and rolled_back_at is null group by staged_id having count(*) > 1) twice`,
  );
  for (const table of targets) {
    await none(
      `ledger entries without their record in ${table}`,
      `select count(*)::int as n from wavegate.legacy_import_commit_logs l
        where l.run_id = $1 and l.rolled_back_at is null and l.action = 'commit' and l.target_table = '${table}'
          and not exists (select from ${table} t where t.id = l.target_id and to_jsonb(t) = l.after_image)`,
    );
    await none(
      `records in ${table} without a standing ledger entry`,
      `select count(*)::int as n from ${table} t where t.legacy_import_run_id = $1 and not exists (
         select from wavegate.legacy_import_commit_logs l where l.run_id = $1 and l.rolled_back_at is null
            and l.action = 'commit' and l.target_table = '${table}' and l.target_id = t.id)`,
    );
  }
  await none(
    "marks that differ from the ledger",
    `select count(*)::int as n from wavegate.legacy_student_imports s
       full join (select * from wavegate.legacy_import_commit_logs where run_id = $1 and rolled_back_at is null) l
         on l.staged_id = s.id and s.run_id = l.run_id
      where coalesce(s.run_id, l.run_id) = $1 and
            case l.action when 'commit' then 'committed' when 'link' then 'linked' else '' end
            <> case when s.import_state in ('committed', 'linked') then s.import_state else '' end`,
  );
  await none(
    // One whose beginning was lost holds nothing, and ends by itself.
    "transactions of nobody that hold locks",
    `select count(*)::int as n from pg_stat_activity a where datname = current_database()
        and xact_start is not null and pid <> pg_backend_pid() and usename like 'wavegate%' and $1 <> ''
        and exists (select from pg_locks l where l.pid = a.pid and l.locktype <> 'virtualxid')`,
  );
  const { rows: entries } = await look.query<AuditEntry>(
    "select * from wavegate.audit_log where run_id = $1 order by seq",
    [run],
  );
  const chain = verifyChain(entries);
  if (!chain.ok) found.push(`the audit chain at ${chain.at}: ${chain.because}`);
  return found;
}
