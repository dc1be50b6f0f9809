import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../../lib/data/runs.ts";
import { startS3Service } from "../../../lib/embedded/s3/service.ts";
import { openCopyStore } from "../../../lib/services/copy-store.ts";
import type { CopyStore } from "../../../lib/services/services.ts";
import { takeBackFiles } from "../../../lib/stages/files/take-back-files.ts";
import { preflight } from "../../../lib/stages/preflight.ts";
import { schoolOf, small } from "../../../scripts/school/generate.ts";
import { acknowledged } from "../../support/steps.ts";
import { type SchoolServices, schoolServices } from "./world.ts";

const run = "7f3a0000-0000-4000-8000-00000000a221";
let test: SchoolServices;
let store: { copies: CopyStore; client: S3Client; close: () => Promise<void> };

beforeAll(async () => {
  test = await schoolServices(schoolOf(small));
  const { services, definition } = test;
  await preflight(services, {
    ...{ migration: definition.name, run, executionArn: `arn:${run}`, acknowledge: acknowledged },
  });
  const directory = await mkdtemp(join(tmpdir(), "wavegate-store-"));
  const service = await startS3Service({
    ...{ directory, buckets: ["files"], locked: ["kept/"] },
    ...{ authenticate: async () => "test", authorize: () => undefined },
  });
  const client = new S3Client({
    ...{ endpoint: service.url, region: "us-east-1", forcePathStyle: true },
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  store = {
    client,
    copies: openCopyStore("files", client),
    close: async () => {
      client.destroy();
      await service.close();
      await rm(directory, { recursive: true });
    },
  };
});
afterEach(() => test.query("delete from wavegate.file_copies"));
afterAll(async () => {
  await store?.close();
  await test?.close();
});

/** Copies of a run at some keys, as its waves noted them: rows 11, 12, … */
async function copied(keys: readonly string[]): Promise<void> {
  const bytes = Buffer.from("what was reviewed");
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  for (const [n, key] of keys.entries()) {
    const { version } = await store.copies.put(key, Readable.from([bytes]), {
      ...{ size: bytes.length, type: "application/pdf", sha256, owner: `${run}/${n + 11}` },
    });
    await note(n + 11, key, "copied", version, sha256);
  }
}
const note = (
  row: number,
  key: string,
  state: string,
  version: string | null,
  sha256: string | null = null,
) =>
  test.query(
    "insert into wavegate.file_copies (run_id, staged_id, object_key, state, version, own, sha256) values ($1, $2, $3, $4, $5, true, $6)",
    [run, row, key, state, version, sha256],
  );
const lying = async (keys: readonly string[]) => {
  const found = await Promise.all(
    keys.map(async (key) => ((await store.copies.look(key)) ? [key] : [])),
  );
  return found.flat();
};
const states = async () =>
  (
    await test.query<{ says: string }>(
      "select staged_id || ' ' || state as says from wavegate.file_copies order by staged_id",
    )
  ).map(({ says }) => says);
/** Takes them away, two at a time. */
const takenBack = async (copies: Partial<CopyStore> = {}) =>
  takeBackFiles(
    { ...test.services, copies: { ...store.copies, ...copies } },
    await findRun(test.services.stage, run),
    { together: 2 },
  );

const five = [1, 2, 3, 4, 5].map((n) => `a/${n}.pdf`);

describe("A5 R14 copies that are taken away", () => {
  it("go piece by piece, each with one request, and what is behind where a piece began as well", async () => {
    await copied(five);
    const asked: number[] = [];
    const remove: CopyStore["remove"] = async (copies) => {
      asked.push(copies.length);
      // What another delivery leaves behind meanwhile.
      if (asked.length === 2) {
        await store.copies.put("a/0.pdf", Readable.from([Buffer.from("0")]), {
          ...{ size: 1, type: "application/pdf", owner: `${run}/1` },
          sha256: createHash("sha256").update("0").digest("hex"),
        });
        await note(1, "a/0.pdf", "removing", null);
      }
      return store.copies.remove(copies);
    };
    expect(await takenBack({ remove })).toBe(6);
    expect(asked).toEqual([2, 2, 1, 1]);
    expect(await lying(["a/0.pdf", ...five])).toEqual([]);
    expect(await states()).toEqual([1, 11, 12, 13, 14, 15].map((n) => `${n} removed`));
  });

  it("go but for those that the store keeps, each by itself, in one sentence; and whoever comes next goes on with these", async () => {
    const keys = ["a/1.pdf", "kept/2.pdf", ...five.slice(2)];
    await copied(keys);
    for (let again = 0; again < 2; again++) {
      await expect(takenBack()).rejects.toMatchObject({
        name: "CopyFailed",
        message: expect.stringMatching(/^[^\n]+\(AccessDenied\)[^\n]+$/u),
      });
      expect(await lying(keys)).toEqual(["kept/2.pdf"]);
      expect(await states()).toEqual([
        ...["11 removed", "12 removing", "13 removed", "14 removed", "15 removed"],
      ]);
    }
  });

  it("stay as they are where the store answers nothing: it is asked once, and not about each piece", async () => {
    await copied(five);
    let asked = 0;
    const remove: CopyStore["remove"] = async () => {
      asked++;
      throw new Error("away");
    };
    await expect(takenBack({ remove })).rejects.toMatchObject({ name: "CopyFailed" });
    expect(asked).toBe(1);
    expect(await lying(five)).toEqual(five);
    expect(await states()).toEqual([11, 12, 13, 14, 15].map((n) => `${n} removing`));
    expect(await takenBack()).toBe(5);
  });

  it("where no version tells them are what was looked at: not what somebody put there since", async () => {
    await copied(five);
    await test.query("update wavegate.file_copies set version = null");
    const look: CopyStore["look"] = async (key) => {
      const lies = await store.copies.look(key);
      if (key === five[1])
        await store.client.send(new PutObjectCommand({ Bucket: "files", Key: key, Body: "newer" }));
      return lies && { ...lies, version: null };
    };
    expect(await takenBack({ look })).toBe(4);
    expect(await store.copies.look(five[1] ?? "")).toMatchObject({ owner: undefined, size: 5 });
    expect(await lying(five)).toEqual([five[1]]);
    expect(await states()).toEqual([11, 12, 13, 14, 15].map((n) => `${n} removed`));
  });

  it("D16 go on with the next call once there is no more time", async () => {
    const keys = five.map((key) => `later/${key}`);
    await copied(keys);
    const found = await findRun(test.services.stage, run);
    const shortly = () =>
      takeBackFiles({ ...test.services, copies: store.copies }, found, {
        together: 2,
        overdue: () => true,
      });
    expect(await shortly()).toBe(2);
    expect(await states()).toEqual([
      ...["11 removed", "12 removed", "13 removing", "14 removing", "15 removing"],
    ]);
    expect([await shortly(), await shortly(), await shortly()]).toEqual([2, 1, 0]);
    expect(await lying(keys)).toEqual([]);
  });

  it.each([
    ["the store tells the hash of", true],
    ["are read where the store tells no hash", false],
  ])(
    "are those whose bytes were reviewed alone: other bytes under the same mark stay, which %s",
    async (_, tells) => {
      const keys = five.map((key) => `${tells}/${key}`);
      await copied(keys);
      // An earlier version noted no hash: there the mark alone says whose it is.
      await test.query(
        "update wavegate.file_copies set version = null, sha256 = case when staged_id <> 15 then sha256 end",
      );
      for (const key of [keys[1] ?? "", keys[4] ?? ""])
        await store.client.send(
          new PutObjectCommand({
            ...{ Bucket: "files", Key: key, Body: "made smaller", ChecksumAlgorithm: "SHA256" },
            Metadata: { wavegate: `${run}/${key === keys[1] ? 12 : 15}` },
          }),
        );
      const look: CopyStore["look"] = async (key) => {
        const lies = await store.copies.look(key);
        return lies && { ...lies, version: null, ...(tells ? {} : { sha256: undefined }) };
      };
      expect(await takenBack({ look })).toBe(4);
      expect(await store.copies.look(keys[1] ?? "")).toMatchObject({
        owner: `${run}/12`,
        size: 12,
      });
      expect(await states()).toEqual([11, 12, 13, 14, 15].map((n) => `${n} removed`));
      // No hash of somebody's file is kept for a copy that is gone.
      expect(
        await test.query("select 1 from wavegate.file_copies where sha256 is not null"),
      ).toEqual([]);
    },
  );
});
