import type { LegacyRow } from "./source.ts";

/** A place between two records, to begin reading there. */
export interface Place {
  readonly byte: number;
  readonly line: number;
}

export const START: Place = { byte: 0, line: 1 };

/** A row of a file: its columns as in its header, the line it begins on, and the place after its end. */
export interface TableRecord {
  readonly fields: LegacyRow;
  readonly line: number;
  readonly endsOn: number;
  readonly endsAt: number;
}
