import type { Pin } from "../compile/pin/pin.ts";
import { stagingTable } from "../compile/rows.ts";
import type { PinnedMapping } from "../compile/shown/export.ts";
import type { Database } from "../data/database.ts";
import { exactJson } from "../data/exact.ts";
import { identifier, raw, sql, uuid } from "../data/sql.ts";
import type { BundleWriter, Chunk } from "./bundle.ts";
import { type Cell, csvLine } from "./csv.ts";
import { mappingFile } from "./mapping-files.ts";
import { type LineQuery, lines, RECORDS_OF_PAGE } from "./pages.ts";

/** Writes `mappings-….csv` by the plural of a name: one file for each thing that rows refer to. */
export async function writeMappings(
  bundle: BundleWriter,
  db: Database,
  pin: Pin,
  runId: string,
): Promise<void> {
  for (const mapping of pin.mappings) {
    await bundle.stream(mappingFile(mapping.name), mappingLines(db, mapping, runId));
  }
}

async function* mappingLines(
  db: Database,
  mapping: PinnedMapping,
  runId: string,
): AsyncGenerator<Chunk> {
  yield { text: csvLine(mapping.columns), rows: 0 };
  for await (const { text, rows } of lines(db, mappings(mapping, runId), {
    atATime: 1,
  })) {
    const records = text.split("\n", rows).map((record) => exactJson(record) as Cell[]);
    yield { text: records.map(csvLine).join(""), rows };
  }
}

/** The mappings as JSON lists of their cells, one a line: cells of free text are quoted here. */
function mappings({ table: name, key: id, columns }: PinnedMapping, runId: string): LineQuery {
  const table = raw(stagingTable(name));
  const key = raw(identifier(id));
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
