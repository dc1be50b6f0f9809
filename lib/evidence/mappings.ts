import type { Database } from "../data/database.ts";
import { exactJson } from "../data/exact.ts";
import { identifier, raw, sql, uuid } from "../data/sql.ts";
import type { Migration, Reference } from "../define/definition.ts";
import type { BundleWriter, Chunk } from "./bundle.ts";
import { type Cell, csvLine } from "./csv.ts";
import { type LineQuery, lines, RECORDS_OF_PAGE } from "./pages.ts";

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
  yield { text: csvLine(columns), rows: 0 };
  for await (const { text, rows } of lines(db, mappings(reference, runId, columns), {
    atATime: 1,
  })) {
    const records = text.split("\n", rows).map((record) => exactJson(record) as Cell[]);
    yield { text: records.map(csvLine).join(""), rows };
  }
}

/** The mappings as JSON lists of their cells, one a line: cells of free text are quoted here. */
function mappings({ staging }: Reference, runId: string, columns: readonly string[]): LineQuery {
  const table = raw(`wavegate.${identifier(staging.table)}`);
  const key = raw(identifier(staging.id));
  const cells = raw(columns.map(identifier).join(", "));
  return {
    // By their places in the order of the keys, as a key may lie beyond what a number is exact for.
    bounds: sql`
      select least(place + ${RECORDS_OF_PAGE}, every) as up_to
        from (select count(*) as every from ${table} where run_id = ${uuid(runId)}) counted,
             generate_series(0, every - 1, ${RECORDS_OF_PAGE}) place order by 1`,
    lines: (after, upTo) => sql`
      select place as id, json_build_array(${cells})::text || E'\n' as line
        from (select *, row_number() over (order by ${key}) as place
                from ${table} where run_id = ${uuid(runId)}) numbered
       where place > ${after} and place <= ${upTo}`,
  };
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
