import type { Database } from "../data/database.ts";
import { identifier, raw, sql, uuid } from "../data/sql.ts";
import type { Migration, Reference } from "../define/definition.ts";
import type { BundleWriter, Chunk } from "./bundle.ts";
import { type Cell, csvLine } from "./csv.ts";
import { allRecords } from "./pages.ts";

/** Writes `mappings-courses.csv`, `mappings-sessions.csv`: one file for each reference of a definition. */
export async function writeMappings(
  bundle: BundleWriter,
  db: Database,
  migration: Migration,
  runId: string,
): Promise<void> {
  for (const [name, reference] of Object.entries(migration.references)) {
    await bundle.stream(`mappings-${name}s.csv`, mappingLines(db, reference, runId));
  }
}

async function* mappingLines(
  db: Database,
  reference: Reference,
  runId: string,
): AsyncGenerator<Chunk> {
  const columns = mappingColumns(reference);
  const key = raw(identifier(reference.staging.id));
  const records = await allRecords<Record<string, Cell>>(
    db,
    sql`select row_number() over (order by ${key}) as n, to_jsonb(m) as record
          from wavegate.${raw(identifier(reference.staging.table))} m
         where run_id = ${uuid(runId)}`,
  );
  yield { text: csvLine(columns), rows: 0 };
  for (const record of records) {
    yield { text: csvLine(columns.map((column) => record[column])), rows: 1 };
  }
}

function mappingColumns(reference: Reference): readonly string[] {
  const decided = ["status", "decided_by"];
  if (reference.kind === "by_name") {
    const { id, label, target } = reference.staging;
    return [id, label, target, "confidence", ...decided];
  }
  const { id, code, target } = reference.staging;
  return [id, code, "parent_id", "session_type", target, ...decided];
}
