/** A place between two records, to begin reading there. */
export interface Place {
  readonly byte: number;
  readonly line: number;
}

export const START: Place = { byte: 0, line: 1 };
