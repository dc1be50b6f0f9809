import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import { ExecuteStatementCommand, RDSDataClient } from "@aws-sdk/client-rds-data";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Fault, LogEntry } from "../../../lib/embedded/rds-data/service.ts";
import { CLUSTER, OWNER_SECRET, startTrial, type Trial, text } from "./support.ts";

let trial: Trial;
let fault: ((operation: string, sql: string | undefined) => Fault | undefined) | undefined;
const log: LogEntry[] = [];

beforeAll(async () => {
  trial = await startTrial({
    faults: (operation, sql) => fault?.(operation, sql),
    log: (entry) => log.push(entry),
  });
  await trial.execute("CREATE TABLE notes (body text)");
});
beforeEach(async () => {
  fault = undefined;
  await trial.execute("TRUNCATE notes");
});
afterAll(() => trial.end());

const notes = async () => (await trial.one("SELECT count(*) FROM notes")).longValue;
const insert = (transactionId?: string) =>
  trial.execute("INSERT INTO notes VALUES ('x')", [], { transactionId });

/** A request without the SDK, for what the SDK would not send. */
function raw(path: string, body: string, method = "POST", agent?: Agent) {
  return new Promise<{ status?: number; type?: unknown; body: string }>((resolve, reject) => {
    const sent = request(`${trial.service.url}${path}`, { method, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode,
          type: response.headers["x-amzn-errortype"],
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on("error", reject);
    sent.end(method === "GET" ? undefined : body);
  });
}

it("names its errors in a header and in the body", async () => {
  const answer = await raw("/Execute", JSON.stringify({ ...trial.target, sql: "SELEC 1" }));
  expect(answer).toMatchObject({ status: 400, type: "DatabaseErrorException" });
  expect(JSON.parse(answer.body)).toEqual({
    __type: "DatabaseErrorException",
    message: 'ERROR: syntax error at or near "SELEC"; Position: 1; SQLState: 42601',
  });
});

it.each([
  ["no JSON", "{", "The request is not JSON"],
  ["no object", "[]", "The request is not a JSON object"],
  [
    "a value of the wrong kind",
    JSON.stringify({
      resourceArn: CLUSTER,
      secretArn: OWNER_SECRET,
      sql: "SELECT :p",
      parameters: [{ name: "p", value: { longValue: "7" } }],
    }),
    'Parameter "p" has a value that is not a longValue',
  ],
  [
    "two values",
    JSON.stringify({
      resourceArn: CLUSTER,
      secretArn: OWNER_SECRET,
      sql: "SELECT :p",
      parameters: [{ name: "p", value: { longValue: 7, stringValue: "7" } }],
    }),
    'Parameter "p" has value with several fields set',
  ],
])("refuses a request with %s", async (_what, body, message) => {
  const answer = await raw("/Execute", body);
  expect(answer).toMatchObject({ status: 400, type: "BadRequestException" });
  expect(JSON.parse(answer.body).message).toBe(message);
});

const NULL = "failed to satisfy constraint: Member must not be null";
const place = { resourceArn: CLUSTER, secretArn: OWNER_SECRET };

it.each([
  [
    "/Execute",
    {},
    `3 validation errors detected: Value null at 'resourceArn' ${NULL}; Value null at 'secretArn' ${NULL}; Value null at 'sql' ${NULL}`,
  ],
  [
    "/Execute",
    { ...place, resourceArn: null, sql: "SELECT 1" },
    `1 validation error detected: Value null at 'resourceArn' ${NULL}`,
  ],
  [
    "/BatchExecute",
    { ...place, secretArn: "short", sql: "SELECT 1" },
    "1 validation error detected: Value 'short' at 'secretArn' failed to satisfy constraint: Member must have length greater than or equal to 11",
  ],
  [
    "/BatchExecute",
    { ...place, sql: "SELECT 1", parameterSets: [[], null] },
    `1 validation error detected: Value null at 'parameterSets.2.member' ${NULL}`,
  ],
  [
    "/BeginTransaction",
    { secretArn: OWNER_SECRET, database: "d".repeat(65) },
    `2 validation errors detected: Value null at 'resourceArn' ${NULL}; Value '${"d".repeat(65)}' at 'database' failed to satisfy constraint: Member must have length less than or equal to 64`,
  ],
  [
    "/CommitTransaction",
    place,
    `1 validation error detected: Value null at 'transactionId' ${NULL}`,
  ],
  [
    "/RollbackTransaction",
    { ...place, transactionId: "t".repeat(193) },
    `1 validation error detected: Value '${"t".repeat(193)}' at 'transactionId' failed to satisfy constraint: Member must have length less than or equal to 192`,
  ],
  [
    "/Execute",
    { ...place, sql: "SELECT 1", formatRecordsAs: "CSV" },
    "1 validation error detected: Value 'CSV' at 'formatRecordsAs' failed to satisfy constraint: Member must satisfy enum value set: [NONE, JSON]",
  ],
  [
    "/Execute",
    { ...place, sql: "SELECT 1", resultSetOptions: { longReturnType: "BIG" } },
    "1 validation error detected: Value 'BIG' at 'resultSetOptions.longReturnType' failed to satisfy constraint: Member must satisfy enum value set: [STRING, LONG]",
  ],
])("W2 %s says as the service's model what is wrong with %j", async (path, body, message) => {
  const answer = await raw(path, JSON.stringify(body));
  expect(answer).toMatchObject({ status: 400, type: "ValidationException" });
  expect(JSON.parse(answer.body).message).toBe(message);
});

it.each([
  "/Execute",
  "/BatchExecute",
  "/BeginTransaction",
  "/CommitTransaction",
  "/RollbackTransaction",
])("W2 %s knows no cluster of another region, partition, account or name", async (path) => {
  const given = { secretArn: OWNER_SECRET, sql: "SELECT 1", transactionId: "t" };
  const [arn, partition, service, region, account, kind, name] = CLUSTER.split(":");
  for (const other of [
    [arn, partition, service, "ap-south-2", account, kind, name],
    [arn, "aws-cn", service, region, account, kind, name],
    [arn, partition, service, region, "111122223333", kind, name],
    [arn, partition, service, region, account, kind, "another"],
  ]) {
    const answer = await raw(path, JSON.stringify({ ...given, resourceArn: other.join(":") }));
    expect(answer).toMatchObject({ status: 400, type: "HttpEndpointNotEnabledException" });
  }
});

it.each([
  [{ sql: 7 }, "NUMBER_VALUE can not be converted to a String"],
  [{ sql: ["SELECT 1"] }, "Start of list found where not expected"],
  [{ sql: "SELECT 1", parameters: {} }, "Start of structure or map found where not expected."],
  [
    { sql: "SELECT 1", includeResultMetadata: "yes" },
    "STRING_VALUE can not be converted to a Boolean",
  ],
])("W2 a value of another JSON type, %j, is not read", async (more, message) => {
  const answer = await raw("/Execute", JSON.stringify({ ...place, ...more }));
  expect(answer).toMatchObject({ status: 400, type: "SerializationException" });
  expect(JSON.parse(answer.body).message).toBe(message);
});

it.each([
  "COPY (SELECT 1) TO STDOUT",
  "copy things from  stdin with (format csv)",
  "/* a comment */ COPY t TO\nSTDOUT",
])(
  "W2 refuses %j, as nobody is at the other end of it, and the next statement runs",
  async (sql) => {
    await expect(trial.execute(sql)).rejects.toMatchObject({
      name: "DatabaseErrorException",
      message:
        "ERROR: COPY commands are only supported using the CopyManager API.; SQLState: 0A000",
    });
    const words = "SELECT 'copy t from stdin' AS said";
    expect((await trial.execute(words)).records).toEqual([[{ stringValue: "copy t from stdin" }]]);
  },
);

it("knows its five operations and nothing else", async () => {
  for (const [method, path] of [
    ["POST", "/ExecuteSql"],
    ["GET", "/Execute"],
    ["POST", "/"],
    ["POST", "/__proto__"],
  ]) {
    expect(await raw(path as string, "{}", method)).toMatchObject({
      status: 404,
      type: "UnknownOperationException",
    });
  }
});

it("refuses an unknown secret, another cluster, and the schema parameter", async () => {
  await expect(
    trial.execute("SELECT 1", [], { secretArn: `${OWNER_SECRET}-x` }),
  ).rejects.toMatchObject({ name: "AccessDeniedException", $metadata: { httpStatusCode: 403 } });
  await expect(trial.execute("SELECT 1", [], { secretArn: "constructor" })).rejects.toMatchObject({
    name: "AccessDeniedException",
  });
  await expect(
    trial.execute("SELECT 1", [], { resourceArn: `${CLUSTER}-x` }),
  ).rejects.toMatchObject({
    name: "HttpEndpointNotEnabledException",
    message: `HttpEndpoint is not enabled for cluster ${CLUSTER}-x`,
  });
  await expect(trial.execute("SELECT 1", [], { schema: "public" })).rejects.toMatchObject({
    name: "ValidationException",
    message: "The schema parameter isn't supported",
  });
});

it("refuses several statements in one, and takes a semicolon at the end", async () => {
  await expect(
    trial.execute("INSERT INTO notes VALUES ('x'); DELETE FROM notes"),
  ).rejects.toMatchObject({
    name: "ValidationException",
    message: "Multistatements aren't supported.",
  });
  expect(await notes()).toBe(0);
  await trial.execute("INSERT INTO notes VALUES ('x;'); -- done");
  expect(await notes()).toBe(1);
});

it("gives every secret its own role, with that role's rights", async () => {
  // Roles belong to the whole server, which other test files use as well.
  const role = `reader_${trial.database.name}`;
  await trial.execute(`CREATE ROLE ${role} LOGIN PASSWORD 'reads'`);
  await trial.execute(`GRANT SELECT ON notes TO ${role}`);
  const url = new URL(trial.database.url);
  url.username = role;
  url.password = "reads";
  const secretArn = `${OWNER_SECRET}-reader`;
  const reader = await startTrial({ roles: { [secretArn]: { connectionString: url.href } } });
  const as = { secretArn };
  expect(await reader.one("SELECT current_user", [], as)).toEqual({ stringValue: role });
  expect(await reader.one("SELECT count(*) FROM notes", [], as)).toEqual({ longValue: 0 });
  await expect(reader.execute("INSERT INTO notes VALUES ('x')", [], as)).rejects.toMatchObject({
    name: "DatabaseErrorException",
    message: "ERROR: permission denied for table notes; SQLState: 42501",
  });
  await reader.end();
  await trial.execute(`DROP OWNED BY ${role}`);
  await trial.execute(`DROP ROLE ${role}`);
});

it("uses the database that the request names", async () => {
  const { stringValue } = await trial.one("SELECT current_database()");
  expect(stringValue).toBe(trial.database.name);
  const named = await trial.one("SELECT current_database()", [], { database: "postgres" });
  expect(named).toEqual({ stringValue: "postgres" });
  await expect(trial.execute("SELECT 1", [], { database: "none" })).rejects.toMatchObject({
    name: "DatabaseErrorException",
    message: 'FATAL: database "none" does not exist; SQLState: 3D000',
  });
});

it("asks who sends a request, with its very bytes, and answers refusals as they are", async () => {
  const asked: unknown[] = [];
  const guarded = await startTrial({
    authenticate: async (call) => {
      asked.push([call.method, call.path, call.service, typeof call.headers.authorization]);
      if (call.body.includes("secret words")) {
        const refusal = { name: "InvalidSignatureException", status: 403 };
        throw Object.assign(new Error("The signature does not match."), refusal);
      }
      return "somebody";
    },
  });
  expect(await guarded.one("SELECT 1")).toEqual({ longValue: 1 });
  await expect(guarded.execute("SELECT 'secret words'")).rejects.toMatchObject({
    name: "InvalidSignatureException",
    message: "The signature does not match.",
    $metadata: { httpStatusCode: 403 },
  });
  expect(asked).toEqual([
    ["POST", "/Execute", "rds-data", "string"],
    ["POST", "/Execute", "rds-data", "string"],
  ]);
  await guarded.end();
});

it("throttles and resumes on demand, before anything is done", async () => {
  fault = () => ({ kind: "throttle" });
  await expect(insert()).rejects.toMatchObject({ name: "ThrottlingException" });
  fault = (operation, sql) =>
    operation === "ExecuteStatement" && sql?.startsWith("INSERT")
      ? { kind: "resuming" }
      : undefined;
  await expect(insert()).rejects.toMatchObject({ name: "DatabaseResumingException" });
  expect(await notes()).toBe(0);
});

it("loses an answer on demand, after everything was done", async () => {
  fault = (_operation, sql) => (sql?.startsWith("INSERT") ? { kind: "lose-response" } : undefined);
  await expect(insert()).rejects.toThrow(/socket hang up|ECONNRESET/);
  expect(await notes()).toBe(1);
});

it("loses the answer to a commit, which was done", async () => {
  const id = await trial.begin();
  await insert(id);
  fault = (operation) =>
    operation === "CommitTransaction" ? { kind: "lose-response" } : undefined;
  await expect(trial.commit(id)).rejects.toThrow(/socket hang up|ECONNRESET/);
  expect(await notes()).toBe(1);
});

it("times out on demand: the statement was done, but a transaction is ended", async () => {
  fault = (_operation, sql) => (sql?.startsWith("INSERT") ? { kind: "timeout" } : undefined);
  await expect(insert()).rejects.toMatchObject({ name: "StatementTimeoutException" });
  expect(await notes()).toBe(1);
  const id = await trial.begin();
  await expect(insert(id)).rejects.toMatchObject({ name: "StatementTimeoutException" });
  await expect(trial.commit(id)).rejects.toMatchObject({ name: "TransactionNotFoundException" });
  expect(await notes()).toBe(1);
});

it("says that the database is not available when it ends the connection", async () => {
  await expect(
    trial.execute("SELECT pg_terminate_backend(pg_backend_pid())"),
  ).rejects.toMatchObject({
    name: "DatabaseUnavailableException",
    $metadata: { httpStatusCode: 504 },
  });
  expect(await trial.one("SELECT 1")).toEqual({ longValue: 1 });
});

it("counts requests and bytes by operation, and logs neither SQL nor values", async () => {
  const fresh = await startTrial({ log: (entry) => log.push(entry) });
  log.length = 0;
  await fresh.execute("SELECT :secret", [text("secret", "word")]);
  await expect(fresh.execute("SELECT nonsense")).rejects.toThrow();
  await fresh.rollback(await fresh.begin());
  const { ExecuteStatement, BeginTransaction, RollbackTransaction } = fresh.service.stats();
  expect(ExecuteStatement).toMatchObject({ requests: 2, failures: 1, units: 2 });
  expect(ExecuteStatement?.bytesOut).toBeGreaterThan(60);
  expect(ExecuteStatement?.bytesIn).toBeGreaterThan(400);
  expect(BeginTransaction).toMatchObject({ requests: 1, failures: 0 });
  expect(RollbackTransaction).toMatchObject({ requests: 1, failures: 0 });
  expect(log.map(({ operation, caller, error }) => [operation, caller, error])).toEqual([
    ["ExecuteStatement", "tester", undefined],
    ["ExecuteStatement", "tester", "DatabaseErrorException"],
    ["BeginTransaction", "tester", undefined],
    ["RollbackTransaction", "tester", undefined],
  ]);
  expect(JSON.stringify(log)).not.toMatch(/word|nonsense/);
  await fresh.end();
});

it("answers many callers at once, and over connections that are kept", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set<number | undefined>();
  agent.on("free", (socket) => ports.add(socket.localPort));
  const body = JSON.stringify({ ...trial.target, sql: "SELECT 1" });
  for (let i = 0; i < 3; i++) await raw("/Execute", body, "POST", agent);
  agent.destroy();
  expect(ports.size).toBe(1);

  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) => trial.one("SELECT :i || ''", [text("i", String(i))])),
  );
  expect(answers.map(({ stringValue }) => stringValue)).toEqual(
    Array.from({ length: 60 }, (_, i) => String(i)),
  );
});

it("takes record sets of 900 KiB, several at a time, without losing a row", async () => {
  await trial.execute("CREATE TABLE people (id int, name text)");
  const rowsOf = (set: number) =>
    JSON.stringify(
      Array.from({ length: 5_000 }, (_, i) => [
        set * 5_000 + i,
        `é"\\ ${randomBytes(80).toString("hex")}`,
      ]),
    );
  const sql =
    "INSERT INTO people SELECT (e->>0)::int, e->>1 FROM jsonb_array_elements(:rows::jsonb) e";
  const sets = Array.from({ length: 8 }, (_, set) => rowsOf(set));
  expect(Buffer.byteLength(sets[0] as string)).toBeGreaterThan(850_000);
  const results = await Promise.all(sets.map((rows) => trial.execute(sql, [text("rows", rows)])));
  expect(results.map(({ numberOfRecordsUpdated }) => numberOfRecordsUpdated)).toEqual(
    Array.from({ length: 8 }, () => 5_000),
  );
  const counted = await trial.execute("SELECT count(DISTINCT id), min(name), max(id) FROM people");
  expect(counted.records?.[0]?.[0]).toEqual({ longValue: 40_000 });
  expect(counted.records?.[0]?.[1]?.stringValue).toMatch(/^é"\\ [0-9a-f]{160}$/);
});

it("cancels what is running when it closes, and answers no more", async () => {
  const closing = await startTrial();
  const slow = expect(closing.execute("SELECT pg_sleep(30)::text")).rejects.toMatchObject({
    name: "DatabaseErrorException",
    message: "ERROR: canceling statement due to user request; SQLState: 57014",
  });
  await closing.one("SELECT pg_sleep(0.2)::text");
  await closing.service.close();
  await slow;
  const client = new RDSDataClient({
    endpoint: closing.service.url,
    region: "eu-west-3",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
  });
  await expect(
    client.send(new ExecuteStatementCommand({ ...closing.target, sql: "SELECT 1" })),
  ).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await closing.end();
});
