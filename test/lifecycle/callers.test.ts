import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallSource } from "../evidence/small-run.ts";
import { everyStep } from "../support/every-step.ts";
import { type TestMachine, testMachine, until } from "./machine.ts";

/**
 * One run that was reviewed and waits for its first sign-off, and people who may each do one thing. Each
 * verb is tried through the CLI and past it (StartExecution with the person's own keys).
 */
let legacy: string;
let machine: TestMachine;
let run: { id: string; run: string };

beforeAll(async () => {
  legacy = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
  machine = await testMachine({
    LEGACY_DB_DRIVER: "csv",
    LEGACY_DB_PATH: await smallSource(legacy),
  });
  for (const can of ["view", "run", "validate", "review", "commit", "rollback"]) {
    await machine.json(["people", "add", `only-${can}`, "--email", `${can}@x.org`, "--can", can]);
  }
  run = await machine.json([
    ...["start", "ecoin", "--backup", "b", "--queues-detached", "--priority-acknowledged"],
  ]);
  const status = async () =>
    (await machine.query<{ status: string }>("select status from wavegate.legacy_import_runs"))[0];
  await until("a question", async () => (await status())?.status === "waiting", 300);
});
afterAll(async () => {
  await machine?.close();
  await rm(legacy, { recursive: true, force: true });
});

const as = (can: string) => ({ WAVEGATE_PERSON: `only-${can}` });

/** What a refused person must not have changed: everything but the logs. */
async function everything(): Promise<string[]> {
  const tables = [
    "legacy_import_runs",
    "sign_offs",
    "waves",
    "samples",
    "review_exports",
    "dry_runs",
  ];
  const hashes = tables.map(async (table) => {
    const [row] = await machine.query<{ hash: string }>(
      `select md5(string_agg(t::text, '' order by t::text)) as hash from wavegate.${table} t`,
    );
    return `${table} ${row?.hash}`;
  });
  const [log] = await machine.query("select count(*)::int as n from wavegate.audit_log");
  return [...(await Promise.all(hashes)), `audit log ${JSON.stringify(log)}`];
}

/** Starts an execution as somebody by plain StartExecution, and returns how it ended. */
async function past(
  can: string,
  which: string,
  input: Record<string, unknown>,
): Promise<{ status: string | undefined; error: string | undefined; cause: string | undefined }> {
  const people = JSON.parse(await readFile(join(machine.home, "people.json"), "utf8")).people;
  const person = people.find(({ name }: { name: string }) => name === `only-${can}`);
  const { urls } = JSON.parse(await readFile(join(machine.home, "runtime.json"), "utf8"));
  const states = new SFNClient({
    endpoint: urls.states,
    region: "us-east-1",
    credentials: { accessKeyId: person.accessKeyId, secretAccessKey: person.secretAccessKey },
  });
  try {
    const { executionArn } = await states.send(
      new StartExecutionCommand({
        stateMachineArn: `arn:aws:states:us-east-1:000000000000:stateMachine:${which}`,
        name: randomUUID(),
        input: JSON.stringify({ run: run.id, ...input }),
      }),
    );
    const look = () => states.send(new DescribeExecutionCommand({ executionArn }));
    await until("its end", async () => (await look()).status !== "RUNNING");
    const { status, error, cause } = await look();
    return { status, error, cause };
  } finally {
    states.destroy();
  }
}

type Verb = readonly [string, string[], string, Record<string, unknown>];
const stage = (can: string, argv: string[], only = argv[0]): Verb => [
  can,
  [...argv, "--run", "RUN"],
  "migration",
  { migration: "ecoin", only },
];
/** Of each permission and each state machine one; the others ask the same in the same places. */
const verbs: readonly Verb[] = [
  stage("run", ["import"]),
  stage("validate", ["validate"]),
  stage("review", ["export", "review"], "export-review"),
  ["commit", ["commit", "--run", "RUN"], "wave", {}],
  ["rollback", ["rollback", "--run", "RUN"], "rollback", {}],
  ...(everyStep
    ? [
        stage("validate", ["classify"]),
        stage("validate", ["match"]),
        stage("validate", ["dry-run"]),
        stage("review", ["export", "audit"], "export-audit"),
        stage("run", ["sign-off", "ask"], "sign-off"),
        stage("commit", ["drill"]),
      ]
    : []),
];

describe("who acts", () => {
  it.each(verbs)(
    "D36 M14 takes the permission %s: %j is refused to a person who may only look, through the CLI and past it",
    async (_can, argv, which, input) => {
      const before = await everything();
      const { code, stderr } = await machine.wavegate(
        argv.map((word) => (word === "RUN" ? run.run : word)),
        as("view"),
      );
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(
          /^wavegate: You may not [a-z ]+: that takes the permission legacy_imports\.[^\n]+\. Nothing was changed; ask an administrator for it\.\n$/,
        ),
      ]);
      const ended = await past("view", which, input);
      expect(ended).toMatchObject({ status: "FAILED", error: "PermissionDenied" });
      expect(await everything()).toEqual(before);
      const [noted] = await machine.query(
        "select actor, action from wavegate.security_log order by seq desc limit 1",
      );
      expect(noted).toEqual({ actor: "only-view", action: "start-refused" });
    },
  );

  it("D36 W12 the right person does it, past the CLI too, and the audit log names them", async () => {
    expect(
      await past("validate", "migration", { migration: "ecoin", only: "classify" }),
    ).toMatchObject({
      status: "SUCCEEDED",
    });
    const exported = await machine.wavegate(["export", "audit", "--run", run.run], as("review"));
    expect([exported.code, exported.stderr]).toEqual([0, ""]);
    const back = await machine.wavegate(["rollback", "--run", run.run], as("rollback"));
    expect(back.code).toBe(0);
    const entries = await machine.query(
      "select actor, details->>'what' as what, details->>'vouchedBy' as by from wavegate.audit_log where action = 'execution-started' order by seq",
    );
    expect(entries).toEqual([
      { actor: "only-validate", what: "classify", by: "CloudTrail" },
      { actor: "only-review", what: "export-audit", by: "stamp" },
      { actor: "only-rollback", what: "rollback", by: "stamp" },
    ]);
  });

  it("D36 a run is its starter's without CloudTrail, and a stamp cannot be replayed", async () => {
    const [pinned] = await machine.query<{ started_by: string; execution_arn: string }>(
      "select started_by, execution_arn from wavegate.legacy_import_runs",
    );
    const { people } = await machine.json<{ people: { name: string }[] }>(["people", "list"]);
    expect(people[0]?.name).not.toBe("");
    expect(people.map(({ name }) => name)).toContain(pinned?.started_by);
    const { urls } = JSON.parse(await readFile(join(machine.home, "runtime.json"), "utf8"));
    const keys = JSON.parse(await readFile(join(machine.home, "people.json"), "utf8")).people[0];
    const states = new SFNClient({ endpoint: urls.states, region: "us-east-1", credentials: keys });
    const described = await states.send(
      new DescribeExecutionCommand({ executionArn: pinned?.execution_arn }),
    );
    states.destroy();
    const { stamp, ...input } = JSON.parse(described.input ?? "{}");
    expect(stamp).toEqual(expect.any(String));
    expect(await past("view", "migration", { ...input, stamp })).toMatchObject({
      error: "PermissionDenied",
    });
  });
});
