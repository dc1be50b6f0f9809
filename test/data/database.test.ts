import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDataClient } from "../../lib/data/client.ts";
import { type Database, openDatabase } from "../../lib/data/database.ts";
import { join, json, raw, render, sql, text, uuid } from "../../lib/data/sql.ts";
import { type TestServices, testServices } from "../support/services.ts";

let test: TestServices;
beforeAll(async () => {
  test = await testServices({ overHttp: true });
});
afterAll(() => test.close());

/** A database whose calls are noticed, and how many of them began while another was under way. */
function watched({ environment }: TestServices): {
  readonly db: Database;
  readonly calls: readonly string[];
  readonly beside: () => number;
  readonly close: () => void;
} {
  const client = createDataClient({
    endpoint: environment.AWS_ENDPOINT_URL_RDS_DATA ?? "",
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const calls: string[] = [];
  let under = 0;
  let beside = 0;
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        calls.push(commandName.replace(/Command$/u, ""));
        if (under > 0) beside++;
        under++;
        return next(args).finally(() => under--);
      },
    { step: "initialize" },
  );
  const db = openDatabase({
    client,
    resourceArn: environment.WAVEGATE_CLUSTER_ARN ?? "",
    secretArn: environment.WAVEGATE_OPERATOR_SECRET_ARN ?? "",
    database: environment.WAVEGATE_DATABASE ?? "",
  });
  return { db, calls, beside: () => beside, close: () => client.destroy() };
}

describe("statements over the Data API", () => {
  it("bind values by type and splice statements, whatever the values hold", async () => {
    const hostile = "'; drop table users; --:p1 ::text $1";
    const [row] = await test.services.stage.rows(
      sql`select ${hostile} as hostile, ${text(null)} as nothing, ${42}::bigint as number, ${true} as yes,
                 ${json({ a: [1, "ü"] })} as value, ${uuid("7f3a0000-0000-4000-8000-000000000001")} as id
            from (${sql`select ${1} as one`}) spliced where one = ${1}`,
    );
    expect(row).toEqual({
      hostile,
      nothing: null,
      number: 42,
      yes: true,
      value: { a: [1, "ü"] },
      id: "7f3a0000-0000-4000-8000-000000000001",
    });
  });

  it("W3 are put together of many thousand parts, as of the numbers of waves", () => {
    const numbers = Array.from({ length: 20_000 }, (_, n) => sql`${n}`);
    const rendered = render(sql`select ${join(numbers, ", ")}`);
    expect(rendered.parameters).toHaveLength(20_000);
    expect(rendered.sql).toMatch(/^select :p1, :p2, .*, :p20000$/);
  });

  it("B5 are refused in a sentence where they are longer than it takes, inside a transaction too", async () => {
    const ofLength = (length: number) => raw(`select 1 as one -- ${"x".repeat(length - 19)}`);
    expect(await test.services.stage.rows(ofLength(65_536))).toEqual([{ one: 1 }]);
    const refused = {
      name: "StatementTooLong",
      message: expect.stringContaining("65,537 characters"),
    };
    await expect(test.services.stage.rows(ofLength(65_537))).rejects.toMatchObject(refused);
    await expect(
      test.services.stage.transaction((inner) => inner.rows(ofLength(65_537))),
    ).rejects.toMatchObject(refused);
  });

  it("roll a transaction back whole when anything is thrown", async () => {
    const attempt = test.admin.transaction(async (transaction) => {
      await transaction.execute(
        sql`insert into wavegate.people (name, email) values ('left', 'l@example.com')`,
      );
      throw new Error("no");
    });
    await expect(attempt).rejects.toThrow("no");
    expect(await test.query("select 1 from wavegate.people where name = 'left'")).toEqual([]);
  });

  it.each([
    ["a connection that broke", { code: "ECONNRESET" }],
    ["nobody's answer", { name: "TimeoutError" }],
    ["a name of the Data API's", { name: "InternalServerErrorException" }],
  ])("W3 pass on what fails beside the database as it is: %s", async (_what, how) => {
    const failure = Object.assign(new Error("of another service"), how);
    const attempt = test.admin.transaction(async (transaction) => {
      await transaction.rows(raw("select 1 as one"));
      throw failure;
    });
    await expect(attempt).rejects.toBe(failure);
  });

  it("take turns inside a transaction, as the Data API takes one call at a time", async () => {
    const numbers = await test.services.stage.transaction((transaction) =>
      Promise.all(
        [1, 2, 3].map((n) =>
          transaction.one<{ n: number }>(sql`select ${n}::bigint as n, pg_sleep(0.01)::text`),
        ),
      ),
    );
    expect(numbers.map(({ n }) => n)).toEqual([1, 2, 3]);
  });

  it("W3 and a transaction that fails ends behind the call that is under way: what waits behind it is not sent", async () => {
    const { db, calls, beside, close } = watched(test);
    const failed = db.transaction((transaction) =>
      Promise.all([
        transaction.rows(raw("select 1/0")),
        transaction.rows(raw("select 'second' as is")),
        transaction.transaction((inner) => inner.rows(raw("select 'third' as is"))),
        transaction.rows(raw("select 'fourth' as is")),
      ]),
    );
    await expect(failed).rejects.toThrow(/SQLState: 22012$/);
    const late = Promise.withResolvers<unknown>();
    const left = db.transaction(async (transaction) => {
      transaction
        .rows(raw("select pg_sleep(0.1)::text as slept"))
        .finally(() => transaction.rows(raw("select 'late' as is")))
        .catch(late.resolve);
      throw new Error("no");
    });
    await expect(left).rejects.toThrow("no");
    expect(await late.promise).toMatchObject({ message: expect.stringContaining("was not sent") });
    close();
    expect(calls).toEqual([
      // The first statement of each says what it sees.
      ...["BeginTransaction", ...Array(3).fill("ExecuteStatement"), "RollbackTransaction"],
      ...["BeginTransaction", ...Array(2).fill("ExecuteStatement"), "RollbackTransaction"],
    ]);
    expect(beside()).toBe(0);
  });

  it.each([
    ["terminated", "pg_terminate_backend", "ConnectionLost"],
    ["cancelled", "pg_cancel_backend", "ConnectionLost"],
  ])(
    "W3 a transaction whose session is %s is lost by a name that is sent again, and wrote nothing",
    async (_, ends, name) => {
      const attempt = test.admin.transaction(async (transaction) => {
        await transaction.execute(
          sql`insert into wavegate.people (name, email) values ('cut', 'c@example.com')`,
        );
        const { pid } = await transaction.one<{ pid: number }>(sql`select pg_backend_pid() as pid`);
        const waits = transaction.rows(sql`select pg_sleep(30)::text as slept`);
        waits.catch(() => {});
        const sleeps = async () =>
          (
            await test.query<{ yes: boolean }>(
              "select wait_event = 'PgSleep' as yes from pg_stat_activity where pid = $1",
              [pid],
            )
          )[0]?.yes === true;
        while (!(await sleeps())) await setImmediate();
        await test.query(`select ${ends}($1)`, [pid]);
        await waits;
      });
      await expect(attempt).rejects.toMatchObject({ name });
      expect(await test.query("select 1 from wavegate.people where name = 'cut'")).toEqual([]);
    },
  );

  it("W3 of two who wait for each other one is told so by a name that is sent again", async () => {
    const lock = (key: number) => sql`select pg_advisory_xact_lock(${key}::bigint)::text as held`;
    let both = 0;
    const meet = Promise.withResolvers<void>();
    const takes = (first: number, then: number) =>
      test.admin.transaction(async (transaction) => {
        await transaction.rows(lock(first));
        both += 1;
        if (both === 2) meet.resolve();
        await meet.promise;
        await transaction.rows(lock(then));
      });
    const ends = await Promise.allSettled([takes(11, 12), takes(12, 11)]);
    expect(
      ends.flatMap((end) => (end.status === "rejected" ? [(end.reason as Error).name] : [])),
    ).toEqual(["DatabaseContended"]);
  });

  it("W14 fail without the values that PostgreSQL quotes", async () => {
    const phone = "213559446168";
    await test.query("insert into users (full_name, phone) values ('Sara', $1)", [phone]);
    const again = test.admin.execute(
      sql`insert into users (full_name, phone) values ('Sara', ${phone})`,
    );
    await expect(again).rejects.toThrow(
      /^ERROR: duplicate key value violates unique constraint "users_phone_key"; SQLState: 23505$/,
    );
    const unreadable = test.services.stage.rows(sql`select ${"sara@example.com"}::date`);
    await expect(unreadable).rejects.toThrow(/^ERROR: a value does not fit; SQLState: 22007$/);
    await expect(test.services.stage.rows(raw("select 1/0"))).rejects.toThrow(/SQLState: 22012$/);
  });
});
