import { randomBytes } from "node:crypto";
import type { Lease } from "./databases.ts";
import { badRequest, databaseError, type TRANSACTION_ENDS, transactionNotFound } from "./errors.ts";

/** Who a transaction belongs to; every call of it must name the same. */
interface TransactionScope {
  readonly secretArn: string;
  readonly database: string | undefined;
}

interface Transaction {
  readonly scope: TransactionScope;
  readonly lease: Lease;
  readonly lifetime: NodeJS.Timeout;
  idle: NodeJS.Timeout | undefined;
  busy: boolean;
  /** A statement may have changed the session: its connection must not serve another caller. */
  changed: boolean;
}

type End = keyof typeof TRANSACTION_ENDS;

/** How many transactions that are over are remembered, so that callers hear why. */
const REMEMBERED = 1_000;

/** The open transactions: each has a connection of its own, one call at a time, and an end. */
export class Transactions {
  readonly #open = new Map<string, Transaction>();
  readonly #over = new Map<string, End>();
  readonly #limits: { readonly transactionIdleMs: number; readonly transactionMs: number };

  constructor(limits: { transactionIdleMs: number; transactionMs: number }) {
    this.#limits = limits;
  }

  /** Takes over a connection on which a transaction was begun; returns the transaction's id. */
  add(scope: TransactionScope, lease: Lease): string {
    // As long as the service's own ids, so that nobody keeps one in too small a column.
    const id = randomBytes(138).toString("base64");
    const lifetime = setTimeout(() => this.#drop(id, "expired"), this.#limits.transactionMs);
    lifetime.unref();
    const transaction = { scope, lease, lifetime, idle: undefined, busy: false, changed: false };
    this.#open.set(id, transaction);
    this.#rest(id, transaction);
    return id;
  }

  /**
   * Gives one call the transaction's connection; `changes` when it may change the session. The call
   * tells with `finished` when the connection is free again, which may be after it was answered.
   *
   * @throws {ServiceError} when it is not there, not this caller's, or running another call.
   */
  enter(id: string, scope: TransactionScope, changes: boolean): { lease: Lease; finished(): void } {
    const transaction = this.#find(id, scope);
    transaction.busy = true;
    transaction.changed ||= changes;
    clearTimeout(transaction.idle);
    const finished = () => {
      transaction.busy = false;
      if (this.#open.get(id) === transaction) this.#rest(id, transaction);
    };
    return { lease: transaction.lease, finished };
  }

  /** Hands the connection over to the caller, who commits or rolls back and gives it back. */
  leave(id: string, secretArn: string): { lease: Lease; changed: boolean } {
    const { lease, changed } = this.#find(id, { secretArn, database: undefined });
    this.#forget(id, "ended");
    return { lease, changed };
  }

  /** Rolls back after an error that ends the transaction. */
  abort(id: string): void {
    this.#drop(id, "aborted");
  }

  /** Rolls back everything that is open. */
  close(): void {
    for (const id of [...this.#open.keys()]) this.#drop(id, "aborted");
  }

  /** @throws {ServiceError} TransactionNotFoundException */
  mustBeOpen(id: string): Transaction {
    const transaction = this.#open.get(id);
    if (transaction) return transaction;
    throw transactionNotFound(id, this.#over.get(id) ?? "unknown");
  }

  #find(id: string, scope: TransactionScope): Transaction {
    const transaction = this.mustBeOpen(id);
    if (scope.database !== undefined && transaction.scope.database !== scope.database) {
      throw badRequest("Database name is not the same as transaction");
    }
    if (transaction.scope.secretArn !== scope.secretArn) {
      throw badRequest("Secret ARN is not the same as transaction");
    }
    if (transaction.busy) throw databaseError("Transaction is still running a query");
    return transaction;
  }

  #rest(id: string, transaction: Transaction): void {
    transaction.idle = setTimeout(() => this.#drop(id, "expired"), this.#limits.transactionIdleMs);
    transaction.idle.unref();
  }

  /** Closing the connection rolls back, whatever it is doing. */
  #drop(id: string, end: End): void {
    this.#forget(id, end)?.lease.release(true);
  }

  #forget(id: string, end: End): Transaction | undefined {
    const transaction = this.#open.get(id);
    if (!transaction) return undefined;
    clearTimeout(transaction.idle);
    clearTimeout(transaction.lifetime);
    this.#open.delete(id);
    this.#over.set(id, end);
    const [oldest] = this.#over.keys();
    if (this.#over.size > REMEMBERED && oldest !== undefined) this.#over.delete(oldest);
    return transaction;
  }
}
