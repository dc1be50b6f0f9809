/** The service's limits (Aurora user guide, "Limitations" of the Data API). */
export interface Limits {
  /** Headers and body of a request, bytes. */
  readonly requestBytes: number;
  /** Body of an answer, bytes. */
  readonly responseBytes: number;
  /** One row of a result, bytes. */
  readonly rowBytes: number;
  /** `formattedRecords`, bytes. */
  readonly formattedBytes: number;
  /** Length of the SQL text, characters. */
  readonly sqlLength: number;
  /** One call, milliseconds. */
  readonly callMs: number;
  /** A transaction without a call, milliseconds. */
  readonly transactionIdleMs: number;
  /** A transaction in all, milliseconds. */
  readonly transactionMs: number;
}

export const AWS_LIMITS: Limits = {
  requestBytes: 4 * 1024 * 1024,
  responseBytes: 1024 * 1024,
  rowBytes: 64 * 1024,
  formattedBytes: 10 * 1024 * 1024,
  sqlLength: 65_536,
  callMs: 45_000,
  transactionIdleMs: 3 * 60_000,
  transactionMs: 24 * 3_600_000,
};
