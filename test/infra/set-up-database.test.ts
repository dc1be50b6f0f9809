import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { RDSDataClient } from "@aws-sdk/client-rds-data";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { mockClient } from "aws-sdk-client-mock";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { handler } from "../../functions/set-up-database.ts";
import { databaseRoles } from "../../lib/define/database-roles.ts";
import { type RdsDataService, startRdsDataService } from "../../lib/embedded/rds-data/service.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";

const arn = (name: string) => `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}`;
const secrets = mockClient(SecretsManagerClient);

let database: TestDatabase;
let rds: RdsDataService;
let formation: Server;
let answers: Record<string, string>[] = [];
let url: string;

beforeAll(async () => {
  database = await testDatabase();
  const resourceArn = "arn:aws:rds:us-east-1:000000000000:cluster:test";
  rds = await startRdsDataService({
    resourceArn,
    authenticate: async () => "test",
    roles: { [arn("admin")]: { connectionString: database.url } },
  });
  formation = createServer((request, response) => {
    let body = "";
    request.on("data", (data) => {
      body += data;
    });
    request.on("end", () => {
      answers.push(JSON.parse(body));
      response.end();
    });
  });
  await new Promise<void>((resolve) => formation.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(formation.address() as AddressInfo).port}/answer`;
  const settings = {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL_RDS_DATA: rds.url,
    WAVEGATE_CLUSTER_ARN: resourceArn,
    WAVEGATE_DATABASE: database.name,
    WAVEGATE_ADMIN_SECRET_ARN: arn("admin"),
    WAVEGATE_STAGE_SECRET_ARN: arn("stage"),
    WAVEGATE_SIGN_SECRET_ARN: arn("sign"),
    WAVEGATE_COMMIT_SECRET_ARNS: `ecoin=${arn("commit")}`,
    WAVEGATE_OPERATOR_SECRET_ARN: arn("operator"),
  };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  for (const role of ["stage", "sign", "commit", "operator"]) {
    secrets.on(GetSecretValueCommand, { SecretId: arn(role) }).resolves({
      SecretString: JSON.stringify({ username: role, password: `${role}-in-tests` }),
    });
  }
});

afterAll(async () => {
  vi.unstubAllEnvs();
  secrets.restore();
  formation.close();
  await rds.close();
  await database.drop();
});

beforeEach(() => {
  answers = [];
});

const event = (RequestType: "Create" | "Update" | "Delete", properties: object = {}) => ({
  RequestType,
  ResponseURL: url,
  StackId: "stack",
  RequestId: "request",
  LogicalResourceId: "DatabaseIsSetUp",
  ResourceProperties: {
    ServiceToken: "…",
    Migrations: ["ecoin"],
    PlatformSchema: "given",
    ...properties,
  },
});

async function query<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

describe("D19 the set-up at a deployment", () => {
  it("W13 tells CloudFormation which tables a platform's database lacks, and makes nothing", async () => {
    await handler(event("Create"));
    expect(answers).toMatchObject([{ Status: "FAILED", PhysicalResourceId: "DatabaseIsSetUp" }]);
    expect(answers[0]?.Reason?.split(":")[0]).toBe("PlatformTablesMissing");
    expect(answers[0]?.Reason).toMatch(
      /^PlatformTablesMissing: The platform's database has no table .*users.* Nothing was set up\./,
    );
    expect(await query("select 1 from pg_namespace where nspname = 'wavegate'")).toEqual([]);
  });

  it("W13 leaves staging of an earlier version as it is, and says what to do", async () => {
    await query("create schema wavegate");
    await query("create table wavegate.legacy_student_imports (id bigint)");
    await handler(event("Create", { PlatformSchema: "made for trials" }));
    expect(answers[0]?.Reason?.split(":")[0]).toBe("StagingOutdated");
    expect(answers[0]?.Reason).toMatch(
      /^StagingOutdated: .*wavegate\.legacy_student_imports is a table there\. Nothing was changed\. /,
    );
    expect(await query("select tablename from pg_tables where schemaname = 'wavegate'")).toEqual([
      { tablename: "legacy_student_imports" },
    ]);
    await query("drop schema wavegate cascade");
  });

  it("makes the platform's own tables only where the database was made for trials", async () => {
    await handler(event("Create", { PlatformSchema: "made for trials" }));
    expect(answers).toEqual([
      {
        Status: "SUCCESS",
        Reason: "The database is set up.",
        PhysicalResourceId: "DatabaseIsSetUp",
        StackId: "stack",
        RequestId: "request",
        LogicalResourceId: "DatabaseIsSetUp",
      },
    ]);
    const found = await query<{ name: string }>(
      "select to_regclass('users')::text as name union all select to_regclass('wavegate.legacy_student_imports')::text order by 1",
    );
    expect(found.map(({ name }) => name)).toEqual(["users", "wavegate.legacy_student_imports"]);
  });

  it("is safe to run again, and leaves what is there", async () => {
    await query("insert into users (full_name) values ('Somebody')");
    await handler(event("Update", { PlatformSchema: "made for trials", Version: "another" }));
    expect(answers).toMatchObject([{ Status: "SUCCESS" }]);
    expect(await query("select full_name from users")).toEqual([{ full_name: "Somebody" }]);
  });

  it("D19 W14 says no password in what it sends: statements are kept where others look", async () => {
    const sent = vi.spyOn(RDSDataClient.prototype, "send");
    await handler(event("Update", { PlatformSchema: "made for trials", Version: "a third" }));
    const said = sent.mock.calls.map(([{ input }]) => JSON.stringify(input));
    sent.mockRestore();
    expect(said.filter((each) => each.includes("login password"))).toHaveLength(4);
    expect(said.filter((each) => each.includes("-in-tests"))).toEqual([]);
  });

  it("gives the roles the passwords of their secrets", async () => {
    const as = new URL(database.url);
    as.username = databaseRoles(database.name).commit("ecoin");
    as.password = "commit-in-tests";
    const client = new pg.Client({ connectionString: as.href });
    await client.connect();
    await expect(client.query("update users set full_name = 'x'")).rejects.toThrow(
      "permission denied",
    );
    await client.end();
  });

  it("leaves everything when the stack goes: it is evidence", async () => {
    await handler(event("Delete"));
    expect(answers).toMatchObject([{ Status: "SUCCESS" }]);
    expect(await query("select to_regclass('wavegate.audit_log')::text as name")).toEqual([
      { name: "wavegate.audit_log" },
    ]);
  });

  it("refuses a migration that does not exist, in one sentence", async () => {
    await handler(event("Update", { Migrations: ["alpha3"] }));
    expect(answers).toMatchObject([
      {
        Status: "FAILED",
        Reason: "UnknownMigration: There is no migration “alpha3”. Nothing was set up.",
      },
    ]);
  });
});
