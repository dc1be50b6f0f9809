import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { onTestFinished } from "vitest";
import { type Identities, openIdentities } from "../../../lib/embedded/identity/identities.ts";
import { type S3Service, startS3Service } from "../../../lib/embedded/s3/service.ts";

/** A running store with one bucket `box`, a folder to look into, and clients for it. */
export interface TestStore {
  readonly directory: string;
  readonly service: S3Service;
  readonly identities: Identities;
  readonly faults: unknown[];
  readonly s3: S3Client;
  client(config: S3ClientConfig): S3Client;
}

/** Starts a store that ends with the test. */
export async function startStore(options: { locked?: readonly string[] } = {}): Promise<TestStore> {
  const root = await mkdtemp(join(tmpdir(), "wavegate-s3-"));
  const directory = join(root, "objects");
  const identities = await openIdentities(join(root, "people"));
  const faults: unknown[] = [];
  const service = await startS3Service({
    directory,
    buckets: ["box"],
    ...options,
    authenticate: identities.authenticate,
    onFault: (error) => faults.push(error),
  });
  const credentials = await identities.service();
  const clients: S3Client[] = [];
  const client = (config: S3ClientConfig) => {
    const made = new S3Client({
      endpoint: service.url,
      region: "us-east-1",
      forcePathStyle: true,
      credentials,
      maxAttempts: 1,
      ...config,
    });
    clients.push(made);
    return made;
  };
  onTestFinished(async () => {
    for (const one of clients) one.destroy();
    await service.close();
    await rm(root, { recursive: true, force: true });
  });
  return { directory, service, identities, faults, s3: client({}), client };
}

/** The name of the error a request ends in, or `"no error"`. */
export async function errorName(request: Promise<unknown>): Promise<string> {
  return request.then(
    () => "no error",
    (error: Error) => error.name,
  );
}
