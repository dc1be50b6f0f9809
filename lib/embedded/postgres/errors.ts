/** The data folder is in use by a living process; nothing was changed. `pid` is that process. */
export class AlreadyRunning extends Error {
  override readonly name = "AlreadyRunning";
  readonly pid: number;

  constructor(directory: string, pid: number) {
    super(
      `The database in ${directory} is already run by process ${pid}; nothing was changed. ` +
        "Use that one, or end it first.",
    );
    this.pid = pid;
  }
}

/** This machine or installation lacks something that the embedded PostgreSQL needs. */
export class PostgresUnavailable extends Error {
  override readonly name = "PostgresUnavailable";
}

/** The server was started and ended at once; the message ends with its own last words. */
export class PostgresStartFailed extends Error {
  override readonly name = "PostgresStartFailed";
}
