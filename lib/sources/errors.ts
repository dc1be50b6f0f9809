/** What a source refuses or fails with. `name` is literal: state machines match it. */
export abstract class SourceError extends Error {
  abstract override readonly name: string;
  /** True only where the same call may simply succeed later. */
  readonly retriable: boolean = false;
}

/** A setting of the connection is missing or wrong; the message names it, with an example. */
export class SourceSettingsInvalid extends SourceError {
  override readonly name = "SourceSettingsInvalid";
}

/** What a server answered may say what to do better than the kind of its error does. */
interface SourceErrorOptions extends ErrorOptions {
  /** What to do next: a whole sentence. */
  readonly next?: string;
}

/**
 * Nobody answers at the address, or, with `next`, somebody who cannot be talked to as the settings
 * ask (R4: no blind retry).
 */
export class SourceUnreachable extends SourceError {
  override readonly name = "SourceUnreachable";

  constructor(description: string, reason: string, { next, cause }: SourceErrorOptions = {}) {
    super(
      next === undefined
        ? `${description} does not answer (${reason}); nothing was read. ` +
            "Check host, port, socket and TLS settings, the firewall between here and there, and that the server runs."
        : `${description} cannot be reached as the settings ask (${reason}); nothing was read. ${next}`,
      { cause },
    );
  }
}

/** The server refuses the user or the password, or the user may not read something (R4). */
export class SourceAccessDenied extends SourceError {
  override readonly name = "SourceAccessDenied";

  constructor(description: string, reason: string, { next, cause }: SourceErrorOptions = {}) {
    super(
      `${description} refuses access (${reason}); nothing was read. ${
        next ??
        "Check user name and password, from which hosts the user may connect, and that it has SELECT on the database."
      }`,
      { cause },
    );
  }
}

/** The server is there and stops at a limit of its own: connections, time, memory (R4: no blind retry). */
export class SourceLimitReached extends SourceError {
  override readonly name = "SourceLimitReached";
  override readonly retriable = true;

  constructor(description: string, reason: string, { next, cause }: SourceErrorOptions = {}) {
    super(
      `${description} answers, but goes no further (${reason}). ` +
        `Rows that were staged stay staged. ${next ?? "Wait, and run the same step again."}`,
      { cause },
    );
  }
}

/** The connection broke after it worked; the next call connects anew. */
export class SourceLost extends SourceError {
  override readonly name = "SourceLost";
  override readonly retriable = true;

  constructor(description: string, reason: string, { next, cause }: SourceErrorOptions = {}) {
    super(
      `The connection to ${description} was lost while reading (${reason}). ` +
        `Rows that were staged stay staged: run the same step again and it continues after them.${next === undefined ? "" : ` ${next}`}`,
      { cause },
    );
  }
}

/** The source answered with an error that is none of the others; trying again will not help. */
export class SourceFailed extends SourceError {
  override readonly name = "SourceFailed";

  constructor(description: string, reason: string, options?: ErrorOptions) {
    super(
      `${description} failed (${reason}); no further row was read. ` +
        "Look the code up in the server's documentation, correct the cause and run the same step again.",
      options,
    );
  }
}

/** A database, table, column or file is not there, or a key cannot serve as one. */
export class SourceSchemaMismatch extends SourceError {
  override readonly name = "SourceSchemaMismatch";
}

/** A line of a file cannot be read as a row; the message names file and line. */
export class SourceRowUnreadable extends SourceError {
  override readonly name = "SourceRowUnreadable";
}

/** A file changed while a run was reading it. */
export class SourceChanged extends SourceError {
  override readonly name = "SourceChanged";
}

/** The folder or bucket of files is not there, or cannot be read; the message says what to do. */
export class FilesUnreachable extends SourceError {
  override readonly name = "FilesUnreachable";
}

/** Codes of sockets, in words. */
export const socketWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "host name not resolved",
  ETIMEDOUT: "no answer in time",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ENOENT: "no such socket",
  EACCES: "the socket may not be opened",
};
