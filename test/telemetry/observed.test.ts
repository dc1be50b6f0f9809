import { readFile } from "node:fs/promises";
import { Agent, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseErrorException } from "@aws-sdk/client-rds-data";
import { describe, expect, it } from "vitest";
import { createDataClient } from "../../lib/data/client.ts";
import { openDatabase } from "../../lib/data/database.ts";
import { sql } from "../../lib/data/sql.ts";
import { Refusal } from "../../lib/services/errors.ts";
import { SourceUnreachable } from "../../lib/sources/errors.ts";
import { observed } from "../../lib/telemetry/observed.ts";
import { publicError } from "../../lib/telemetry/public-error.ts";

const run = "3f1c9a52-8f6e-4a0e-9d67-0d6a2f3b4c5d";

/** A function as it is deployed, with what it wrote. */
function deployed(name: string, handler: (input: never) => Promise<unknown>) {
  const lines: unknown[] = [];
  const metrics: Record<string, unknown>[] = [];
  let now = 1_000;
  const call = observed({ name, prepare: async () => {} }, handler, {
    line: (entry) => lines.push(entry),
    metrics: (document) => metrics.push(JSON.parse(document)),
    now: () => (now += 250),
  });
  return { call, lines, metrics };
}

describe("a function as it is deployed", () => {
  it("W14 writes one line with ids and numbers, never its input or output", async () => {
    const { call, lines } = deployed("commit", async () => ({
      run,
      name: "Sara Benali",
      counts: { committed: 20, linked: 5, heldBack: 1 },
    }));
    await call({ run, wave: 1, secret: "hunter2" });
    expect(lines).toEqual([
      {
        function: "commit",
        run,
        cold: true,
        outcome: "done",
        milliseconds: 250,
        WavesCommitted: 1,
        RowsCommitted: 20,
        RowsLinked: 5,
        RowsHeldBack: 1,
        DataApiRequests: 0,
        DataApiErrors: 0,
        EvidenceRequests: 0,
      },
    ]);
  });

  it("W13 counts an answer that failed of wavegate's own, and none that asks to wait", async () => {
    for (const name of [
      "front-door",
      "start-execution",
      "keep-decision",
      "look",
      "profile-activity",
    ]) {
      const counted = [];
      for (const statusCode of [200, 404, 503, 500]) {
        const { call, metrics } = deployed(name, async () => ({ statusCode, body: "" }));
        await call({});
        counted.push(metrics[0]?.AnswersFailed);
      }
      expect([name, counted]).toEqual([name, [0, 0, 0, 1]]);
    }
  });

  it("says its numbers in CloudWatch's embedded format, of the deployment and of the function", async () => {
    const { call, metrics } = deployed("verify", async () => ({ run, wave: 1, passed: false }));
    await call({ run, wave: 1 });
    expect(metrics).toEqual([
      expect.objectContaining({
        Deployment: "wavegate",
        Function: "verify",
        VerificationsFailed: 1,
        VerificationsPassed: 0,
        Milliseconds: 250,
        _aws: {
          // When it is told, not when a function of up to a quarter of an hour began: alarms look at five minutes.
          Timestamp: 1_750,
          CloudWatchMetrics: [
            {
              Namespace: "wavegate",
              Dimensions: [["Deployment"], ["Deployment", "Function"]],
              Metrics: expect.arrayContaining([
                { Name: "VerificationsFailed", Unit: "Count" },
                { Name: "Milliseconds", Unit: "Milliseconds" },
              ]),
            },
          ],
        },
      }),
    ]);
  });

  it.each([
    ["final-verify", "FinalVerificationFailed"],
    ["drill", "DrillFailed"],
  ])(
    "R13 R17 counts what %s refuses with %s as a verification that failed: an alarm waits for it",
    async (name, error) => {
      const stage = new URL(`../../lib/stages/${name}.ts`, import.meta.url);
      expect(await readFile(stage, "utf8")).toContain(`"${error}"`);
      const { call, metrics } = deployed(name, async () => {
        throw new Refusal(error, "It deviated. Nothing was changed by it.");
      });
      await expect(call({ run })).rejects.toThrow();
      expect(metrics).toMatchObject([{ VerificationsFailed: 1, Errors: 1 }]);
    },
  );

  it("is prepared before each call, and cold only once", async () => {
    let prepared = 0;
    const lines: { cold?: unknown }[] = [];
    const call = observed(
      {
        name: "gate",
        prepare: async () => {
          prepared += 1;
        },
      },
      async () => ({}),
      { line: (entry) => lines.push(entry), metrics: () => {}, now: () => 0 },
    );
    await call({ run });
    await call({ run });
    expect(prepared).toBe(2);
    expect(lines.map(({ cold }) => cold)).toEqual([true, false]);
  });

  it("W13 passes refusals on as they are", async () => {
    const { call, lines } = deployed("commit", async () => {
      throw new Refusal("WaveOutOfOrder", "The next wave is 2, not 4. Nothing was written.");
    });
    await expect(call({ run })).rejects.toMatchObject({
      name: "WaveOutOfOrder",
      message: "The next wave is 2, not 4. Nothing was written.",
    });
    expect(lines).toMatchObject([{ outcome: "failed", error: "WaveOutOfOrder", Errors: 1 }]);
  });

  it("W3 writes where it failed into its line, and leaves none of it to Lambda, which puts an error's stack into the history", async () => {
    const { call, lines } = deployed("commit", async () => {
      throw new Refusal("WaveOutOfOrder", "The next wave is 2, not 4. Nothing was written.");
    });
    await expect(call({ run })).rejects.toMatchObject({ stack: "WaveOutOfOrder" });
    expect(lines).toMatchObject([
      { at: expect.arrayContaining([expect.stringContaining("observed.test.ts")]) },
    ]);
  });

  it("counts the calls to the database that costs are made of, and what it refused; one that wakes up refuses nothing", async () => {
    const type = { "content-type": "application/json" };
    // As one that wakes up answers, and then as one that refuses.
    const refusing = ["DatabaseResumingException", undefined, undefined, "DatabaseErrorException"];
    const server = createServer((request, response) => {
      request.resume().on("end", () => {
        const error = refusing.shift();
        if (error === undefined) return response.writeHead(200, type).end('{"records":[]}');
        response.writeHead(400, { ...type, "x-amzn-errortype": `${error}:` }).end("{}");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    // AWS's own name, answered by this machine.
    const httpAgent = new Agent({
      lookup: (_host, _options, found) => found(null, [{ address: "127.0.0.1", family: 4 }]),
    });
    const client = createDataClient({
      endpoint: `http://rds-data.eu-west-3.amazonaws.com:${port}`,
      region: "eu-west-3",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      requestHandler: { httpAgent },
    });
    const db = openDatabase({
      client,
      resourceArn: "cluster",
      secretArn: "secret",
      database: "db",
    });
    const { call, metrics } = deployed("gate", async () => {
      await db.rows(sql`select 1`);
      await db.rows(sql`select 2`);
    });
    await call({ run });
    const refused = deployed("gate", () => db.rows(sql`select 3`));
    await expect(refused.call({ run })).rejects.toThrow();
    client.destroy();
    server.close();
    expect(metrics[0]).toMatchObject({ DataApiRequests: 3, DataApiErrors: 0 });
    expect(refused.metrics[0]).toMatchObject({ DataApiRequests: 1, DataApiErrors: 1 });
  });
});

describe("W14 an error that leaves a function", () => {
  it("keeps the name, which state machines match, and the kind, and no word of a row", () => {
    const error = publicError(
      new DatabaseErrorException({
        $metadata: {},
        message:
          'ERROR: duplicate key value violates unique constraint "users_email_key"\n  Detail: Key (email)=(sara@example.com) already exists.; SQLState: 23505',
      }),
    );
    expect(error.name).toBe("DatabaseErrorException");
    expect(error.message).toMatch(/^DatabaseErrorException \(SQLSTATE 23505\)\. /);
    expect(`${error.message}${error.stack}`).not.toContain("sara@example.com");
    expect(error.cause).toBeUndefined();
  });

  it.each([
    ["Refusal", new Refusal("WaveRefused", "Row of +213 559 44 61 68 is there.")],
    ["SourceError", new SourceUnreachable("sara@example.com.csv", "ENOENT")],
  ])(
    "W14 D20 withholds what a %s says where that holds a contact, in its stack as well",
    (_, error) => {
      const { name, message, stack = "" } = publicError(error);
      expect(name).toBe(error.name);
      expect(message).toContain(`${error.name}. What it said is neither shown nor kept`);
      expect(`${message}${stack}`).not.toMatch(/559|sara@/u);
    },
  );

  it("keeps where it happened: the frames, without the message that stands above them", () => {
    let thrown: unknown;
    try {
      JSON.parse('{"name": "Sara Benali');
    } catch (error) {
      thrown = error;
    }
    const { name, stack = "" } = publicError(thrown);
    expect(name).toBe("SyntaxError");
    expect(stack).not.toContain("Sara");
    expect(stack).toContain("observed.test.ts");
  });

  it("keeps what sources say for people, without the driver's own error behind it", () => {
    const cause = new Error("Access denied for user 'reader'@'10.0.0.1' (using password: YES)");
    const error = publicError(
      new SourceUnreachable("mysql old at db:3306", "ETIMEDOUT", { cause }),
    );
    expect(error).toMatchObject({ name: "SourceUnreachable" });
    expect(error.message).toContain("mysql old at db:3306 does not answer (ETIMEDOUT)");
    expect(error.cause).toBeUndefined();
  });

  it("makes an error of what is none", () => {
    expect(publicError("Sara Benali").message).not.toContain("Sara");
  });
});
