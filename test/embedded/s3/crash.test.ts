import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, unlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { expect, it, onTestFinished } from "vitest";
import { openIdentities } from "../../../lib/embedded/identity/identities.ts";
import { inFull } from "../../support/every-step.ts";
import { errorName } from "./fixtures.ts";

interface Running {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
  readonly s3: S3Client;
}

async function prepare() {
  const root = await mkdtemp(join(tmpdir(), "wavegate-s3-"));
  const directory = join(root, "objects");
  const people = join(root, "people");
  const credentials = await (await openIdentities(people)).service();
  const running: Running[] = [];
  onTestFinished(async () => {
    for (const { child, s3 } of running) {
      s3.destroy();
      if (child.exitCode === null && child.kill("SIGKILL")) await once(child, "exit");
    }
    await rm(root, { recursive: true, force: true });
  });
  const start = async (largestKb?: number): Promise<Running> => {
    const program = join(import.meta.dirname, "server-process.ts");
    // A limit on the size of files stands in for a disk that is full: the write fails half-way.
    const limit = largestKb === undefined ? "" : `ulimit -f ${largestKb}; `;
    const child = spawn(
      "bash",
      ["-c", `${limit}exec "$@"`, "-", process.execPath, program, directory, people],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const endpoint = (await lines.next()).value as string;
    const base = { region: "us-east-1", forcePathStyle: true, maxAttempts: 1 };
    const s3 = new S3Client({ ...base, endpoint, credentials });
    const one = { child, lines, s3 };
    running.push(one);
    return one;
  };
  return { directory, start };
}

it("W13 a disk that takes no more is said in one sentence, and leaves no half object", async () => {
  const { directory, start } = await prepare();
  const { s3 } = await start(200);
  const body = randomBytes(1_000_000);
  const attempt = s3.send(new PutObjectCommand({ Bucket: "box", Key: "big", Body: body }));
  await expect(attempt).rejects.toMatchObject({ name: "DiskFull" });
  await expect(attempt).rejects.toThrow(/Nothing of this object was stored; make room/);
  expect(await errorName(s3.send(new HeadObjectCommand({ Bucket: "box", Key: "big" })))).toBe(
    "NotFound",
  );
  expect(await readdir(join(directory, ".s3", "box", "incoming")).catch(() => [])).toEqual([]);
  await s3.send(new PutObjectCommand({ Bucket: "box", Key: "small", Body: "still works" }));
});

it("kill -9 during a put leaves the object as it was before, and no half one", async () => {
  const { directory, start } = await prepare();
  const box = join(directory, ".s3", "box");
  const first = await start();
  const k = { Bucket: "box", Key: "k" };
  await first.s3.send(new PutObjectCommand({ ...k, Body: "before" }));
  const endless = () => {
    const Body = new Readable({ read() {} });
    Body.push(randomBytes(300_000));
    return { Body, ContentLength: 1_000_000 };
  };
  const cutOff = [
    errorName(first.s3.send(new PutObjectCommand({ ...k, ...endless() }))),
    errorName(first.s3.send(new PutObjectCommand({ Bucket: "box", Key: "new", ...endless() }))),
  ];
  await expect.poll(() => readdir(join(box, "data"))).toHaveLength(3);
  first.child.kill("SIGKILL");
  for (const name of await Promise.all(cutOff)) expect(name).not.toBe("no error");

  const second = await start();
  const got = await second.s3.send(new GetObjectCommand(k));
  expect(await got.Body?.transformToString()).toBe("before");
  const isThere = second.s3.send(new HeadObjectCommand({ Bucket: "box", Key: "new" }));
  expect(await errorName(isThere)).toBe("NotFound");
  expect(await readdir(join(directory, "box"))).toEqual(["k"]);
});

it("objects acknowledged before kill -9 are all there, whole, while many were being written", async () => {
  const { start } = await prepare();
  const first = await start();
  const acknowledged = new Map<string, Buffer>();
  const writer = async (who: number) => {
    for (let n = 0; ; n++) {
      const Key = `${who}/${n % 7}`;
      const Body = randomBytes(10_000 + n);
      await first.s3.send(new PutObjectCommand({ Bucket: "box", Key: `${Key} ${n}`, Body }));
      acknowledged.set(`${Key} ${n}`, Body);
    }
  };
  const writers = [1, 2, 3, 4].map((who) => errorName(writer(who)));
  await expect.poll(() => acknowledged.size).toBeGreaterThan(40);
  first.child.kill("SIGKILL");
  await Promise.all(writers);
  const second = await start();
  for (const [Key, body] of acknowledged) {
    const got = await second.s3.send(new GetObjectCommand({ Bucket: "box", Key }));
    expect(body.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
  }
});

it("W12 versions acknowledged before kill -9 are all there, and those that were removed are not", async () => {
  const { start } = await prepare();
  const first = await start();
  const kept = new Map<string, string>();
  const gone: string[] = [];
  const writer = async (Key: string) => {
    const k = { Bucket: "box", Key };
    for (let n = 0; ; n++) {
      const Body = `${Key} ${n}`;
      const { VersionId = "" } = await first.s3.send(new PutObjectCommand({ ...k, Body }));
      kept.set(VersionId, Body);
      if (n % 3 === 1) await first.s3.send(new DeleteObjectCommand(k));
      if (n % 4 === 3) {
        kept.delete(VersionId);
        await first.s3.send(new DeleteObjectCommand({ ...k, VersionId }));
        gone.push(VersionId);
      }
    }
  };
  const writers = ["a", "b", "c"].map((key) => errorName(writer(key)));
  await expect.poll(() => gone.length, { timeout: 120_000 }).toBeGreaterThan(4);
  first.child.kill("SIGKILL");
  await Promise.all(writers);
  const { s3 } = await start();
  const listed = await s3.send(new ListObjectVersionsCommand({ Bucket: "box" }));
  const found = new Map(listed.Versions?.map(({ Key, VersionId = "" }) => [VersionId, Key]));
  for (const [VersionId, body] of kept) {
    const Key = found.get(VersionId);
    const got = await s3.send(new GetObjectCommand({ Bucket: "box", Key, VersionId }));
    expect(await got.Body?.transformToString()).toBe(body);
  }
  for (const VersionId of gone) expect(found.has(VersionId)).toBe(false);
  // Each key can be written on: no lock of the dead process is in the way.
  for (const Key of ["a", "b", "c"]) {
    await s3.send(new PutObjectCommand({ Bucket: "box", Key, Body: "on" }));
  }
});

it("W12 what a crash left half done counts as not done, now and after later changes", async () => {
  const { directory, start } = await prepare();
  const { s3 } = await start();
  const box = join(directory, ".s3", "box");
  const k = { Bucket: "box", Key: "k" };
  const put = async (Body: string) =>
    (await s3.send(new PutObjectCommand({ ...k, Body }))).VersionId ?? "";
  const text = async () => (await s3.send(new GetObjectCommand(k))).Body?.transformToString();
  const ids = async () => {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: "box" }),
    );
    return [Versions.map(({ VersionId }) => VersionId), DeleteMarkers.length];
  };
  const [one, two] = [await put("one"), await put("two")];
  const file = join(box, "versions", "k.json");
  const history = JSON.parse(await readFile(file, "utf8"));
  const current = JSON.parse(await readFile(join(box, "index", "k.json"), "utf8"));
  const marker = {
    key: "k",
    version: "m".repeat(32),
    number: 3,
    modified: current.modified,
    deleted: true,
  };
  // A delete that wrote its marker, and died before it took the object out of the index.
  const half = { key: "k", versions: [marker, current, ...history.versions] };
  await writeFile(file, JSON.stringify(half));
  expect(await text()).toBe("two");
  expect(await ids()).toEqual([[two, one], 0]);
  // The object goes: what was before it is the latest, and the marker does not come alive.
  await s3.send(new DeleteObjectCommand({ ...k, VersionId: two }));
  expect(await text()).toBe("one");
  expect(await ids()).toEqual([[one], 0]);
  // An overwriting that wrote what was there down, and died before the new object took its place.
  await writeFile(file, JSON.stringify({ key: "k", versions: [{ ...history.versions[0] }] }));
  expect(await ids()).toEqual([[one], 0]);
  const three = await put("three");
  expect(await ids()).toEqual([[three, one], 0]);
});

it("a start sweeps old rubbish and shows again what a crash left unshown", async () => {
  const { directory, start } = await prepare();
  const box = join(directory, ".s3", "box");
  const first = await start();
  await first.s3.send(new PutObjectCommand({ Bucket: "box", Key: "a/k", Body: "kept" }));
  const Body = new Readable({ read() {} });
  Body.push(randomBytes(300_000));
  const put = new PutObjectCommand({ Bucket: "box", Key: "n", Body, ContentLength: 1_000_000 });
  const cutOff = errorName(first.s3.send(put));
  await expect.poll(() => readdir(join(box, "data"))).toHaveLength(2);
  first.child.kill("SIGKILL");
  await cutOff;
  for (const name of await readdir(join(box, "data"))) {
    await utimes(join(box, "data", name), new Date("2020-01-01"), new Date("2020-01-01"));
  }
  await unlink(join(directory, "box", "a", "k"));
  await start();
  expect(await readdir(join(box, "data"))).toHaveLength(1);
  expect(await readFile(join(directory, "box", "a", "k"), "utf8")).toBe("kept");
});

inFull("bodies of 600 MB pass through without being held in memory", async () => {
  const { start } = await prepare();
  const { s3, child, lines } = await start();
  const piece = randomBytes(1_000_000);
  const Body = Readable.from(Array.from({ length: 600 }, () => piece));
  const k = { Bucket: "box", Key: "large" };
  await s3.send(new PutObjectCommand({ ...k, Body, ContentLength: 600_000_000 }));
  const got = await s3.send(new GetObjectCommand(k));
  let size = 0;
  for await (const part of got.Body as Readable) size += part.length;
  expect(size).toBe(600_000_000);
  s3.destroy();
  child.kill("SIGTERM");
  const maxRssKilobytes = Number((await lines.next()).value);
  expect(maxRssKilobytes).toBeGreaterThan(10_000);
  expect(maxRssKilobytes).toBeLessThan(450_000);
});
