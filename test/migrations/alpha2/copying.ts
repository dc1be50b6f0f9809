import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { RowToCopy } from "../../../lib/compile/wave/file-copies.ts";
import { findRun } from "../../../lib/data/runs.ts";
import { startS3Service } from "../../../lib/embedded/s3/service.ts";
import { openCopyStore } from "../../../lib/services/copy-store.ts";
import type { CopyStore } from "../../../lib/services/services.ts";
import { CopiesNeeded, withCopies } from "../../../lib/stages/files/copy-files.ts";
import { takeBackFiles } from "../../../lib/stages/files/take-back-files.ts";
import { schoolOf, small } from "../../../scripts/school/generate.ts";
import type { TestServices } from "../../support/services.ts";
import { reviewedRun } from "../../support/steps.ts";
import { type SchoolServices, schoolServices } from "./world.ts";

export const school = schoolOf(small);

/** Copies the files of some rows of a run, as a wave does before it is written. */
export async function copied(
  { services }: TestServices,
  run: string,
  rows: readonly RowToCopy[],
): Promise<void> {
  let asked = false;
  await withCopies(services, await findRun(services.stage, run), async () => {
    if (asked) return;
    asked = true;
    throw new CopiesNeeded(rows);
  });
}

export const takenBack = async ({ services }: TestServices, run: string): Promise<number> =>
  takeBackFiles(services, await findRun(services.stage, run));

/** A store of its own over a folder. */
export async function storeIn(directory: string, authorize: () => void = () => undefined) {
  const service = await startS3Service({
    directory,
    buckets: ["files"],
    authenticate: async () => "test",
    authorize,
  });
  const client = new S3Client({
    endpoint: service.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    forcePathStyle: true,
  });
  return {
    client,
    url: service.url,
    copies: openCopyStore("files", client),
    close: async () => {
      client.destroy();
      await service.close();
    },
  };
}

/** Runs over the school that are reviewed, and what lies of their copies; after each test nothing does. */
export function copying(runs: readonly string[]) {
  let test: SchoolServices;
  /** Where the copies of {@link rowsOf} lie. */
  let keys: readonly string[];

  /** Some answers with files, which all runs have. */
  const rowsOf = async (run: string, most = 2): Promise<RowToCopy[]> =>
    (
      await test.query<RowToCopy>(
        `select id::float8 as id, blob as name, blob_key as key, blob_type as type, blob_size::int as size, blob_sha256 as sha256
           from wavegate.alpha2_submission where run_id = $1 and planned_action = 'file' order by legacy_id limit $2`,
        [run, most],
      )
    ).map((row) => ({ ...row, state: null }));

  /** The keys of what lies in the platform's bucket, of those. */
  const lying = async (): Promise<string[]> => {
    const found = await Promise.all(
      keys.map(async (key) => ((await test.services.copies.look(key)) ? [key] : [])),
    );
    return found.flat();
  };

  beforeAll(async () => {
    test = await schoolServices(school);
    for (const run of runs) await reviewedRun(test, run);
    keys = (await rowsOf(runs[0] ?? "")).map(({ key }) => key);
  });
  afterEach(async () => {
    for (const run of runs) await takenBack(test, run);
    expect(await lying()).toEqual([]);
    await test.query("delete from wavegate.file_copies");
  });
  afterAll(() => test?.close());

  return {
    get test() {
      return test;
    },
    get keys() {
      return keys;
    },
    ...{ rowsOf, lying },
    states: (run: string) =>
      test.query<{ state: string; rows: number }>(
        "select state, count(*)::int as rows from wavegate.file_copies where run_id = $1 group by 1 order by 1",
        [run],
      ),
    /** The same with another store of copies. */
    withStore: (store: Partial<CopyStore>): TestServices => ({
      ...test,
      services: { ...test.services, copies: { ...test.services.copies, ...store } },
    }),
    /** Puts the school's files below `old/`, and answers what puts one more. */
    filled: async (client: S3Client) => {
      const send = (Key: string, Body: Buffer) =>
        client.send(new PutObjectCommand({ Bucket: "files", Key: `old/${Key}`, Body }));
      for (const each of await readdir(test.files, { recursive: true, withFileTypes: true })) {
        const path = join(each.parentPath, each.name);
        if (each.isFile()) await send(relative(test.files, path), await readFile(path));
      }
      return send;
    },
  };
}
