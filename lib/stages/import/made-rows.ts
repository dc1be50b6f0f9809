import {
  type ColumnsOf,
  madeBounds,
  makeRows,
  type Part,
  partBounds,
} from "../../compile/staging/made-rows.ts";
import { gatherStatistics } from "../../compile/statistics.ts";
import type { Database } from "../../data/database.ts";
import { lockRun, type Run } from "../../data/runs.ts";
import { json, sql, uuid } from "../../data/sql.ts";
import { madeInOrder, madeOf } from "../../define/made.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import type { Services } from "../../services/services.ts";
import { requireReached } from "../run/opened-run.ts";
import { madePages } from "./made-pages.ts";
import { columnsRead, stageRange } from "./stage-range.ts";

/** Made rows of a range, as of any other: what was staged of one that was cut off is staged once. */
const rowsPerRange = 25_000;

/**
 * Makes the rows of tables that are made of staged rows, and stages them as rows that were read: each table once, in
 * one transaction, and range by range from there on. Cut off, it goes on where it was.
 */
export async function stageMade(
  services: Services,
  run: Run,
  migration: WholeMigration,
): Promise<void> {
  for (const table of madeInOrder(migration.source)) {
    // Nothing is known yet of what was staged: rows would be put together by comparing each with each.
    for (const staging of stagingsOf(migration, table))
      await services.stage.execute(gatherStatistics(`${staging}_source`));
    await makeOnce(services, run, migration, table);
    const open = await services.stage.rows<{ n: number }>(sql`
      select n from wavegate.import_ranges
       where run_id = ${uuid(run.id)} and source_table = ${table} and done_at is null order by n`);
    for (const { n } of open) {
      await stageRange(services, run.id, n, (_run, _table, keys) =>
        madePages(services.stage, run.id, keys),
      );
    }
    await services.stage.execute(
      sql`delete from wavegate.made_rows where run_id = ${uuid(run.id)} and source_table = ${table}`,
    );
  }
}

/** The staging tables of what a table is made of. */
function stagingsOf(migration: WholeMigration, table: string): ReadonlySet<string> {
  const { made } = migration.source[table] ?? {};
  const from = made === undefined ? [] : madeOf(made);
  return new Set(
    partsOf(migration)
      .filter(({ entity }) => from.some((each) => entity.from.includes(each)))
      .map(({ entity }) => entity.staging.table),
  );
}

/** A table that has ranges is made; another delivery that makes it at the same moment is waited for. */
const makeOnce = (
  { stage }: Services,
  { id: run }: Run,
  migration: WholeMigration,
  table: string,
): Promise<void> =>
  stage.transaction(async (transaction) => {
    await lockRun(transaction, run);
    if ((await requireReached(transaction, run, "preflight")).stage !== "preflight") return;
    const { made } = await transaction.one<{ made: boolean }>(sql`
      select exists (select from wavegate.import_ranges
                      where run_id = ${uuid(run)} and source_table = ${table}) as made`);
    if (made) return;
    const known: ColumnsOf = await columnsRead({ stage: transaction }, run);
    const columns = columnsOf(migration, table, known);
    const shown = { ...known, [table]: columns };
    for (const part of await partsOfTable(transaction, migration, run, table))
      await transaction.execute(makeRows(migration, run, table, shown, part));
    await transaction.execute(sql`
      insert into wavegate.source_columns (run_id, source_table, columns)
      values (${uuid(run)}, ${table}, array(select jsonb_array_elements_text(${json(columns)})))
      on conflict do nothing`);
    const found = await transaction.rows<{ up_to: number }>(madeBounds(run, table, rowsPerRange));
    const bounds = [...new Set([...found.map(({ up_to }) => up_to)])];
    // A table without rows has a range too, of none: it says that it is made.
    const ends = bounds.length === 0 ? [0] : bounds;
    for (const [index, upTo] of ends.entries()) {
      await transaction.execute(sql`
        insert into wavegate.import_ranges (run_id, n, source_table, after_key, up_to_key)
        select ${uuid(run)}, coalesce(max(n), 0) + 1, ${table}, ${String(ends[index - 1] ?? 0)}, ${String(upTo)}
          from wavegate.import_ranges where run_id = ${uuid(run)}`);
    }
  });

/** In which parts a table is made, one by a statement: undefined for all of it. */
async function partsOfTable(
  db: Database,
  migration: WholeMigration,
  run: string,
  table: string,
): Promise<readonly (Part | undefined)[]> {
  const { made } = migration.source[table] ?? {};
  const bounds = made === undefined ? undefined : partBounds(migration, run, made);
  if (bounds === undefined) return [undefined];
  const ends = (await db.rows<{ up_to: string }>(bounds)).map(({ up_to }) => up_to);
  if (ends.length === 0) return [undefined];
  const ranges = [...ends, null].map((upTo, n) => ({ after: ends[n - 1] ?? null, upTo }));
  return ["without key", ...ranges];
}

/** The columns of a made table, without those of columns that the source lacks and nothing uses. */
function columnsOf(migration: WholeMigration, table: string, known: ColumnsOf): readonly string[] {
  const { columns = [], made } = migration.source[table] ?? {};
  if (made === undefined) return columns;
  const lacking = madeOf(made).flatMap((from) =>
    (migration.source[from]?.columns ?? [])
      .filter((column) => known[from]?.includes(column) === false)
      .map((column) => ({ from, column })),
  );
  const partners = "joined" in made ? Object.entries(made.with) : [];
  const gone = new Set(
    lacking.flatMap(({ from, column }) => [
      ...(from === madeOf(made)[0] ? [column] : []),
      ...partners.filter(([, { table }]) => table === from).map(([as]) => `${as}.${column}`),
    ]),
  );
  return columns.filter((column) => !gone.has(column));
}
