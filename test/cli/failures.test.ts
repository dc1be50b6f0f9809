import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ListExecutionsCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { describe, expect, it } from "vitest";
import { CannotRun, describeFailure, FailedMidWay } from "../../lib/cli/failure.ts";
import { noteWrites } from "../../lib/cli/wrote.ts";
import { Refusal } from "../../lib/services/errors.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";

describe("W13 failures", () => {
  it("W13 passes a refusal on as it was said, with 1", () => {
    expect(
      describeFailure(new Refusal("NotReady", "It is not ready. Nothing was written.")),
    ).toEqual({ exit: 1, name: "NotReady", message: "It is not ready. Nothing was written." });
  });

  it("W13 ends with 2 when the command cannot be run", () => {
    expect(describeFailure(new CannotRun("Usage", "Two\n  lines"))).toEqual({
      exit: 2,
      name: "Usage",
      message: "Two lines.",
    });
  });

  it("W13 B12 says what a source lacks as it was said: only read, it is nothing unforeseen", () => {
    for (const broken of [
      () => sourceSettings("gym", {}),
      () => sourceSettings("gym", { GYM_DB_DRIVER: "oracle" }),
      () => sourceSettings("./gym", {}),
    ]) {
      let error: unknown;
      try {
        broken();
      } catch (thrown) {
        error = thrown;
      }
      const { exit, name, message } = describeFailure(error);
      expect({ exit, name }).toEqual({ exit: 2, name: "SourceSettingsInvalid" });
      expect(message).toMatch(/othing was read\.$/u);
    }
  });

  it("W13 finds the network's word behind an SDK's error", () => {
    const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    const { exit, name, message } = describeFailure(new Error("failed", { cause: refused }));
    expect([exit, name]).toEqual([2, "ECONNREFUSED"]);
    expect(message).toContain("`wavegate local up`");
  });

  it.each(["ECONNREFUSED", "ExpiredTokenException", "AccessDeniedException", "ENOTFOUND"])(
    "W13 says of %s that nothing was written only as long as that is so",
    (code) => {
      const error = Object.assign(new Error("no"), { code });
      expect(describeFailure(error).message).toContain(" Nothing was written. ");
      const { exit, name, message } = describeFailure(new FailedMidWay(error));
      expect({ exit, name }).toMatchObject({ name: code, exit: describeFailure(error).exit });
      expect(message).not.toContain("Nothing was written");
      expect(message).toContain("What this command did before stands");
    },
  );

  it("W13 leaves a refusal on the way what it is", () => {
    const refusal = new Refusal("NotReady", "It is not ready. Nothing was written.");
    expect(describeFailure(new FailedMidWay(refusal))).toEqual(describeFailure(refusal));
    expect(new FailedMidWay(refusal)).toMatchObject({ name: "FailedMidWay", cause: refusal });
  });

  it("W13 notes that a request which may write was answered, not one that was refused or only read", async () => {
    const answers: Record<string, unknown> = { ListExecutions: { executions: [] } };
    const client = new SFNClient({
      region: "eu-west-3",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      maxAttempts: 1,
      requestHandler: {
        handle: async ({ headers }: { headers: Record<string, string> }) => {
          const name = headers["x-amz-target"]?.split(".")[1] ?? "";
          const found = answers[name];
          const said = found ?? { __type: "AccessDeniedException", message: "no" };
          const statusCode = found === undefined ? 400 : 200;
          const body = Readable.from([JSON.stringify(said)]);
          return { response: { statusCode, headers: {}, body } };
        },
      } as never,
    });
    const wrote = noteWrites(client);
    await client.send(new ListExecutionsCommand({ stateMachineArn: "arn" }));
    const start = () => client.send(new StartExecutionCommand({ stateMachineArn: "arn" }));
    await expect(start()).rejects.toThrow();
    expect(wrote()).toBe(false);
    answers.StartExecution = { executionArn: "arn", startDate: 1 };
    await start();
    expect(wrote()).toBe(true);
  });

  it("W14 does not repeat the database's own words, which may quote a person's data", () => {
    const error = new Error(
      "ERROR: duplicate key value; Detail: Key (phone)=(213559446168) already exists.; SQLState: 23505",
    );
    const { exit, message } = describeFailure(error);
    expect(exit).toBe(2);
    expect(message).toContain("(SQLState 23505)");
    expect(message).not.toContain("213559446168");
  });

  it("W13 knows a database that was never set up", () => {
    const error = new Error(
      'FATAL: password authentication failed for user "wavegate_stage"; SQLState: 28P01',
    );
    expect(describeFailure(error).message).toBe(
      "The database is not set up for wavegate yet. Nothing was written. Run `wavegate local up`.",
    );
  });

  it("W13 knows a database in which another folder was set up since, and says what gives it back", () => {
    const error = new Error("FATAL: the database refused it; SQLState: 28P01");
    const { message } = describeFailure(error);
    expect(message).toContain("as where another folder took the same database over since");
    expect(message).toContain(
      "`wavegate local up --take-over` gives the roles this folder's again",
    );
  });

  it.each([
    ["28000", /one of wavegate's roles not in .* `wavegate set-up MIGRATION` makes the roles as/],
    ["25006", /takes no writes at this moment .* Once it takes them again, do it once more\.$/],
  ])(
    "W13 knows a database that takes nobody in, or no writes (%s), and says what to do",
    (state, says) => {
      const error = new Error(`FATAL: the database refused it; SQLState: ${state}`);
      const { message } = describeFailure(error);
      expect(message).toMatch(says);
      expect(message).toContain("What was asked last wrote nothing.");
    },
  );

  it.each([
    [
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large.",
    ],
    ["RequestExpired", "Request has expired."],
    [
      "InvalidSignatureException",
      "Signature expired: 20261201T020000Z is now earlier than 20261201T021500Z",
    ],
    [
      "SignatureDoesNotMatch",
      "Signature not yet current: 20261201T030000Z is still later than 20261201T022500Z",
    ],
  ])("W13 names the clock where a request is refused for it (%s)", (name, said) => {
    const { exit, message } = describeFailure(Object.assign(new Error(said), { name }));
    expect(exit).toBe(2);
    expect(message).toMatch(/^This machine's clock is not the one of AWS: .* Set the clock /u);
    const other = describeFailure(Object.assign(new Error("It is wrong."), { name }));
    expect(other.message.includes("clock")).toBe(name.startsWith("Request"));
    expect(other.message).not.toContain("not foreseen");
  });

  it("W13 says in one line what nobody foresaw, without a stack", () => {
    const { exit, message } = describeFailure(new TypeError("x is not\n a function"));
    expect(exit).toBe(2);
    expect(message).toBe(
      "x is not a function. This was not foreseen: look with `wavegate status` at what was written before you repeat the command.",
    );
  });
});

it("W13 a command whose reader went away ends as it would have: what is wrong is not right as nobody reads on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-piped-"));
  try {
    await writeFile(join(folder, "manifest.json"), "{}");
    const bin = fileURLToPath(new URL("../../bin/wavegate.ts", import.meta.url));
    const { stdout } = await promisify(execFile)("bash", [
      "-c",
      `"$0" "$1" audit verify "$2" | true; echo "\${PIPESTATUS[0]}"`,
      ...[process.execPath, bin, folder],
    ]);
    expect(stdout).toBe("1\n");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
