import type { PostgresServer } from "./postgres.ts";

/** Where a benchmark works, and the servers it started. */
export interface Place {
  /** Folder of servers and data. */
  readonly work: string;
  readonly results: string;
  readonly postgres: PostgresServer;
  /** MariaDB servers to stop at the end. */
  readonly servers: { readonly pid: number }[];
}
