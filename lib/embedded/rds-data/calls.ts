import type { Databases, Lease } from "./databases.ts";
import { fromDatabase, type ServiceError, statementTimeout } from "./errors.ts";
import { cancelStatement, connectionId } from "./query.ts";
import type { DataApiRequest } from "./requests.ts";
import type { Transactions } from "./transactions.ts";

/** What a call's work gets: its connection, and whether it has been given up meanwhile. */
export interface Call {
  readonly lease: Lease;
  readonly inTransaction: boolean;
  readonly givenUp: boolean;
}

/** How long a cancelled statement may take to end before its connection is cut. */
const CANCEL_MS = 5_000;

/** Errors after which the service itself ends the transaction, whatever the database would do; or its session is no more. */
const ENDS_TRANSACTION = new Set([
  "DatabaseUnavailableException",
  "InternalServerErrorException",
  "StatementTimeoutException",
  "UnsupportedResultException",
]);

/** Runs calls on connections, in their transaction if they name one, and within their time. */
export class Calls {
  readonly #databases: Databases;
  readonly #transactions: Transactions;
  readonly #callMs: number;

  constructor(databases: Databases, transactions: Transactions, callMs: number) {
    this.#databases = databases;
    this.#transactions = transactions;
    this.#callMs = callMs;
  }

  /** `changes`: the statement may leave something behind in its session. */
  async run<T>(
    request: DataApiRequest,
    changes: boolean,
    work: (call: Call) => Promise<T>,
  ): Promise<T> {
    return request.transactionId === undefined
      ? this.#alone(request, changes, work)
      : this.#inTransaction(request.transactionId, request, changes, work);
  }

  async #alone<T>(
    request: DataApiRequest,
    changes: boolean,
    work: (call: Call) => Promise<T>,
  ): Promise<T> {
    const lease = await this.#databases.lease(request.secretArn, request.database);
    const call = { lease, inTransaction: false, givenUp: false };
    const done = settled(work(call));
    // A session that was changed, or is still in a transaction, must not serve the next caller.
    void done.then((outcome) => {
      const idle = lease.client.getTransactionStatus() === "I";
      lease.release(call.givenUp || outcome.spoiled || !idle || changes);
    });
    return this.#inTime(call, done, request.continueAfterTimeout ?? false);
  }

  async #inTransaction<T>(
    id: string,
    request: DataApiRequest,
    changes: boolean,
    work: (call: Call) => Promise<T>,
  ): Promise<T> {
    const { lease, finished } = this.#transactions.enter(id, scopeOf(request), changes);
    const call = { lease, inTransaction: true, givenUp: false };
    const done = settled(work(call));
    void done.then(finished);
    try {
      return await this.#inTime(call, done, false);
    } catch (error) {
      // Its time may have come in the middle of the call, which then only saw its connection end.
      this.#transactions.mustBeOpen(id);
      if (ENDS_TRANSACTION.has((error as Error).name)) this.#transactions.abort(id);
      throw error;
    }
  }

  async #inTime<T>(
    call: { lease: Lease; inTransaction: boolean; givenUp: boolean },
    done: Promise<Outcome<T>>,
    continues: boolean,
  ): Promise<T> {
    const { client } = call.lease;
    const first = await within(this.#callMs, done);
    if (first !== "late") return first.unwrap();
    const timeout = statementTimeout(connectionId(client));
    if (continues) throw timeout;
    call.givenUp = true;
    cancelStatement(client);
    const second = await within(CANCEL_MS, done);
    if (second === "late") call.lease.release(true);
    // It may have come to its end in the very moment: then the caller hears that, and not less.
    else if (second.succeeded && !call.inTransaction) return second.unwrap();
    throw timeout;
  }
}

/**
 * What comes of work that never fails, or `late` after so many ms. A timer that is cleared costs next to nothing; one
 * that is aborted makes two errors with their stacks, for each of the calls that came in time.
 */
const within = <T>(milliseconds: number, work: Promise<T>): Promise<T | "late"> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds, "late").unref();
    void work.then((outcome) => {
      clearTimeout(timer);
      resolve(outcome);
    });
  });

const scopeOf = ({ secretArn, database }: DataApiRequest) => ({ secretArn, database });

interface Outcome<T> {
  readonly succeeded: boolean;
  /** Whether the connection itself is in doubt. */
  readonly spoiled: boolean;
  unwrap(): T;
}

const settled = <T>(work: Promise<T>): Promise<Outcome<T>> =>
  work.then(
    (value) => ({ succeeded: true, spoiled: false, unwrap: () => value }),
    (thrown) => {
      const error: ServiceError = fromDatabase(thrown);
      return {
        succeeded: false,
        // A result cut short leaves a cancel request under way that must not hit the next caller.
        spoiled: error.name !== "DatabaseErrorException" && error.name !== "BadRequestException",
        unwrap: () => {
          throw error;
        },
      };
    },
  );
