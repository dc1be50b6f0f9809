/**
 * List prices in us-east-1 as of 2026-11, in USD: what a migration adds to the bill besides the
 * database's own hours. Change them here when AWS changes them there.
 */
export const PRICES = {
  asOf: "2026-11",
  region: "us-east-1",
  /** RDS Data API: a request of up to 32 KB counts as one; larger ones count once for each 32 KB. */
  dataApiUnit: 0.35 / 1_000_000,
  /** Step Functions, standard workflows. */
  stateTransition: 0.025 / 1_000,
  /** Lambda on Arm. */
  lambdaGbSecond: 0.0000133334,
  lambdaRequest: 0.2 / 1_000_000,
  /** S3 standard: PUT, COPY, POST, LIST. */
  objectRequest: 0.005 / 1_000,
} as const;

/** What was counted in a run. */
export interface Counted {
  readonly dataApiUnits: number;
  readonly transitions: number;
  readonly invocations: number;
  /** Seconds that functions ran, all together. */
  readonly functionSeconds: number;
  /** Memory of a function, GB. */
  readonly functionMemory: number;
  readonly objectRequests: number;
}

/** The cost of what was counted, by what it is for, in USD. */
export function costOf(counted: Counted): Record<string, number> {
  const parts = {
    "data api": counted.dataApiUnits * PRICES.dataApiUnit,
    "state transitions": counted.transitions * PRICES.stateTransition,
    lambda:
      counted.functionSeconds * counted.functionMemory * PRICES.lambdaGbSecond +
      counted.invocations * PRICES.lambdaRequest,
    s3: counted.objectRequests * PRICES.objectRequest,
  };
  return { ...parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0) };
}
