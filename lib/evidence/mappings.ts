import type { Pin } from "../compile/pin/pin.ts";
import { stagingTable } from "../compile/rows.ts";
import type { PinnedMapping } from "../compile/shown/export.ts";
import type { Database } from "../data/database.ts";
import { exactJson } from "../data/exact.ts";
import { rowsWhole } from "../data/records.ts";
import { identifier, literal, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { BundleWriter, Chunk } from "./bundle.ts";
import { type Cell, csvLine } from "./csv.ts";
import { mappingFile } from "./mapping-files.ts";
import { type LineQuery, lines, RECORDS_OF_PAGE } from "./pages.ts";

/** Writes `mappings-….csv` by the plural of a name: one file for each thing that rows refer to; pages as {@link lines} reads them. */
export async function writeMappings(
  bundle: BundleWriter,
  db: Database,
  pin: Pin,
  runId: string,
  options: { atATime: number },
): Promise<void> {
  for (const mapping of pin.mappings) {
    await bundle.stream(mappingFile(mapping.name), mappingLines(db, mapping, runId, options));
  }
}

async function* mappingLines(
  db: Database,
  mapping: PinnedMapping,
  runId: string,
  options: { atATime: number },
): AsyncGenerator<Chunk> {
  yield { text: csvLine(mapping.columns), rows: 0 };
  for await (const { text, rows } of lines(db, mappings(mapping, runId), options)) {
    const records = text.split("\n", rows).map((record) => exactJson(record) as Cell[]);
    yield { text: records.map(csvLine).join(""), rows };
  }
}

/** Where a page of mappings ends: its last place in the order of the keys, and the key there as text. */
interface Place {
  readonly up_to: number;
  readonly key: string;
}

/** The mappings as JSON lists of their cells, one a line: cells of free text are quoted here. */
function mappings(
  { table: name, key: id, columns }: PinnedMapping,
  runId: string,
): LineQuery<Place> {
  const table = raw(stagingTable(name));
  const key = raw(identifier(id));
  const cells = raw(columns.map(identifier).join(", "));
  /** A key as its column has it, of whichever type that is. */
  const typed = (text: string): Sql =>
    sql`(jsonb_populate_record(null::${table}, jsonb_build_object(${raw(literal(id))}, ${text}::text))).${key}`;
  return {
    // By their places in the order of the keys, as a key may lie beyond what a number is exact for; and by those keys, so
    // that each page is found at once and not counted from the first.
    bounds: sql`
      select place as up_to, key
        from (select ${key}::text as key, row_number() over (order by ${key}) as place, count(*) over () as every
                from ${table} where run_id = ${uuid(runId)}) numbered
       where place % ${RECORDS_OF_PAGE} = 0 or place = every order by place`,
    read: rowsWhole,
    lines: (after, upTo, [before, end]) => sql`
      select place as id, json_build_array(${cells})::text || E'\n' as line
        from (select *, ${before?.up_to ?? 0} + row_number() over (order by ${key}) as place
                from ${table} where run_id = ${uuid(runId)} and ${key} <= ${typed(end.key)}
                 ${before === undefined ? raw("") : sql`and ${key} > ${typed(before.key)}`}) numbered
       where place > ${after} and place <= ${upTo}`,
  };
}
