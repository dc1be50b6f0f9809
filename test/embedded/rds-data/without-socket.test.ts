import { createHash } from "node:crypto";
import { ExecuteStatementCommand, RDSDataClient } from "@aws-sdk/client-rds-data";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDataClient } from "../../../lib/data/client.ts";
import type { Fault } from "../../../lib/embedded/rds-data/service.ts";
import { withoutSocket } from "../../support/without-socket.ts";
import { startTrial, type Trial, text } from "./support.ts";

let trial: Trial;
let fault: Fault | undefined;
let over: Record<"the SDK alone" | "HTTP" | "no socket", RDSDataClient>;

beforeAll(async () => {
  trial = await startTrial({ faults: () => fault });
  const config = {
    endpoint: trial.service.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  over = {
    "the SDK alone": new RDSDataClient({ ...config, maxAttempts: 1 }),
    HTTP: createDataClient(config),
    "no socket": createDataClient({ ...config, requestHandler: withoutSocket(trial.service) }),
  };
});
afterAll(async () => {
  for (const client of Object.values(over)) client.destroy();
  await trial.end();
});

const digest = (body: string | Uint8Array) => createHash("sha256").update(body).digest("hex");

/** What a client makes of the answer, or of the error, but for what is drawn anew for each call. */
const said = (client: RDSDataClient, sql: string, body: string) =>
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
  ["rows", "select :body as a, '\\x00ff'::bytea as b, '{1,2}'::int[] as c", '\u2028 \\ "'],
  ["rows", "select :body as a, 1.5::float8 as b, 'NaN'::float8 as c, '-Infinity'::float8 as d", ""],
  ["no rows", "delete from pg_class where relname = :body", "none"],
  ["a statement that is wrong", "selec :body", ""],
  ["a request that is too large", "select length(:body)", "x".repeat(4 * 2 ** 20)],
  ["an answer that is too large", "select repeat(:body, 70000)", "x"],
  ["one that is throttled", "select :body", "", { kind: "throttle" }],
  ["one that wakes the database up", "select :body", "", { kind: "resuming" }],
  ["one that timed out", "select :body", "", { kind: "timeout" }],
  ["one whose response is lost", "select :body", "", { kind: "lose-response" }],
])(
  "W2 a request without a socket has the answer, or the error, of one over HTTP, and on the short way as of the SDK: %s",
  async (what, sql, body, wrong) => {
    fault = wrong;
    const answer = await said(over["the SDK alone"], sql, body);
    expect("records" in answer).toBe(what === "rows");
    for (const way of ["HTTP", "no socket"] as const) {
      // The first one is the SDK's own, and so is the first behind an error.
      for (const nth of [1, 2, 3]) {
        expect([way, nth, await said(over[way], sql, body)]).toEqual([way, nth, answer]);
        fault = undefined;
        if (nth === 2)
          expect(await said(over[way], "select :body as a", "x")).toHaveProperty("records");
        fault = wrong;
      }
    }
  },
);

it("W2 D19 each request on the short way is signed by itself, by the clock of the service, and by the credentials of the moment", async () => {
  fault = undefined;
  let credentials = { accessKeyId: "first", secretAccessKey: "test", expiration: new Date() };
  const asked: Record<string, string>[] = [];
  const client = createDataClient({
    endpoint: trial.service.url,
    region: "eu-west-3",
    credentials: async () => credentials,
    requestHandler: {
      ...withoutSocket(trial.service),
      handle: async (request: Parameters<ReturnType<typeof withoutSocket>["handle"]>[0]) => {
        const { headers, body = "" } = request;
        asked.push({ ...headers, size: `${Buffer.byteLength(body)}`, digest: digest(body) });
        const { response } = await withoutSocket(trial.service).handle(request);
        // Of a service whose clock is an hour ahead.
        response.headers.date = new Date(Date.now() + 3_600_000).toUTCString();
        return { response };
      },
    },
  });
  await said(client, "select :body as a", "1");
  credentials = { ...credentials, accessKeyId: "second" };
  await said(client, "select :body as a", "2");
  await said(client, "select :body as a", "3");
  await said(client, "selec :body", "4");
  await said(client, "select :body as a", "5");
  client.destroy();
  expect(
    asked.map(({ authorization = "" }) => /Credential=(\w+)/u.exec(authorization)?.[1]),
  ).toEqual(["first", "second", "second", "second", "second"]);
  // Behind an error the SDK, which corrects the clock, finds out anew.
  expect(asked.map((headers) => "amz-sdk-request" in headers)).toEqual([
    ...[true, false, false, false, true],
  ]);
  for (const headers of asked) {
    expect(headers["content-length"]).toBe(headers.size);
    expect(headers["x-amz-content-sha256"]).toBe(headers.digest);
  }
  const [first = 0, ...later] = asked.map((headers) =>
    Date.parse(
      (headers["x-amz-date"] ?? "").replace(/^(.{4})(..)(..T..)(..)(..Z)$/u, "$1-$2-$3:$4:$5"),
    ),
  );
  for (const at of later) expect(at - first).toBeGreaterThan(3_000_000);
});

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
