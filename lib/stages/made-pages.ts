import { selectMade } from "../compile/made-rows.ts";
import type { Database } from "../data/database.ts";
import type { MadeFinding } from "../define/findings.ts";
import type { KeyRange, LegacyRow } from "../sources/source.ts";

/** A row that is to be staged, and what is known to be wrong with how it was made. */
export interface RowToStage {
  readonly values: LegacyRow;
  readonly noted?: MadeFinding;
}

/** The made rows of a range, whose keys are their places, in pages that an answer holds. */
export async function* madePages(
  db: Database,
  run: string,
  { table, after, upTo }: KeyRange,
): AsyncGenerator<readonly RowToStage[]> {
  let behind = Number(after ?? 0);
  for (;;) {
    const rows = await db.rows<{
      place: number;
      noted: MadeFinding | null;
      source_values: LegacyRow;
    }>(selectMade(run, table, behind, Number(upTo ?? 0)));
    const last = rows.at(-1);
    if (last === undefined) return;
    behind = last.place;
    yield rows.map(({ noted, source_values: values }) =>
      noted === null ? { values } : { values, noted },
    );
  }
}
