/** One check of a verification: what had to be, and what is. */
export interface Check {
  readonly id: string;
  readonly says: string;
  readonly passed: boolean;
  readonly expected: number | string;
  readonly got: number | string;
  /** The columns that hold something else than what was written, as `table.column`; none where none does. */
  readonly changed?: readonly string[];
}
