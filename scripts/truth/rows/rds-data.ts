import {
  BatchExecuteStatementCommand,
  BeginTransactionCommand,
  CommitTransactionCommand,
  ExecuteStatementCommand,
  RollbackTransactionCommand,
} from "@aws-sdk/client-rds-data";
import { type Aws, errorOf, type Row } from "../row.ts";

function connection({ data }: Aws) {
  if (!data) throw new Error("There is no database to ask.");
  return data;
}

const execute = async (aws: Aws, sql: string, more: object = {}) => {
  const { client, target } = connection(aws);
  return client.send(new ExecuteStatementCommand({ ...target, sql, ...more }));
};

/** A statement with its first value as the client gives it; nothing is written by any of them. */
const select =
  (sql: string, more: object = {}) =>
  async (aws: Aws) =>
    (await execute(aws, sql, more)).records?.[0]?.[0];

/** A statement with the name and the words of what it ends in. */
const words =
  (sql: string, more: object = {}) =>
  (aws: Aws) =>
    execute(aws, sql, more).catch((error: Error) => [error.name, error.message]);

async function begin(aws: Aws): Promise<string | undefined> {
  const { client, target } = connection(aws);
  return (await client.send(new BeginTransactionCommand(target))).transactionId;
}

const ending = ({ data }: Aws, transactionId: string | undefined) => ({
  resourceArn: data?.target.resourceArn,
  secretArn: data?.target.secretArn,
  transactionId,
});
const commit = (aws: Aws, id?: string) =>
  connection(aws).client.send(new CommitTransactionCommand(ending(aws, id)));
const rollback = (aws: Aws, id?: string) =>
  connection(aws).client.send(new RollbackTransactionCommand(ending(aws, id)));

const call = "ExecuteStatement";
const gone = "bm90IG9uZQ==";

/** What the product asks of the Data API without writing anything. */
const reading: readonly Row[] = [
  {
    asks: "a 64-bit integer as text",
    call,
    known: "documented",
    ask: select("select 9007199254740993::bigint", {
      resultSetOptions: { longReturnType: "STRING" },
    }),
    answers: { stringValue: "9007199254740993" },
  },
  {
    asks: "a decimal",
    call,
    known: "documented",
    ask: select("select 1.50::numeric"),
    answers: { stringValue: "1.50" },
  },
  {
    asks: "a statement that the database refuses",
    call,
    known: "documented",
    ask: select("select 1/0"),
    answers: "DatabaseErrorException",
  },
  {
    asks: "the words of such a refusal, which end in its code",
    call,
    known: "assumed",
    ask: words("select 1/0"),
    answers: ["DatabaseErrorException", "ERROR: division by zero; SQLState: 22012"],
  },
  {
    asks: "two statements in one",
    call,
    known: "documented",
    ask: words("select 1; select 2"),
    answers: ["ValidationException", "Multistatements aren't supported."],
  },
  {
    asks: "whether an object has a key, by an operator that the service's driver takes for a parameter",
    call,
    known: "assumed",
    ask: words("select '{\"a\": 1}'::jsonb ? 'a'"),
    answers: ["DatabaseErrorException", "No value specified for parameter 1."],
  },
  {
    asks: "COPY to the client",
    call,
    known: "assumed",
    ask: select("copy (select 1) to stdout"),
    answers: "DatabaseErrorException",
  },
  {
    asks: "a list as a parameter",
    call,
    known: "documented",
    ask: select("select :list", {
      parameters: [{ name: "list", value: { arrayValue: { longValues: [1] } } }],
    }),
    answers: "BadRequestException",
  },
  {
    asks: "an answer of more than a megabyte",
    call,
    known: "documented",
    ask: select("select repeat('x', 60000) from generate_series(1, 20)"),
    answers: "UnsupportedResultException",
  },
  {
    asks: "the same in a transaction, which is gone with it",
    call,
    known: "documented",
    ask: async (aws) => {
      const transactionId = await begin(aws);
      const large = "select repeat('x', 60000) from generate_series(1, 20)";
      await errorOf(execute(aws, large, { transactionId }));
      return errorOf(execute(aws, "select 1", { transactionId }));
    },
    answers: "TransactionNotFoundException",
  },
  {
    asks: "a statement in a transaction that is not there",
    call,
    known: "documented",
    ask: select("select 1", { transactionId: gone }),
    answers: "TransactionNotFoundException",
  },
  {
    asks: "BeginTransaction in a database that is not there",
    call: "BeginTransaction",
    known: "assumed",
    ask: (aws) => {
      const { client, target } = connection(aws);
      return client.send(new BeginTransactionCommand({ ...target, database: "there_is_none" }));
    },
    answers: "DatabaseErrorException",
  },
  {
    asks: "CommitTransaction of a transaction that is not there",
    call: "CommitTransaction",
    known: "documented",
    ask: (aws) => commit(aws, gone),
    answers: "TransactionNotFoundException",
  },
  {
    asks: "RollbackTransaction of a transaction that is not there",
    call: "RollbackTransaction",
    known: "documented",
    ask: (aws) => rollback(aws, gone),
    answers: "TransactionNotFoundException",
  },
  {
    asks: "CommitTransaction after a statement that failed",
    call: "CommitTransaction",
    known: "assumed",
    ask: async (aws) => {
      const transactionId = await begin(aws);
      await errorOf(execute(aws, "select 1/0", { transactionId }));
      return errorOf(commit(aws, transactionId));
    },
    answers: "DatabaseErrorException",
  },
];

const tableOf = (aws: Aws): string => aws.scratch?.table ?? "";

/** What it asks with writing, in a table made for it. */
const writing: readonly Row[] = [
  {
    asks: "rows written in a transaction that is committed, and in one that is rolled back",
    call: "CommitTransaction",
    known: "documented",
    ask: async (aws) => {
      const kept = await begin(aws);
      const insert = `insert into ${tableOf(aws)} values (:id, 'x')`;
      const row = (longValue: number) => [{ name: "id", value: { longValue } }];
      const { numberOfRecordsUpdated, generatedFields } = await execute(aws, insert, {
        parameters: row(1),
        transactionId: kept,
      });
      const { transactionStatus: committed } = await commit(aws, kept);
      const dropped = await begin(aws);
      await execute(aws, insert, { parameters: row(2), transactionId: dropped });
      const { transactionStatus: undone } = await rollback(aws, dropped);
      const [count] = (await execute(aws, `select count(*) from ${tableOf(aws)}`)).records ?? [];
      return { numberOfRecordsUpdated, generatedFields, committed, undone, count: count?.[0] };
    },
    answers: {
      numberOfRecordsUpdated: 1,
      generatedFields: [],
      committed: "Transaction Committed",
      undone: "Rollback Complete",
      count: { longValue: 1 },
    },
  },
  {
    asks: "a row that is there already, by its code",
    call,
    known: "assumed",
    ask: async (aws) => {
      const twice = `insert into ${tableOf(aws)} values (7, 'x'), (7, 'y')`;
      const failed = await execute(aws, twice).catch((error: Error) => error);
      return (
        failed instanceof Error && [
          failed.name,
          /SQLState: (\w+)$/.exec(failed.message)?.[1] ?? failed.message,
        ]
      );
    },
    answers: ["DatabaseErrorException", "23505"],
  },
  {
    asks: "a batch, all of it or nothing",
    call: "BatchExecuteStatement",
    known: "documented",
    ask: async (aws) => {
      const { client, target } = connection(aws);
      const sql = `insert into ${tableOf(aws)} values (:id, 'batch')`;
      const batch = (...ids: number[]) =>
        client.send(
          new BatchExecuteStatementCommand({
            ...target,
            sql,
            parameterSets: ids.map((longValue) => [{ name: "id", value: { longValue } }]),
          }),
        );
      const { updateResults } = await batch(11, 12);
      const failed = await errorOf(batch(13, 13));
      const count = `select count(*) from ${tableOf(aws)} where name = 'batch'`;
      const found = (await execute(aws, count)).records?.[0]?.[0];
      return { results: updateResults?.length, failed, found };
    },
    answers: { results: 2, failed: "DatabaseErrorException", found: { longValue: 2 } },
  },
  {
    asks: "a batch of 1,001 sets",
    call: "BatchExecuteStatement",
    // Older documentation names 1,000, newer none: ours is the stricter of the two.
    known: "assumed",
    ask: (aws) => {
      const { client, target } = connection(aws);
      const parameterSets = Array.from({ length: 1001 }, () => []);
      const sql = `delete from ${tableOf(aws)} where false`;
      return client.send(new BatchExecuteStatementCommand({ ...target, sql, parameterSets }));
    },
    answers: "BadRequestException",
  },
];

export const rdsData: readonly Row[] = [
  ...reading.map((row): Row => ({ ...row, needs: "data" })),
  ...writing.map((row): Row => ({ ...row, needs: "scratch table" })),
];
