import { countStaged } from "../compile/staging/import.ts";
import { gatherStatistics } from "../compile/statistics.ts";
import type { Database } from "../data/database.ts";
import { lockRun, type Run } from "../data/runs.ts";
import { requireSame, serverOf } from "../data/same-server.ts";
import { json, sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { readTables } from "../define/made.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { count, several } from "../services/words.ts";
import { type WhileRead, whileRead } from "./import/all-read.ts";
import { stageMade } from "./import/made-rows.ts";
import { openAfter, requireReached } from "./run/opened-run.ts";

/** Rows read from the source and rows staged, by table. */
export interface Imported {
  readonly run: string;
  readonly staged: Record<string, number>;
}

/**
 * Ends an import: every range is done, the source was not written anew meanwhile, and as many rows are
 * staged as were read, or the import is refused with the range to look at. Nothing is judged yet.
 */
export async function finishImport(services: Services, id: string): Promise<Imported> {
  const { run, migration, parts } = await openAfter(services, id, "preflight");
  const db = services.stage;
  const server = await serverOf(db);
  let told: WhileRead = {};
  if (run.stage === "preflight") {
    await requireWhole(db, run, [...Object.keys(readTables(migration.source))]);
    told = await whileRead(services, run, migration, parts);
    await stageMade(services, run, migration);
  }
  for (const { entity } of parts)
    await db.execute(gatherStatistics(`${entity.staging.table}_source`));
  return db.transaction(async (transaction) => {
    // Whoever still stages a set of rows is waited for; behind this line nobody does.
    await lockRun(transaction, run.id);
    const { stage } = await requireReached(transaction, run.id, "preflight");
    await requireWhole(transaction, run);
    requireSame(await serverOf(transaction), server);
    const staged = await stagedByTable(transaction, parts, run.id);
    // What is staged stays as it is from here on, and a later stage that is done stays done.
    if (stage !== "preflight") return { run: run.id, staged };
    const total = Object.values(staged).reduce((sum, rows) => sum + rows, 0);
    await requireBalanced(transaction, run, total);
    await transaction.execute(
      sql`delete from wavegate.source_glimpses where run_id = ${uuid(run.id)}`,
    );
    await transaction.execute(sql`
      update wavegate.legacy_import_runs
         set counts = counts || ${json({ staged, staged_rows: total, ...told })}, stage = 'import', updated_at = now()
       where id = ${uuid(run.id)}`);
    return { run: run.id, staged };
  });
}

async function requireWhole(db: Database, run: Run, tables?: readonly string[]): Promise<void> {
  const all = await db.rows<{ n: number; source_table: string }>(sql`
    select n, source_table from wavegate.import_ranges
     where run_id = ${uuid(run.id)} and done_at is null order by n`);
  const open = all.filter(({ source_table }) => tables?.includes(source_table) ?? true);
  if (open.length === 0) return;
  throw new Refusal(
    "ImportIncomplete",
    `${several(open.length, "import range")} of ${run.reference} ${open.length === 1 ? "is" : "are"} not done; the first is number ` +
      `${open[0]?.n} of ${open[0]?.source_table}. What was staged stays. ` +
      `Run \`wavegate import --run ${run.reference}\` to go on.`,
  );
}

async function stagedByTable(
  db: Database,
  parts: readonly Migration[],
  run: string,
): Promise<Record<string, number>> {
  const staged = new Map<string, number>();
  for (const part of parts) {
    // A table without rows is told as one.
    for (const table of part.entity.from) staged.set(table, staged.get(table) ?? 0);
    const rows = await db.rows<{ source_table: string; rows: number }>(countStaged(part, run));
    for (const { source_table, rows: of } of rows)
      staged.set(source_table, (staged.get(source_table) ?? 0) + of);
  }
  return Object.fromEntries(staged);
}

async function requireBalanced(db: Database, run: Run, staged: number): Promise<void> {
  const { read } = await db.one<{ read: number }>(sql`
    select coalesce(sum(rows_read), 0)::bigint as read
      from wavegate.import_ranges where run_id = ${uuid(run.id)}`);
  if (staged === read) return;
  throw new Refusal(
    "ImportUnbalanced",
    `${several(read, "row was", "rows were")} read and ${count(staged)} ${staged === 1 ? "is" : "are"} staged in run ${run.reference}. ` +
      "Nothing was committed. Start a new run; if it happens again the source changed while it was read.",
  );
}
