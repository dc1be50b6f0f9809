/** What one operation was used for so far. */
export interface OperationStats {
  readonly requests: number;
  /** Requests that were answered with an error, or not at all. */
  readonly failures: number;
  /** Bodies only. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** The units that AWS charges for: each begun 32 KB of a request and its answer together. */
  readonly units: number;
}

const UNIT_BYTES = 32 * 1024;

/** Counts requests and bytes by operation. */
export class Stats {
  readonly #counts = new Map<string, OperationStats>();

  count(operation: string, bytesIn: number, bytesOut: number, failed: boolean): void {
    const before = this.#counts.get(operation);
    this.#counts.set(operation, {
      requests: (before?.requests ?? 0) + 1,
      failures: (before?.failures ?? 0) + (failed ? 1 : 0),
      bytesIn: (before?.bytesIn ?? 0) + bytesIn,
      bytesOut: (before?.bytesOut ?? 0) + bytesOut,
      units: (before?.units ?? 0) + Math.max(1, Math.ceil((bytesIn + bytesOut) / UNIT_BYTES)),
    });
  }

  all(): Record<string, OperationStats> {
    return Object.fromEntries(this.#counts);
  }
}
