import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  type ServiceInputTypes,
  type ServiceOutputTypes,
  SFNClient,
  type SFNClientResolvedConfig,
} from "@aws-sdk/client-sfn";
import { type AwsStub, mockClient } from "aws-sdk-client-mock";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startS3Service } from "../../lib/embedded/s3/service.ts";
import type { Aws } from "../../scripts/truth/row.ts";
import { makeScratch } from "../../scripts/truth/scratch.ts";
import { startTrial, type Trial } from "../embedded/rds-data/support.ts";

const role = "arn:aws:iam::111122223333:role/truth";
const ends: (() => Promise<unknown>)[] = [];
let trial: Trial;
let states: AwsStub<ServiceInputTypes, ServiceOutputTypes, SFNClientResolvedConfig>;
let aws: Aws;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-scratch-"));
  trial = await startTrial();
  const objects = await startS3Service({
    directory: folder,
    buckets: ["other"],
    authenticate: async () => "tester",
  });
  ends.push(
    () => objects.close(),
    () => trial.end(),
    () => rm(folder, { recursive: true, force: true }),
  );
  const client = new S3Client({
    endpoint: objects.url,
    region: "eu-west-3",
    forcePathStyle: true,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const sfn = new SFNClient({ region: "eu-west-3" });
  states = mockClient(sfn);
  states
    .on(CreateStateMachineCommand)
    .callsFake(({ name }) => ({ stateMachineArn: `arn:of:${name}` }));
  states.on(DeleteStateMachineCommand).resolves({});
  aws = {
    region: "eu-west-3",
    account: "111122223333",
    states: sfn,
    trail: undefined as never,
    data: { client: trial.client, target: { ...trial.target, database: trial.database.name } },
    objects: { client, bucket: "" },
  };
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const buckets = async () =>
  (await aws.objects?.client.send(new ListBucketsCommand()))?.Buckets?.map(({ Name }) => Name);
const tables = async () =>
  (await trial.execute("select tablename from pg_tables where schemaname = 'public'")).records;

describe("W2 what `npm run truth -- --scratch` makes", () => {
  it("has names of its own, and is removed with everything in it", async () => {
    const { parts, remove } = await makeScratch(aws, role);
    expect(parts.bucket).toMatch(/^wavegate-truth-[0-9a-f]{12}$/);
    expect(parts.table).toMatch(/^wavegate_truth_[0-9a-f]{12}$/);
    expect(parts.machines?.late).toMatch(/^arn:of:wavegate-truth-[0-9a-f]{12}-late$/);
    const at = { Bucket: parts.bucket, Key: "k", Body: "x" };
    for (let n = 0; n < 3; n++) await aws.objects?.client.send(new PutObjectCommand(at));
    await trial.execute(`insert into ${parts.table} values (1, 'x')`);
    expect(await remove()).toEqual([]);
    expect(await buckets()).toEqual(["other"]);
    expect(await tables()).toEqual([]);
    const deleted = states.commandCalls(DeleteStateMachineCommand).map(({ args }) => args[0].input);
    expect(deleted).toEqual([
      { stateMachineArn: parts.machines?.late },
      { stateMachineArn: parts.machines?.steps },
    ]);
  });

  it("is removed when the rest of it cannot be made", async () => {
    const target = { ...trial.target, database: "there_is_none" };
    const attempt = makeScratch({ ...aws, data: { client: trial.client, target } }, role);
    await expect(attempt).rejects.toMatchObject({ name: "DatabaseErrorException" });
    expect(await buckets()).toEqual(["other"]);
    expect(states.commandCalls(DeleteStateMachineCommand)).toHaveLength(2);
  });

  it("is named when it cannot be removed", async () => {
    states.on(DeleteStateMachineCommand).rejects(Object.assign(new Error(), { name: "Throttled" }));
    const { parts, remove } = await makeScratch(aws, role);
    expect(await remove()).toEqual([
      `the state machine ${parts.machines?.late} (Throttled)`,
      `the state machine ${parts.machines?.steps} (Throttled)`,
    ]);
    expect(await buckets()).toEqual(["other"]);
  });

  it("is made for the parts that are named, and no others", async () => {
    const { parts } = await makeScratch({ ...aws, data: undefined, objects: undefined }, undefined);
    expect(parts).toEqual({ machines: undefined, bucket: undefined, table: undefined });
    expect(states.commandCalls(CreateStateMachineCommand)).toEqual([]);
  });
});
