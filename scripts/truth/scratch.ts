/**
 * What rows may change: two state machines, an empty bucket with versions and an empty table, made in
 * an account under names of their own and removed at the end, whatever happened in between.
 */
import { randomBytes } from "node:crypto";
import { ExecuteStatementCommand } from "@aws-sdk/client-rds-data";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { CreateStateMachineCommand, DeleteStateMachineCommand } from "@aws-sdk/client-sfn";
import type { Aws, ScratchMachines } from "./row.ts";
import { scratchDefinitions } from "./rows/executions.ts";

/** Made things, and their removal: it tries each, and returns what it could not remove. */
interface Scratch {
  readonly parts: NonNullable<Aws["scratch"]>;
  remove(): Promise<string[]>;
}

/**
 * Makes what the parts of `aws` allow for: machines with a role that Step Functions may assume (it
 * needs no permission), a bucket, and a table where a database is named.
 */
export async function makeScratch(aws: Aws, roleArn: string | undefined): Promise<Scratch> {
  const name = `wavegate-truth-${randomBytes(6).toString("hex")}`;
  const removals: { what: string; remove: () => Promise<unknown> }[] = [];
  const remove = async () => {
    const left: string[] = [];
    for (const one of removals.toReversed()) {
      await one.remove().catch((error: Error) => left.push(`${one.what} (${error.name})`));
    }
    return left;
  };
  try {
    const machines = roleArn && (await makeMachines(aws, name, roleArn, removals));
    const bucket = await makeBucket(aws, name, removals);
    const table = await makeTable(aws, name.replaceAll("-", "_"), removals);
    return { parts: { machines: machines || undefined, bucket, table }, remove };
  } catch (error) {
    const left = await remove();
    if (left.length > 0) console.error(`Left behind: ${left.join(", ")}.`);
    throw error;
  }
}

type Removals = { what: string; remove: () => Promise<unknown> }[];

async function makeMachines(
  { states }: Aws,
  name: string,
  roleArn: string,
  removals: Removals,
): Promise<ScratchMachines> {
  const make = async (which: keyof ScratchMachines) => {
    const { stateMachineArn = "" } = await states.send(
      new CreateStateMachineCommand({
        name: `${name}-${which}`,
        roleArn,
        definition: JSON.stringify(scratchDefinitions[which]),
      }),
    );
    const remove = () => states.send(new DeleteStateMachineCommand({ stateMachineArn }));
    removals.push({ what: `the state machine ${stateMachineArn}`, remove });
    return stateMachineArn;
  };
  return { steps: await make("steps"), late: await make("late") };
}

async function makeBucket({ objects, region }: Aws, bucket: string, removals: Removals) {
  if (!objects) return undefined;
  const { client } = objects;
  const Bucket = bucket;
  await client.send(
    new CreateBucketCommand({
      Bucket,
      ...(region === "us-east-1"
        ? {}
        : { CreateBucketConfiguration: { LocationConstraint: region as "eu-west-3" } }),
    }),
  );
  removals.push({ what: `the bucket ${bucket}`, remove: () => removeBucket(client, bucket) });
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  return bucket;
}

async function removeBucket(client: S3Client, Bucket: string): Promise<void> {
  for (;;) {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket }));
    const all = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    if (all.length === 0) break;
    const Objects = all.map(({ Key, VersionId }) => ({ Key, VersionId }));
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
    );
    if (Errors.length > 0) throw Object.assign(new Error(), { name: Errors[0]?.Code ?? "Error" });
  }
  await client.send(new DeleteBucketCommand({ Bucket }));
}

async function makeTable({ data }: Aws, table: string, removals: Removals) {
  if (!data) return undefined;
  const run = (sql: string) =>
    data.client.send(new ExecuteStatementCommand({ ...data.target, sql }));
  await run(`create table ${table} (id integer primary key, name text)`);
  removals.push({ what: `the table ${table}`, remove: () => run(`drop table ${table}`) });
  return table;
}
