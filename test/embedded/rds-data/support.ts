import {
  BatchExecuteStatementCommand,
  BeginTransactionCommand,
  CommitTransactionCommand,
  ExecuteStatementCommand,
  type ExecuteStatementCommandInput,
  type Field,
  RDSDataClient,
  RollbackTransactionCommand,
  type SqlParameter,
} from "@aws-sdk/client-rds-data";
import {
  type RdsDataServiceOptions,
  startRdsDataService,
} from "../../../lib/embedded/rds-data/service.ts";
import { testDatabase } from "../../support/postgres.ts";

export const CLUSTER = "arn:aws:rds:eu-west-3:123456789012:cluster:platform";
export const OWNER_SECRET = "arn:aws:secretsmanager:eu-west-3:123456789012:secret:owner";

type Extra = Partial<ExecuteStatementCommandInput>;

/** A service of its own database, with the SDK's client and short words for its calls. */
export async function startTrial(options: Partial<RdsDataServiceOptions> = {}) {
  const database = await testDatabase();
  const service = await startRdsDataService({
    roles: { [OWNER_SECRET]: { connectionString: database.url } },
    resourceArn: CLUSTER,
    authenticate: async () => "tester",
    ...options,
  });
  const client = new RDSDataClient({
    endpoint: service.url,
    region: "eu-west-3",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
    maxAttempts: 1,
  });
  const target = { resourceArn: CLUSTER, secretArn: OWNER_SECRET };
  const execute = (sql: string, parameters: SqlParameter[] = [], extra: Extra = {}) =>
    client.send(new ExecuteStatementCommand({ ...target, sql, parameters, ...extra }));
  return {
    database,
    service,
    client,
    target,
    execute,
    /** The first field of the first row. */
    async one(sql: string, parameters: SqlParameter[] = [], extra: Extra = {}) {
      const { records } = await execute(sql, parameters, extra);
      return records?.[0]?.[0] as Field;
    },
    batch: (sql: string, parameterSets?: SqlParameter[][], transactionId?: string) =>
      client.send(
        new BatchExecuteStatementCommand({ ...target, sql, parameterSets, transactionId }),
      ),
    async begin(): Promise<string> {
      const { transactionId } = await client.send(new BeginTransactionCommand(target));
      return transactionId as string;
    },
    commit: (transactionId: string) =>
      client.send(new CommitTransactionCommand({ ...target, transactionId })),
    rollback: (transactionId: string) =>
      client.send(new RollbackTransactionCommand({ ...target, transactionId })),
    async end() {
      client.destroy();
      await service.close();
      await database.drop();
    },
  };
}

export type Trial = Awaited<ReturnType<typeof startTrial>>;

export const text = (name: string, stringValue: string): SqlParameter => ({
  name,
  value: { stringValue },
});
export const long = (name: string, longValue: number): SqlParameter => ({
  name,
  value: { longValue },
});
export const nothing = (name: string): SqlParameter => ({ name, value: { isNull: true } });
