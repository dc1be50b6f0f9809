import { ExecuteStatementCommand } from "@aws-sdk/client-rds-data";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDataClient } from "../../../lib/data/client.ts";
import type { Fault } from "../../../lib/embedded/rds-data/service.ts";
import { withoutSocket } from "../../support/without-socket.ts";
import { startTrial, type Trial, text } from "./support.ts";

let trial: Trial;
let fault: Fault | undefined;
let over: Record<"HTTP" | "no socket", ReturnType<typeof createDataClient>>;

beforeAll(async () => {
  trial = await startTrial({ faults: () => fault });
  const config = {
    endpoint: trial.service.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  over = {
    HTTP: createDataClient(config),
    "no socket": withoutSocket(createDataClient(config), trial.service),
  };
});
afterAll(async () => {
  for (const client of Object.values(over)) client.destroy();
  await trial.end();
});

/** What a client makes of the answer, or of the error, but for what is drawn anew for each call. */
const said = (client: ReturnType<typeof createDataClient>, sql: string, body: string) =>
  client
    .send(
      new ExecuteStatementCommand({
        ...trial.target,
        sql,
        parameters: [text("body", body)],
        includeResultMetadata: true,
      }),
    )
    .then(
      ({ $metadata: { httpStatusCode }, ...answer }) => ({ httpStatusCode, ...answer }),
      ({ name, message, code, $fault, $metadata }) => ({
        ...{ name, message, code, $fault },
        httpStatusCode: $metadata?.httpStatusCode,
      }),
    );

it.each<[string, string, string, Fault?]>([
  ["rows", "select :body as a, null::int as b, 7::bigint as c, true as d", "é\n"],
  ["a statement that is wrong", "selec :body", ""],
  ["a request that is too large", "select length(:body)", "x".repeat(4 * 2 ** 20)],
  ["an answer that is too large", "select repeat(:body, 70000)", "x"],
  ["one that is throttled", "select :body", "", { kind: "throttle" }],
  ["one that wakes the database up", "select :body", "", { kind: "resuming" }],
  ["one that timed out", "select :body", "", { kind: "timeout" }],
  ["one whose response is lost", "select :body", "", { kind: "lose-response" }],
])(
  "W2 a request without a socket has the answer, or the error, of one over HTTP: %s",
  async (what, sql, body, wrong) => {
    fault = wrong;
    const answer = await said(over.HTTP, sql, body);
    expect(await said(over["no socket"], sql, body)).toEqual(answer);
    expect("records" in answer).toBe(what === "rows");
  },
);

it("W2 a request without a socket is counted, and its headers with it, as one over HTTP", async () => {
  fault = undefined;
  const before = trial.service.stats().ExecuteStatement;
  const given = {
    method: "POST",
    path: "/Execute",
    headers: { host: "localhost", long: "x".repeat(5_000) },
    body: Buffer.from(JSON.stringify({ ...trial.target, sql: "select 1" })),
  };
  expect(await trial.service.answer(given)).toMatchObject({ status: 200 });
  const filled = Buffer.concat([given.body, Buffer.alloc(4 * 2 ** 20 - 4_000, " ")]);
  expect(await trial.service.answer({ ...given, body: filled })).toMatchObject({ status: 400 });
  expect(await trial.service.answer({ ...given, path: "/Nothing" })).toMatchObject({ status: 404 });
  const after = trial.service.stats().ExecuteStatement;
  expect([after?.requests, after?.failures]).toEqual([
    (before?.requests ?? 0) + 2,
    (before?.failures ?? 0) + 1,
  ]);
});

it.each<Fault["kind"]>(["throttle", "resuming", "timeout", "lose-response"])(
  "W3 wavegate's client sends once, and leaves what may be sent again to whoever knows the statement: %s",
  async (kind) => {
    fault = { kind };
    const asked = () => trial.service.stats().ExecuteStatement?.requests ?? 0;
    const before = asked();
    expect(await said(over.HTTP, "select :body", "")).not.toHaveProperty("records");
    expect(asked() - before).toBe(1);
  },
);
