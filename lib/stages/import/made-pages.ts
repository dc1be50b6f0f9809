import { selectMade, selectNextMade } from "../../compile/staging/made-rows.ts";
import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import type { MadeFinding } from "../../define/findings.ts";
import type { KeyRange, LegacyRow } from "../../sources/source.ts";

/** A row that is to be staged, and what is known to be wrong with how it was made. */
export interface RowToStage {
  readonly values: LegacyRow;
  readonly noted?: MadeFinding;
}

interface MadeRow {
  readonly place: number;
  readonly noted: MadeFinding | null;
  readonly source_values: LegacyRow;
}

/** The made rows of a range, whose keys are their places, in pages that an answer holds. */
export async function* madePages(
  db: Database,
  run: string,
  { table, after, upTo }: KeyRange,
): AsyncGenerator<readonly RowToStage[]> {
  let behind = Number(after ?? 0);
  for (;;) {
    const within = [run, table, behind, Number(upTo ?? 0)] as const;
    let rows = await db.rows<MadeRow>(selectMade(...within));
    if (rows.length === 0) rows = await rowsWhole<MadeRow>(db, selectNextMade(...within));
    const last = rows.at(-1);
    if (last === undefined) return;
    behind = last.place;
    yield rows.map(({ noted, source_values: values }) =>
      noted === null ? { values } : { values, noted },
    );
  }
}
