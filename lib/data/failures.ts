/** A database's refusal, without what it quotes of the rows. */
export class DatabaseErrorException extends Error {
  override readonly name = "DatabaseErrorException";
}

const sqlState = /SQLState: ([0-9A-Z]{5})/;

/**
 * PostgreSQL quotes values in its messages (`Key (phone)=(…) already exists`), and messages end in
 * execution histories and mails. What stays is what failed and the SQLState, by which code decides;
 * of class 22, where the message itself is about a value, only the state stays (W14).
 */
export function withoutValues(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== "DatabaseErrorException") return error;
  const state = sqlState.exec(error.message)?.[1] ?? "unknown";
  const what = state.startsWith("22")
    ? "ERROR: a value does not fit"
    : (error.message.split(/[;\n]/)[0] ?? "ERROR");
  return new DatabaseErrorException(`${what}; SQLState: ${state}`);
}
