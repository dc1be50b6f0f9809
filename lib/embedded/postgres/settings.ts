import { totalmem } from "node:os";

/**
 * MiB of tables that a server keeps in memory, of so many bytes that there are: an eighth of them, which it takes only as
 * tables grow. A million rows with what is decided about them need more than the 512 that it has at least, and what
 * does not fit is read again by every look at all rows.
 */
export const buffersOf = (memory: number): number =>
  Math.min(4_096, Math.max(512, Math.floor(memory / 8 / 2 ** 20)));

/** The machine's, or its container's where that may have less. */
const memory = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);

/**
 * Server settings for batch work on a small machine. Time and formats are those of an Aurora
 * cluster; messages in the log name no values, because values are people's data.
 */
export const SERVER_SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  // No socket file: its path would be limited to 107 characters, and nothing needs it.
  unix_socket_directories: "",
  shared_buffers: `${buffersOf(memory)}MB`,
  work_mem: "256MB",
  maintenance_work_mem: "256MB",
  jit: "off",
  max_wal_size: "4GB",
  checkpoint_timeout: "15min",
  synchronous_commit: "on",
  fsync: "on",
  timezone: "UTC",
  log_timezone: "UTC",
  log_min_messages: "log",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  log_checkpoints: "off",
};

/** For databases that live as long as one test run: nothing waits for the disk. */
export const PASSING_SETTINGS: Readonly<Record<string, string>> = {
  shared_buffers: "128MB",
  fsync: "off",
  full_page_writes: "off",
  synchronous_commit: "off",
};

/** As arguments for the server: a setting given there wins over the cluster's files. */
export const asArguments = (settings: Readonly<Record<string, string>>) =>
  Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
