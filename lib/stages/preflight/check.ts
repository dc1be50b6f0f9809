/** One thing that had to be so before anything is staged (R1). */
export interface PreflightCheck {
  readonly id: string;
  readonly says: string;
  readonly passed: boolean;
}

/** A check that passes where nothing was found against it. */
export const free = (
  id: string,
  against: readonly unknown[],
  right: string,
  wrong: string,
): PreflightCheck => ({
  id,
  passed: against.length === 0,
  says: against.length === 0 ? right : wrong,
});
