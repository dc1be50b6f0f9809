import type { Database } from "../../data/database.ts";
import { countedAs } from "../../data/run-counts.ts";
import { isWholeTrial, type Run } from "../../data/runs.ts";
import { sql, uuid } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { readTables } from "../../define/made.ts";
import type { WholeMigration } from "../../define/several.ts";
import type { Services } from "../../services/services.ts";
import { count, several } from "../../services/words.ts";
import { SourceChanged } from "../../sources/errors.ts";
import { openLegacy } from "../../sources/legacy.ts";
import { rewritten, seenOf } from "./glimpses.ts";
import { readingOfRun } from "./reading-of-run.ts";

/** Of a hundred rows that were counted, those that a source in use may renew while it is read. */
export const renewed = 0.01;

/** By how many rows what was read is not what the source holds: each where it is more than none. */
export interface WhileRead {
  /** They came, or were given another key, after the import was cut into ranges of keys. */
  readonly not_read?: number;
  /** They were counted by preflight, and were gone when their range was read. */
  readonly taken_away?: number;
  /** They stand there once, and were read under two keys. */
  readonly read_twice?: number;
  /** Of the rows that were looked at again they hold something else than when the import began. */
  readonly rewritten?: number;
}

/**
 * What happened to the source while it was read, told by the rows that preflight counted, that were read and that stand
 * there now, and by some of them that are looked at again. In a source that is in use some rows go and some come, and
 * what comes behind the plan is the next run's.
 * Errors: `SourceChanged` where more than one in a hundred of a table were not read, gone or read twice: it was written
 * anew meanwhile, or is being loaded, and an import would look complete without its people.
 */
export async function whileRead(
  services: Services,
  run: Run,
  migration: WholeMigration,
  parts: readonly Migration[],
): Promise<WhileRead> {
  // A trial of a slice reads what it was cut to.
  if (run.trial !== null && !isWholeTrial(run)) return {};
  const read = await readByTable(services.stage, run.id, parts);
  const counted = (table: string): number => run.counts[countedAs(table)] ?? 0;
  const others = Object.entries(readTables(migration.source)).filter(
    ([table]) => read[table] !== undefined && read[table] !== counted(table),
  );
  const seen = await seenOf(services.stage, run.id);
  if (others.length === 0 && seen.length === 0) return {};
  await using source = await openLegacy(
    readingOfRun(services, run),
    run.connection_name,
    migration.source,
  );
  const told = { not_read: 0, taken_away: 0, read_twice: 0, rewritten: 0 };
  const facts = others.length === 0 ? [] : await source.inspect(Object.fromEntries(others));
  for (const { table, rows } of facts) {
    const of = differences({ counted: counted(table), read: read[table] ?? 0, now: rows });
    for (const [what, number] of Object.entries(of) as [keyof typeof of, number][]) {
      if (number > counted(table) * renewed) {
        throw changed(table, { counted: counted(table), read: read[table] ?? 0, now: rows }, what);
      }
      told[what] += number;
    }
  }
  told.rewritten = await rewritten(services.stage, source, run, migration, seen);
  return Object.fromEntries(Object.entries(told).filter(([, number]) => number > 0));
}

interface Numbers {
  readonly counted: number;
  readonly read: number;
  readonly now: number;
}

const differences = ({ counted, read, now }: Numbers) => ({
  not_read: Math.max(0, Math.min(now, counted) - read),
  taken_away: Math.max(0, counted - Math.max(now, read)),
  read_twice: Math.max(0, read - Math.max(now, counted)),
});

const whyChanged = {
  // Whether they had another key or were away and came back nobody can tell by then.
  not_read: ": the others were not there when they were read, or had another key",
  taken_away: ": the others were taken away, or are being loaded anew",
  read_twice: ", so that some were read under two keys",
} as const;

const changed = (table: string, { counted, read, now }: Numbers, what: keyof typeof whyChanged) =>
  new SourceChanged(
    `The source changed while it was read: preflight counted ${several(counted, "row")} of ${table}, ` +
      `${count(read)} ${read === 1 ? "was" : "were"} read, and ${count(now)} ${now === 1 ? "stands" : "stand"} there now${whyChanged[what]}. ` +
      "Nothing was committed. Start a new run, of a source that nobody writes anew meanwhile, or of a copy of it.",
  );

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
