import { executeAnswer, resultFormat } from "./answers.ts";
import { type Call, Calls } from "./calls.ts";
import type { Databases } from "./databases.ts";
import { badRequest, databaseError } from "./errors.ts";
import type { Limits } from "./limits.ts";
import { typedParameters } from "./parameters.ts";
import { type RawResult, runStatement } from "./query.ts";
import type { DataApiRequest, Operation } from "./requests.ts";
import { type BoundStatement, Statements } from "./statements.ts";
import { Transactions } from "./transactions.ts";
import { TypeCatalog } from "./type-catalog.ts";

/** What the operations do, each from its request to the JSON text that answers it. */
export class Operations {
  readonly #databases: Databases;
  readonly #limits: Limits;
  readonly #transactions: Transactions;
  readonly #calls: Calls;
  readonly #statements = new Statements();
  readonly #catalog = new TypeCatalog();

  constructor(databases: Databases, limits: Limits) {
    this.#databases = databases;
    this.#limits = limits;
    this.#transactions = new Transactions(limits);
    this.#calls = new Calls(databases, this.#transactions, limits.callMs);
  }

  async run(operation: Operation, request: DataApiRequest): Promise<string> {
    this.#databases.role(request.secretArn);
    switch (operation) {
      case "ExecuteStatement":
        return this.#execute(request);
      case "BatchExecuteStatement":
        return this.#batch(request);
      case "BeginTransaction":
        return this.#begin(request);
      case "CommitTransaction":
        return this.#commit(request);
      case "RollbackTransaction":
        return this.#rollback(request);
    }
  }

  /** The fault `timeout` ends the transaction, as a real one does. */
  abort(request: DataApiRequest): void {
    if (request.transactionId !== undefined) this.#transactions.abort(request.transactionId);
  }

  close(): void {
    this.#transactions.close();
  }

  async #execute(request: DataApiRequest): Promise<string> {
    const { sql = "", transactionId, continueAfterTimeout } = request;
    if (continueAfterTimeout && transactionId !== undefined) {
      throw badRequest("continueAfterTimeout is not supported within a transaction");
    }
    const format = resultFormat(request);
    const statement = this.#statements.bind(sql, typedParameters(request.parameters));
    const changes = this.#statements.changesSession(sql);
    return this.#calls.run(request, changes, async (call) => {
      const resultBytes = format.json ? this.#limits.formattedBytes : this.#limits.responseBytes;
      const result = await this.#run(call, statement, resultBytes);
      return executeAnswer(call.lease, this.#catalog, result, format, this.#limits);
    });
  }

  /** Every set in one transaction: the call's own, unless it names one. */
  async #batch(request: DataApiRequest): Promise<string> {
    const { sql = "", parameterSets = [] } = request;
    if (this.#statements.scan(sql).endsWithSemicolon) {
      throw badRequest("The SQL statement of a batch must not end with a semicolon");
    }
    const statements = parameterSets.map((set) => this.#statements.bind(sql, typedParameters(set)));
    const changes = this.#statements.changesSession(sql);
    return this.#calls.run(request, changes, async (call) => {
      if (call.inTransaction) await this.#runAll(call, statements);
      else if (statements.length > 0) await this.#runAtomically(call, statements);
      const results = statements.map(() => '{"generatedFields":[]}');
      return `{"updateResults":[${results.join(",")}]}`;
    });
  }

  async #runAtomically(call: Call, statements: BoundStatement[]): Promise<void> {
    const { client } = call.lease;
    await client.query("BEGIN");
    try {
      await this.#runAll(call, statements);
    } catch (error) {
      await client.query("ROLLBACK");
      throw error;
    }
    await client.query("COMMIT");
  }

  async #runAll(call: Call, statements: BoundStatement[]): Promise<void> {
    for (const statement of statements) {
      if (call.givenUp) throw databaseError("ERROR: canceling statement; SQLState: 57014");
      const { fields } = await this.#run(call, statement, this.#limits.responseBytes);
      if (fields.length > 0) {
        throw databaseError(
          "ERROR: A result was returned when none was expected.; SQLState: 0100E",
        );
      }
    }
  }

  async #run(call: Call, statement: BoundStatement, resultBytes: number): Promise<RawResult> {
    const { client } = call.lease;
    const bounds = { rowBytes: this.#limits.rowBytes, resultBytes };
    // COMMIT as a statement ended the database's transaction, but not the caller's: as a JDBC
    // connection without autocommit, the next statement begins another.
    if (call.inTransaction && client.getTransactionStatus() === "I") await client.query("BEGIN");
    return runStatement(client, statement, bounds);
  }

  async #begin(request: DataApiRequest): Promise<string> {
    const { secretArn, database } = request;
    const lease = await this.#databases.lease(secretArn, database);
    try {
      await lease.client.query("BEGIN");
    } catch (error) {
      lease.release(true);
      throw error;
    }
    const transactionId = this.#transactions.add({ secretArn, database }, lease);
    return JSON.stringify({ transactionId });
  }

  async #commit(request: DataApiRequest): Promise<string> {
    const { command } = await this.#finish(request, "COMMIT");
    // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK, and without an error.
    if (command === "ROLLBACK") {
      throw databaseError(
        "ERROR: The database returned ROLLBACK, so the transaction cannot be committed. " +
          "Transaction failure is not recoverable; SQLState: 25P02",
      );
    }
    return '{"transactionStatus":"Transaction Committed"}';
  }

  async #rollback(request: DataApiRequest): Promise<string> {
    await this.#finish(request, "ROLLBACK");
    return '{"transactionStatus":"Rollback Complete"}';
  }

  async #finish(request: DataApiRequest, sql: "COMMIT" | "ROLLBACK") {
    const { transactionId = "", secretArn } = request;
    const { lease, changed } = this.#transactions.leave(transactionId, secretArn);
    try {
      return await lease.client.query(sql);
    } finally {
      lease.release(changed || lease.client.getTransactionStatus() !== "I");
    }
  }
}
