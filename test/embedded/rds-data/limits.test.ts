import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startTrial, type Trial, text } from "./support.ts";

const KIB = 1024;
let trial: Trial;
let hurried: Trial;

beforeAll(async () => {
  trial = await startTrial();
  await trial.execute("CREATE TABLE notes (body text)");
  hurried = await startTrial({ limits: { callMs: 300 } });
  await hurried.execute("CREATE TABLE notes (body text)");
});
beforeEach(async () => {
  await trial.execute("TRUNCATE notes");
  await hurried.execute("TRUNCATE notes");
});
afterAll(async () => {
  await trial.end();
  await hurried.end();
});

const notes = async (on: Trial) => (await on.one("SELECT count(*) FROM notes")).longValue;
const SIZE_ERROR = {
  name: "UnsupportedResultException",
  message: "The result exceeds the size limit 1 MB.",
};

it("takes a request of nearly 4 MiB, and refuses one of more without running it", async () => {
  const insert = "INSERT INTO notes VALUES (:body)";
  await trial.execute(insert, [text("body", "x".repeat(4096 * KIB - 4 * KIB))]);
  expect(await trial.one("SELECT length(body) FROM notes")).toEqual({ longValue: 4_190_208 });
  await expect(trial.execute(insert, [text("body", "x".repeat(4096 * KIB))])).rejects.toMatchObject(
    {
      name: "BadRequestException",
      message: "The request is larger than the limit of 4 MiB",
    },
  );
  expect(await notes(trial)).toBe(1);
});

it("counts the headers of a request, too", async () => {
  const sql = "SELECT length(:body)";
  const empty = JSON.stringify({ ...trial.target, sql, parameters: [text("body", "")] });
  const room = 4096 * KIB - empty.length;
  const measure = (headers: number) => [text("body", "x".repeat(room - headers))];
  await expect(trial.execute(sql, measure(300))).rejects.toThrow(/limit of 4 MiB$/);
  expect((await trial.execute(sql, measure(2_000))).records).toHaveLength(1);
});

it("counts JSON's own characters into the size of a request", async () => {
  const quotes = '"'.repeat(2100 * KIB);
  await expect(trial.execute("SELECT length(:q)", [text("q", quotes)])).rejects.toThrow(/4 MiB$/);
});

it("answers with nearly 1 MiB, and refuses to answer with more", async () => {
  const rows = (n: number) => `SELECT repeat('x', 60000) FROM generate_series(1, ${n})`;
  expect((await trial.execute(rows(17))).records).toHaveLength(17);
  await expect(trial.execute(rows(18))).rejects.toMatchObject(SIZE_ERROR);
});

it("counts what the answer's JSON adds to its size", async () => {
  // 60,000 numbers of one digit are 60 KB of values, but 1.1 MB of answer.
  await expect(trial.execute("SELECT 1 FROM generate_series(1, 60000)")).rejects.toMatchObject(
    SIZE_ERROR,
  );
});

it("does not read a huge result to its end", async () => {
  const rows = "SELECT repeat('x', 60000) FROM generate_series(1, 2000000)";
  await expect(trial.execute(rows)).rejects.toMatchObject(SIZE_ERROR);
  await expect.poll(() => running(trial, "generate_series(1, 2000000)")).toBe(0);
});

it("ends the transaction whose answer is too large", async () => {
  const id = await trial.begin();
  const within = { transactionId: id };
  await trial.execute("INSERT INTO notes VALUES ('a')", [], within);
  const rows = "SELECT repeat('x', 60000) FROM generate_series(1, 18)";
  await expect(trial.execute(rows, [], within)).rejects.toMatchObject(SIZE_ERROR);
  await expect(trial.execute("SELECT 1", [], within)).rejects.toMatchObject({
    name: "TransactionNotFoundException",
    message: `Transaction ${id} is not found. Transaction has been aborted due to an error from a previous call.`,
  });
  expect(await notes(trial)).toBe(0);
});

it("returns a row of 64 KiB, and refuses a larger one", async () => {
  const row = (n: number) => `SELECT repeat('é', ${n / 2 - 500}), repeat('x', 1000)`;
  expect((await trial.execute(row(64 * KIB))).records).toHaveLength(1);
  await expect(trial.execute(row(64 * KIB + 2))).rejects.toMatchObject({
    name: "UnsupportedResultException",
    message: "Packet for query is too large: a row exceeds the size limit 64 KB.",
  });
});

it("formats up to 10 MiB of records as JSON", async () => {
  const rows = (n: number) => `SELECT repeat('x', 60000) AS x FROM generate_series(1, ${n})`;
  const json = { formatRecordsAs: "JSON" } as const;
  const { formattedRecords } = await trial.execute(rows(174), [], json);
  expect(JSON.parse(formattedRecords ?? "")).toHaveLength(174);
  await expect(trial.execute(rows(175), [], json)).rejects.toMatchObject(SIZE_ERROR);
});

it("takes an SQL text of 65,536 characters, and no longer one", async () => {
  const sql = (length: number) => "SELECT 1 --".padEnd(length, ".");
  expect((await trial.execute(sql(65_536))).records).toEqual([[{ longValue: 1 }]]);
  await expect(trial.execute(sql(65_537))).rejects.toMatchObject({
    name: "ValidationException",
    message:
      "1 validation error detected: Value at 'sql' failed to satisfy constraint: " +
      "Member must have length less than or equal to 65536",
  });
});

it("ends a statement that takes too long, and what it wrote is not there", async () => {
  const slow =
    "WITH n AS (INSERT INTO notes VALUES ('late') RETURNING 1) SELECT pg_sleep(20)::text FROM n";
  await expect(hurried.execute(slow)).rejects.toMatchObject({
    name: "StatementTimeoutException",
    message: "Request timed out",
    dbConnectionId: expect.any(Number),
    $metadata: { httpStatusCode: 400 },
  });
  expect(await running(hurried, "pg_sleep")).toBe(0);
  expect(await notes(hurried)).toBe(0);
});

it("lets it go on when asked to, and the caller hears of the time-out all the same", async () => {
  const slow = "WITH n AS (SELECT pg_sleep(0.9)) INSERT INTO notes SELECT 'late' FROM n";
  await expect(hurried.execute(slow, [], { continueAfterTimeout: true })).rejects.toMatchObject({
    name: "StatementTimeoutException",
  });
  expect(await notes(hurried)).toBe(0);
  await expect.poll(() => notes(hurried), { timeout: 10_000 }).toBe(1);
});

it("ends the transaction in which a statement took too long", async () => {
  const id = await hurried.begin();
  const within = { transactionId: id };
  await hurried.execute("INSERT INTO notes VALUES ('a')", [], within);
  await expect(hurried.execute("SELECT pg_sleep(20)::text", [], within)).rejects.toMatchObject({
    name: "StatementTimeoutException",
  });
  await expect(hurried.commit(id)).rejects.toMatchObject({
    name: "TransactionNotFoundException",
    message: `Transaction ${id} is not found. Transaction has been aborted due to an error from a previous call.`,
  });
  expect(await running(hurried, "pg_sleep")).toBe(0);
  expect(await notes(hurried)).toBe(0);
});

it("does not let a statement of a transaction go on after its time", async () => {
  const id = await hurried.begin();
  await expect(
    hurried.execute("SELECT 1", [], { transactionId: id, continueAfterTimeout: true }),
  ).rejects.toMatchObject({
    name: "BadRequestException",
    message: "continueAfterTimeout is not supported within a transaction",
  });
  await hurried.rollback(id);
});

it("gives a whole batch the time of one call", async () => {
  const sets = Array.from({ length: 100 }, () => []);
  const slow = "INSERT INTO notes SELECT 'x' FROM pg_sleep(0.05)";
  await expect(hurried.batch(slow, sets)).rejects.toMatchObject({
    name: "StatementTimeoutException",
  });
  expect(await notes(hurried)).toBe(0);
});

it("does not let a caller wait for a connection for ever", async () => {
  const narrow = await startTrial({ maxConnectionsPerRole: 1, limits: { callMs: 300 } });
  const id = await narrow.begin();
  await expect(narrow.execute("SELECT 1")).rejects.toMatchObject({
    name: "DatabaseUnavailableException",
    message: "No database connection is free.",
  });
  await narrow.rollback(id);
  expect(await narrow.one("SELECT 1")).toEqual({ longValue: 1 });
  await narrow.end();
});

async function running(on: Trial, words: string): Promise<number> {
  const client = new pg.Client({ connectionString: on.database.url });
  await client.connect();
  const { rows } = await client.query(
    `SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()
        AND query LIKE '%' || $1 || '%'`,
    [words],
  );
  await client.end();
  return rows[0].n;
}
