import type { Database } from "../data/database.ts";
import { countedAs } from "../data/run-counts.ts";
import { isWholeTrial, type Run } from "../data/runs.ts";
import { sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { readTables } from "../define/made.ts";
import type { WholeMigration } from "../define/several.ts";
import type { Services } from "../services/services.ts";
import { count, several } from "../services/words.ts";
import { SourceChanged } from "../sources/errors.ts";
import { openLegacy } from "../sources/legacy.ts";
import { readingOfRun } from "./reading-of-run.ts";

/** Of a hundred rows that were counted, those that a source in use may renew while it is read. */
const renewed = 0.01;

/**
 * Rows that the source has and that the import did not read, although it read fewer than preflight
 * counted: they came, or were given another key, after the import was cut into ranges of keys. Rows
 * that were only taken away, or only added, are what a source in use is like, and are none of them.
 * Errors: `SourceChanged` where they are more than one in a hundred of a table, as an import of a
 * source that was written anew would be complete without them.
 */
export async function rowsNotRead(
  services: Services,
  run: Run,
  migration: WholeMigration,
  parts: readonly Migration[],
): Promise<number> {
  // A trial of a slice reads what it was cut to.
  if (run.trial !== null && !isWholeTrial(run)) return 0;
  const read = await readByTable(services.stage, run.id, parts);
  const counted = (table: string): number => run.counts[countedAs(table)] ?? 0;
  const fewer = Object.keys(read).filter((table) => (read[table] ?? 0) < counted(table));
  if (fewer.length === 0) return 0;
  await using source = await openLegacy(
    readingOfRun(services, run),
    run.connection_name,
    migration.source,
  );
  let notRead = 0;
  for (const { table, rows } of await source.inspect(readTables(migration.source))) {
    if (!fewer.includes(table)) continue;
    const of = Math.max(0, Math.min(rows, counted(table)) - (read[table] ?? 0));
    if (of > counted(table) * renewed) {
      throw new SourceChanged(
        `The source changed while it was read: preflight counted ${several(counted(table), "row")} of ${table}, ` +
          `${count(read[table] ?? 0)} ${read[table] === 1 ? "was" : "were"} read, and ${count(rows)} ${rows === 1 ? "stands" : "stand"} there now, with other keys. ` +
          "Nothing was committed. Start a new run, of a source that nobody writes anew meanwhile, or of a copy of it.",
      );
    }
    notRead += of;
  }
  return notRead;
}

/** Rows read of each table of the source; a range counts each once for every kind of things that is made of it. */
async function readByTable(
  db: Database,
  run: string,
  parts: readonly Migration[],
): Promise<Record<string, number>> {
  const rows = await db.rows<{ source_table: string; read: number }>(sql`
    select source_table, coalesce(sum(rows_read), 0)::bigint as read
      from wavegate.import_ranges where run_id = ${uuid(run)} group by source_table`);
  const read = Object.fromEntries(rows.map((each) => [each.source_table, each.read]));
  const kinds = (table: string) => parts.filter(({ entity }) => entity.from.includes(table)).length;
  return Object.fromEntries(
    parts
      .flatMap(({ entity, source }) => entity.from.filter((table) => !source[table]?.made))
      .map((table) => [table, (read[table] ?? 0) / kinds(table)]),
  );
}
