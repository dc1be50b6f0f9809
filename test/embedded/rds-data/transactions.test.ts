import { BeginTransactionCommand } from "@aws-sdk/client-rds-data";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { OWNER_SECRET, startTrial, type Trial, text } from "./support.ts";

let trial: Trial;

beforeAll(async () => {
  trial = await startTrial();
  await trial.execute("CREATE TABLE notes (body text UNIQUE)");
});
beforeEach(() => trial.execute("TRUNCATE notes"));
afterAll(() => trial.end());

const add = (body: string, transactionId?: string, on = trial) =>
  on.execute("INSERT INTO notes VALUES (:body)", [text("body", body)], { transactionId });
const count = async (on = trial) => (await on.one("SELECT count(*) FROM notes")).longValue;

it("commits what a transaction wrote, all at once", async () => {
  const id = await trial.begin();
  await add("a", id);
  await add("b", id);
  expect(await count()).toBe(0);
  expect((await trial.commit(id)).transactionStatus).toBe("Transaction Committed");
  expect(await count()).toBe(2);
});

it("rolls back", async () => {
  const id = await trial.begin();
  await add("a", id);
  expect((await trial.rollback(id)).transactionStatus).toBe("Rollback Complete");
  expect(await count()).toBe(0);
});

it("gives ids as long as the service's own", async () => {
  const id = await trial.begin();
  expect(id).toHaveLength(184);
  await trial.rollback(id);
});

it("does not find a transaction that was ended, or never was", async () => {
  const id = await trial.begin();
  await trial.commit(id);
  for (const call of [() => add("a", id), () => trial.commit(id), () => trial.rollback(id)]) {
    await expect(call()).rejects.toMatchObject({
      name: "TransactionNotFoundException",
      message: `Transaction ${id} is not found. One previous call resulted in a termination of your transaction.`,
      $metadata: { httpStatusCode: 404 },
    });
  }
  await expect(add("a", "never")).rejects.toMatchObject({
    name: "TransactionNotFoundException",
    message: "Transaction never is not found. Transaction may be expired.",
  });
});

it("refuses a second call while one is running, and the first goes on", async () => {
  const id = await trial.begin();
  const slow = trial.execute("SELECT pg_sleep(0.5)::text", [], { transactionId: id });
  await expect.poll(async () => running("pg_sleep")).toBe(1);
  for (const call of [() => add("a", id), () => trial.commit(id), () => trial.rollback(id)]) {
    await expect(call()).rejects.toMatchObject({
      name: "DatabaseErrorException",
      message: "Transaction is still running a query",
    });
  }
  await slow;
  await add("b", id);
  await trial.commit(id);
  expect(await count()).toBe(1);
});

it("leaves a failed transaction to its rollback, and does not pretend to commit it", async () => {
  const id = await trial.begin();
  await add("a", id);
  await expect(add("a", id)).rejects.toMatchObject({
    name: "DatabaseErrorException",
    message:
      'ERROR: duplicate key value violates unique constraint "notes_body_key"; ' +
      "Detail: Key (body)=(a) already exists.; SQLState: 23505",
  });
  await expect(add("b", id)).rejects.toThrow(
    "ERROR: current transaction is aborted, commands ignored until end of transaction block; SQLState: 25P02",
  );
  await expect(trial.commit(id)).rejects.toMatchObject({
    name: "DatabaseErrorException",
    message: expect.stringContaining("cannot be committed"),
  });
  expect(await count()).toBe(0);
});

it("takes a failed transaction back to a savepoint", async () => {
  const id = await trial.begin();
  const run = (sql: string) => trial.execute(sql, [], { transactionId: id });
  await add("a", id);
  await run("SAVEPOINT s");
  await expect(add("a", id)).rejects.toThrow(/23505$/);
  await run("ROLLBACK TO s");
  await add("b", id);
  await trial.commit(id);
  expect(await count()).toBe(2);
});

it("begins anew after a COMMIT that came as a statement", async () => {
  const id = await trial.begin();
  await add("a", id);
  await trial.execute("COMMIT", [], { transactionId: id });
  await add("b", id);
  await trial.rollback(id);
  expect(await count()).toBe(1);
});

it("keeps a transaction to its secret and its database", async () => {
  const id = await trial.begin();
  await expect(
    trial.execute("SELECT 1", [], { transactionId: id, database: "postgres" }),
  ).rejects.toMatchObject({
    name: "BadRequestException",
    message: "Database name is not the same as transaction",
  });
  await trial.rollback(id);

  const connectionString = trial.database.url;
  const other = `${OWNER_SECRET}-other`;
  const two = await startTrial({
    roles: { [OWNER_SECRET]: { connectionString }, [other]: { connectionString } },
  });
  const theirs = await two.begin();
  await expect(
    two.execute("SELECT 1", [], { transactionId: theirs, secretArn: other }),
  ).rejects.toMatchObject({
    name: "BadRequestException",
    message: "Secret ARN is not the same as transaction",
  });
  await two.end();
});

it("rolls back a transaction that nobody used for its time", async () => {
  const short = await shortTrial({ transactionIdleMs: 150 });
  const id = await short.begin();
  await add("a", id, short);
  await expect.poll(() => idleInTransaction(short)).toBe(0);
  expect(await count(short)).toBe(0);
  await expect(short.commit(id)).rejects.toMatchObject({
    name: "TransactionNotFoundException",
    message: `Transaction ${id} is not found. Transaction may be expired.`,
  });
  await short.end();
});

it("does not count a running statement as idle time", async () => {
  const short = await shortTrial({ transactionIdleMs: 150 });
  const id = await short.begin();
  await add("a", id, short);
  await short.execute("SELECT pg_sleep(0.6)::text", [], { transactionId: id });
  await short.commit(id);
  expect(await count(short)).toBe(1);
  await short.end();
});

it("ends a transaction after its longest time, in the middle of a call", async () => {
  const short = await shortTrial({ transactionMs: 300 });
  const id = await short.begin();
  await add("a", id, short);
  const expired = {
    name: "TransactionNotFoundException",
    message: `Transaction ${id} is not found. Transaction may be expired.`,
  };
  await expect(
    short.execute("SELECT pg_sleep(30)::text", [], { transactionId: id }),
  ).rejects.toMatchObject(expired);
  await expect(short.commit(id)).rejects.toMatchObject(expired);
  expect(await count(short)).toBe(0);
  await short.end();
});

it("rolls back what is open when it closes", async () => {
  const closing = await shortTrial({});
  const id = await closing.begin();
  await add("a", id, closing);
  await closing.service.close();
  await expect.poll(() => idleInTransaction(closing)).toBe(0);
  expect(await inDatabase(closing, "SELECT count(*)::int AS n FROM notes")).toBe(0);
  await closing.end();
});

it("begins in the database that is named", async () => {
  const { transactionId } = await trial.client.send(
    new BeginTransactionCommand({ ...trial.target, database: "postgres" }),
  );
  const where = await trial.one("SELECT current_database()", [], {
    transactionId,
    database: "postgres",
  });
  expect(where).toEqual({ stringValue: "postgres" });
  await trial.rollback(transactionId as string);
});

/** What each of several connections has for a setting; among them is the one used last. */
const everywhere = async (on: Trial, name: string) => {
  const fields = await Promise.all(
    Array.from({ length: 5 }, () =>
      on.one(`SELECT current_setting('${name}'), pg_sleep(0.1)::text`),
    ),
  );
  return [...new Set(fields.map(({ stringValue }) => stringValue))];
};

it.each([
  "SET search_path TO pg_catalog",
  "-- why\nSET search_path TO pg_catalog",
  "SELECT set_config('search_path', 'pg_catalog', false)",
  "SELECT set_config('search_path', 'pg_catalog', 1 = least(1, 2)), ', true)'",
  "SELECT set_config('jit', 'off', true), set_config('search_path', lower('PG_CATALOG'), false)",
  "SELECT set_config('search_path', 'pg_catalog', true) WHERE set_config('search_path', 'pg_catalog', false) > ''",
  "DO $$ BEGIN SET search_path TO pg_catalog; END $$",
  "SELECT \"set_config\"('search_path', $a$pg_catalog$a$, false) -- , true)",
  "SELECT set_config('search_path', 'pg_catalog', /* ' */ false), 'x, true)'",
  "SELECT set_config(E'search_path', E'\\160g_catalog', false), E'\\', true)'",
  "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
  "SET transaction_read_only TO on",
])("does not hand the changes of a session on to other callers: %s", async (sql) => {
  await trial.execute(sql);
  const unchanged = async () => {
    expect(await everywhere(trial, "search_path")).toEqual(['"$user", public']);
    expect(await everywhere(trial, "transaction_read_only")).toEqual(["off"]);
  };
  await unchanged();
  const id = await trial.begin();
  await trial.execute(sql, [], { transactionId: id });
  await trial.commit(id);
  await unchanged();
});

it.each([
  "SET LOCAL search_path TO pg_catalog",
  "SET TRANSACTION READ ONLY",
  "set constraints all immediate",
  "SELECT set_config('search_path', lower('PG_CATALOG'), true), set_config( 'jit' , 'off', TRUE )",
  // Quoted names, comments and strings of any kind beside it.
  "SELECT set_config('search_path', lower(\"name\"), true) FROM (VALUES ('PG_CATALOG')) v(\"name\")",
  "SELECT set_config($a$search_path$a$, E'pg_catalog', true) -- set_config('search_path', 'pg_catalog', false)",
  "SELECT set_config('search_path', 'pg_catalog', true), $$set_config('a', 'b', false)$$ /* set_config('a', 'b', false) */",
])("keeps the connection of a transaction whose settings end with it: %s", async (sql) => {
  const backend = async () => {
    const id = await trial.begin();
    const { stringValue } = await trial.one("SELECT pg_backend_pid()::text", [], {
      transactionId: id,
    });
    await trial.execute(sql, [], { transactionId: id });
    await trial.commit(id);
    return stringValue;
  };
  const first = await backend();
  expect(await backend()).toBe(first);
  expect(await everywhere(trial, "search_path")).toEqual(['"$user", public']);
  expect(await everywhere(trial, "transaction_read_only")).toEqual(["off"]);
});

it("does not hand on a transaction that came as a statement", async () => {
  await trial.execute("BEGIN");
  await add("a");
  expect(await count()).toBe(1);
  await expect.poll(() => idleInTransaction(trial)).toBe(0);
});

async function shortTrial(limits: object): Promise<Trial> {
  const short = await startTrial({ limits });
  await short.execute("CREATE TABLE notes (body text UNIQUE)");
  return short;
}

async function inDatabase(on: Trial, sql: string): Promise<number> {
  const client = new pg.Client({ connectionString: on.database.url });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows[0].n;
}

const idleInTransaction = (on: Trial) =>
  inDatabase(
    on,
    `SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
  );

const running = (words: string) =>
  inDatabase(
    trial,
    `SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()
        AND query LIKE '%${words}%'`,
  );
