import type { Run } from "../data/runs.ts";
import type { SourceTable } from "../define/definition.ts";
import type { Services } from "../services/services.ts";
import { openLegacy } from "../sources/legacy.ts";
import type { KeyRange } from "../sources/source.ts";
import { madePages, type RowToStage } from "./import/made-pages.ts";
import { readingOfRun } from "./import/reading-of-run.ts";
import { type ImportedRange, stageRange } from "./import/stage-range.ts";

const rowsPerPage = 1_500;

/** Imports one key range, of whatever it is read from. */
export const importRange = (services: Services, id: string, n: number): Promise<ImportedRange> =>
  stageRange(services, id, n, (run, table, keys) =>
    table.made === undefined
      ? legacyPages(services, run, table, keys)
      : madePages(services.stage, run.id, keys),
  );

/** The rows of a range as the source holds them. */
async function* legacyPages(
  services: Services,
  run: Run,
  table: SourceTable,
  keys: KeyRange,
): AsyncGenerator<readonly RowToStage[]> {
  await using source = await openLegacy(readingOfRun(services, run), run.connection_name, {
    [keys.table]: table,
  });
  for await (const page of source.read(keys.table, table.key, table.columns, keys, rowsPerPage)) {
    yield page.map((values) => ({ values }));
  }
}
