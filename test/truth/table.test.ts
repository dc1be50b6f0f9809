import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { SESv2Client } from "@aws-sdk/client-sesv2";
import type { SFNClient, TestStateCommand, TestStateOutput } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startKmsService } from "../../lib/embedded/kms/service.ts";
import { startMailService } from "../../lib/embedded/mail/service.ts";
import { startS3Service } from "../../lib/embedded/s3/service.ts";
import type { AslDefinition, State } from "../../lib/embedded/states/asl.ts";
import { StateFailure } from "../../lib/embedded/states/errors.ts";
import { fillIn, place } from "../../lib/embedded/states/evaluate.ts";
import { catcherFor } from "../../lib/embedded/states/retry.ts";
import { machineNames, readDefinition } from "../../lib/infra/definitions.ts";
import { compare, rows } from "../../scripts/truth/compare.ts";
import type { Aws } from "../../scripts/truth/row.ts";
import { scratchDefinitions } from "../../scripts/truth/rows/executions.ts";
import { compareStates, singleStates } from "../../scripts/truth/single-states.ts";
import { startTrial, type Trial } from "../embedded/rds-data/support.ts";
import { PREFIX, StandIn } from "../embedded/states/stand-in.ts";

const authenticate = async () => "tester";
const keyArn = "arn:aws:kms:us-east-1:000000000000:key/truth";

let folder: string;
let trial: Trial;
let standIn: StandIn;
let aws: Aws;
const services: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-truth-"));
  trial = await startTrial();
  standIn = await StandIn.start(scratchDefinitions as Record<string, AslDefinition>);
  const of = (url: string) => ({
    endpoint: url,
    region: "us-east-1",
    maxAttempts: 1,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const objects = await startS3Service({
    directory: join(folder, "objects"),
    buckets: ["evidence", "scratch"],
    authenticate,
  });
  const kms = await startKmsService({
    file: join(folder, "key.pem"),
    keyArn,
    authenticate,
    authorize: () => {},
  });
  const mail = await startMailService({ directory: join(folder, "mail"), authenticate });
  services.push(objects, kms, mail);
  await trial.execute("create table truth (id integer primary key, name text)");
  aws = {
    states: standIn.client,
    trail: new CloudTrailClient(of(standIn.service.url)),
    data: { client: trial.client, target: { ...trial.target, database: trial.database.name } },
    objects: {
      client: new S3Client({ ...of(objects.url), forcePathStyle: true }),
      bucket: "evidence",
    },
    key: { client: new KMSClient(of(kms.url)), arn: keyArn },
    mail: new SESv2Client(of(mail.url)),
    region: "us-east-1",
    account: "000000000000",
    scratch: {
      machines: { steps: `${PREFIX}:stateMachine:steps`, late: `${PREFIX}:stateMachine:late` },
      bucket: "scratch",
      table: "truth",
    },
  };
});
afterAll(async () => {
  for (const service of services) await service.close();
  await standIn.close();
  await trial.end();
  await rm(folder, { recursive: true, force: true });
});

describe("W2 the table of what AWS answers", () => {
  it("is what the stand-ins answer, row by row", async () => {
    const { same, different, leftOut } = await compare(aws);
    expect(different).toEqual([]);
    expect(leftOut.map(({ row, wants }) => `${row.call}: ${wants}`)).toEqual([
      "DescribeStacks: stacks",
      "GetSecretValue: secrets",
    ]);
    expect(same).toHaveLength(rows.length - 2);
  });

  it("finds a difference: an answer is compared, not only an error's presence", async () => {
    const { data, scratch, objects, key, mail, ...bare } = aws;
    const { different } = await compare({ ...bare, account: "111122223333" });
    expect(different.map(({ got }) => got)).toContain("AccessDeniedException");
  });

  it("leaves out what nothing is named for, and says what it wants", async () => {
    const { states, trail, region, account } = aws;
    const { leftOut } = await compare({ states, trail, region, account });
    const wanted = new Map<string, number>();
    for (const { wants } of leftOut) wanted.set(wants, (wanted.get(wants) ?? 0) + 1);
    expect(Object.fromEntries(wanted)).toEqual({
      "scratch machines": 7,
      data: 15,
      "scratch table": 4,
      objects: 3,
      "scratch bucket": 12,
      key: 4,
      mail: 1,
      stacks: 1,
      secrets: 1,
    });
  });

  it("asks an account about every task of the three machines, with a result and with an error", () => {
    for (const machine of machineNames) {
      const tasks = Object.entries(readDefinition(machine).States)
        .filter(([, { Type }]) => Type === "Task")
        .map(([name]) => name);
      const asked = singleStates.filter((each) => each.machine === machine);
      expect(asked.map(({ state }) => state)).toEqual(tasks.flatMap((name) => [name, name]));
    }
    expect(singleStates).toContainEqual({
      machine: "migration",
      state: "DryRun",
      what: "an error",
      next: "StopOrAsk",
      status: "CAUGHT_ERROR",
    });
  });

  /** `TestState` with a mock, as the language says what becomes of it. */
  async function testState({ input: asked }: TestStateCommand): Promise<TestStateOutput> {
    const { definition = "", stateName = "", input = "", context = "", mock = {} } = asked;
    expect(definition).not.toContain("${");
    const state = (JSON.parse(definition) as AslDefinition).States[stateName] as State;
    const [data, about] = [JSON.parse(input), JSON.parse(context)];
    const { error = "", cause = "" } = mock.errorOutput ?? {};
    try {
      await fillIn(state.Parameters, data, about);
      if (mock.result === undefined) throw new StateFailure(error, cause);
      const result = await fillIn(state.ResultSelector, JSON.parse(mock.result), about);
      await place(state.ResultPath, data, result);
      return { status: "SUCCEEDED", nextState: state.Next };
    } catch (thrown) {
      const caught = catcherFor(state, thrown as StateFailure);
      return { status: caught ? "CAUGHT_ERROR" : "FAILED", nextState: caught?.Next };
    }
  }

  it("gives every state that an account is asked about all that it reads, and expects what the language says", async () => {
    expect(await compareStates({ send: testState } as unknown as SFNClient)).toEqual([]);
  });
});
