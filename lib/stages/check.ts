/** One check of a verification: what had to be, and what is. */
export interface Check {
  readonly id: string;
  readonly says: string;
  readonly passed: boolean;
  readonly expected: number | string;
  readonly got: number | string;
}
