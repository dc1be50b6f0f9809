import {
  BeginTransactionCommand,
  type ColumnMetadata,
  CommitTransactionCommand,
  ExecuteStatementCommand,
  type Field,
  type RDSDataClient,
  RollbackTransactionCommand,
} from "@aws-sdk/client-rds-data";
import { exactId, exactJson } from "./exact.ts";
import { named } from "./failures.ts";
import { Refusal } from "./refusal.ts";
import { retryTransient, saysNothing } from "./retry.ts";
import { raw, render, type Sql } from "./sql.ts";
import { openTurns, type Turns } from "./turns.ts";

/** Where statements go: a cluster, a database, and the secret that decides the role. */
export interface Connection {
  readonly client: RDSDataClient;
  readonly resourceArn: string;
  readonly secretArn: string;
  readonly database: string;
  /** How long a database that sleeps is waited for, in ms; a minute when nothing is said. */
  readonly patienceMs?: number | undefined;
}

/**
 * PostgreSQL through the RDS Data API. Rows come as objects keyed by column; `json` columns parsed,
 * 64-bit integers exactly ({@link ExactId}: numbers, or their digits beyond 2^53), everything else that
 * is not a number or a boolean as text.
 */
export interface Database {
  rows<Row>(statement: Sql): Promise<Row[]>;
  /** Exactly one row, or an error. */
  one<Row>(statement: Sql): Promise<Row>;
  /** Number of rows changed. */
  execute(statement: Sql): Promise<number>;
  /** Runs `work` in one transaction; anything thrown rolls it back. Never held across a wait for a person. */
  transaction<Result>(
    work: (transaction: Database) => Promise<Result>,
    /** What it sees and may do; of one within another the outer one's counts. */
    mode?: TransactionMode,
  ): Promise<Result>;
}

/**
 * What a transaction sees of what others write meanwhile, and whether it may write itself: each says so, whatever is set for
 * its role or its database.
 */
type TransactionMode = `${"read committed" | "repeatable read"}, read ${"write" | "only"}`;

/** Characters of a statement that the Data API takes at most. */
export const longestStatement = 65_536;

const tooLong = (length: number): Refusal =>
  new Refusal(
    "StatementTooLong",
    `A statement would have ${length.toLocaleString("en")} characters, and the Data API takes ${longestStatement.toLocaleString("en")} at most. Nothing was written by it; say what the definition says in fewer words, or make a kind of things two that are read from one table (\`wavegate check\`).`,
  );

const failed = (error: unknown): never => {
  throw named(error);
};

/** A query that had to return one row returned another number. */
export class RowCountError extends Error {
  override readonly name = "RowCountError";
}

/**
 * Opens a database. A statement outside a transaction must be one that can be sent twice: it is, if
 * its response is lost. Inside a transaction nothing is sent twice.
 */
export function openDatabase(connection: Connection): Database {
  const { client, resourceArn, secretArn, database, patienceMs } = connection;

  const run = async (statement: Sql, transactionId?: string) => {
    const { sql, parameters } = render(statement);
    if (sql.length > longestStatement) throw tooLong(sql.length);
    const command = new ExecuteStatementCommand({
      resourceArn,
      secretArn,
      database,
      sql,
      parameters,
      includeResultMetadata: true,
      // The service says longs exactly; a client in JavaScript would round them as it reads the answer.
      resultSetOptions: { longReturnType: "STRING" },
      ...(transactionId === undefined ? {} : { transactionId }),
    });
    // In a transaction a statement whose response was lost is never sent again: it may be half of a wave.
    return retryTransient(() => client.send(command), {
      repeatable: transactionId === undefined,
      patienceMs,
    }).catch(failed);
  };

  const on = (transaction?: { readonly id: string; readonly turns: Turns }): Database => {
    const send = (statement: Sql) =>
      transaction === undefined
        ? run(statement)
        : transaction.turns.take(() => run(statement, transaction.id));
    const rows = async <Row>(statement: Sql) => {
      const answer = await send(statement);
      return decode<Row>(answer.records ?? [], answer.columnMetadata ?? []);
    };
    const db: Database = {
      rows,
      one: async <Row>(statement: Sql) => {
        const found = await rows<Row>(statement);
        if (found.length !== 1) {
          throw new RowCountError(`One row was expected and ${found.length} came.`);
        }
        return found[0] as Row;
      },
      execute: async (statement) => (await send(statement)).numberOfRecordsUpdated ?? 0,
      transaction: (work, mode = "read committed, read write") =>
        transaction === undefined ? begin(work, mode) : work(db),
    };
    return db;
  };

  const begin = async <Result>(
    work: (transaction: Database) => Promise<Result>,
    mode: TransactionMode,
  ) => {
    const target = { resourceArn, secretArn };
    const { transactionId } = await retryTransient(
      () => client.send(new BeginTransactionCommand({ ...target, database })),
      { repeatable: true, begins: true, patienceMs },
    ).catch(failed);
    const turns = openTurns();
    try {
      const transaction = on({ id: transactionId as string, turns });
      // It takes no snapshot yet.
      await transaction.execute(raw(`set transaction isolation level ${mode}`));
      const result = await work(transaction);
      await client.send(new CommitTransactionCommand({ ...target, transactionId })).catch(failed);
      return result;
    } catch (error) {
      // Beside it others may still be at work: nothing of theirs is sent beside the rollback or behind it.
      await turns.end();
      // The transaction may be gone already (time-out, or the commit itself failed): that is a rollback
      // too. One that was lost is sent again: left alone it would keep its locks for minutes.
      await retryTransient(
        () => client.send(new RollbackTransactionCommand({ ...target, transactionId })),
        { repeatable: true },
      ).catch(() => {});
      // Named where it was made: what failed beside the database is no connection to it that was lost.
      throw error;
    }
  };

  return on();
}

/**
 * Runs `work` in a transaction in which nothing can be written, whatever is executed: only there does the role of
 * sign-offs look for what the platform's people may have made under a name of PostgreSQL's (`stages/set-up/roles.ts`).
 */
export const onlyReading = <Result>(
  db: Database,
  work: (transaction: Database) => Promise<Result>,
): Promise<Result> =>
  db.transaction(async (transaction) => {
    await transaction.rows(
      raw("select set_config('search_path', wavegate.platform_path(), true) as path"),
    );
    return work(transaction);
  }, "read committed, read only");

/** The same of what may be impossible to read, which is undefined then. What fails for the moment alone fails here as well. */
export const readable = <Result>(
  db: Database,
  work: (transaction: Database) => Promise<Result>,
): Promise<Result | undefined> =>
  onlyReading(db, work).catch((error) => {
    if (saysNothing(error)) throw error;
    return undefined;
  });

function decode<Row>(records: Field[][], columns: ColumnMetadata[]): Row[] {
  const readers = columns.map((column) => reader(column.typeName ?? ""));
  const names = columns.map((column) => column.label ?? column.name ?? "");
  return records.map((record) => {
    const row: Record<string, unknown> = {};
    for (let index = 0; index < record.length; index++) {
      row[names[index] as string] = readers[index]?.(record[index] as Field);
    }
    return row as Row;
  });
}

/** How a text is read, by the column's type. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  json: exactJson,
  jsonb: exactJson,
  int2: exactId,
  int4: exactId,
  int8: exactId,
  // Columns with a sequence of their own, as the driver names them.
  smallserial: exactId,
  serial: exactId,
  bigserial: exactId,
  oid: exactId,
};

function reader(type: string): (field: Field) => unknown {
  const read = readers[type] ?? ((value: string) => value);
  return (field) => {
    if (field.isNull) return null;
    if (field.stringValue !== undefined) return read(field.stringValue);
    return field.longValue ?? field.booleanValue ?? field.doubleValue ?? field.blobValue ?? null;
  };
}

/**
 * How long a lock is waited for: the Data API ends a statement after 45 s, and then nobody tries again. Roles have it of
 * their own (`stages/set-up/roles.ts`), so that it holds for what is a single statement as well.
 */
export const longestWait = "30s";

/**
 * Of {@link ownLimits} those of a transaction's work, where it says by itself how long it waits; and values are written
 * as texts in the way in which the database's own guards read them (`compile/wave/created-rows.ts`), and read and put
 * into columns without a zone by no setting of the platform's.
 */
export const workLimits = `set_config('work_mem', least(262144, greatest(16384,
            pg_size_bytes(current_setting('effective_cache_size')) / 1024 / 16))::text || 'kB', true),
          set_config('jit', 'off', true),
          set_config('extra_float_digits', '1', true),
          set_config('timezone', 'UTC', true),
          set_config('datestyle', 'ISO, MDY', true),
          set_config('intervalstyle', 'postgres', true),
          set_config('bytea_output', 'hex', true),
          set_config('statement_timeout', '0', true),
          case when current_setting('transaction_timeout', true) is not null then set_config('transaction_timeout', '0', true) end,
          set_config('idle_in_transaction_session_timeout', '30s', true)`;

/** The transaction's own limits, in the list of a select: see {@link localSettings}. */
export const ownLimits = `${workLimits},
          set_config('lock_timeout', '${longestWait}', true)`;

/** How long a transaction waits for each lock, said without a look: before one, there is no snapshot yet. */
export const limitWaits: Sql = raw(`set local lock_timeout = '${longestWait}'`);

/** How long a transaction is left waiting for whoever began it and may be gone. */
export const endsAfter = (time: string): Sql =>
  raw(`set local idle_in_transaction_session_timeout = '${time}'`);

/**
 * Sets the transaction's own limits; the first statement of every long one. Whoever begins it and is cut
 * off, so that nobody ends it, keeps its locks from others for half a minute at most: between two
 * statements there is never more than a moment's work. A lock is waited for while the Data API waits for the statement,
 * and what was set for the role or the database, for people's sessions or against them, holds for none of them.
 */
export const localSettings: Sql = raw(`select ${ownLimits}`);
