import { mkdir, readdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { startS3Service } from "../../../lib/embedded/s3/service.ts";
import { errorName, startStore, type TestStore } from "./fixtures.ts";

async function fill(store: TestStore, keys: readonly string[]): Promise<void> {
  for (const Key of keys)
    await store.s3.send(new PutObjectCommand({ Bucket: "box", Key, Body: Key }));
}

/** Pages through a listing: the keys and common prefixes of each page. */
async function pages(store: TestStore, input: Partial<ListObjectsV2CommandInput>) {
  const found: { keys: unknown[]; prefixes: unknown[] }[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await store.s3.send(
      new ListObjectsV2Command({ Bucket: "box", ...input, ContinuationToken }),
    );
    const keys = (page.Contents ?? []).map(({ Key }) => Key);
    const prefixes = (page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix);
    expect(page.KeyCount).toBe(keys.length + prefixes.length);
    found.push({ keys, prefixes });
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return found;
}

async function keysOf(store: TestStore, input: Partial<ListObjectsV2CommandInput> = {}) {
  return (await pages(store, input)).flatMap((page) => page.keys);
}

describe("ListObjectsV2", () => {
  it("lists in the order of UTF-8 bytes, which is not that of UTF-16", async () => {
    const store = await startStore();
    await fill(store, ["\u{1f600}", "\uff5e", "é", "z", "Z", "a/b", "a", "a!", "a0", "10", "9"]);
    expect(await keysOf(store)).toEqual([
      "10",
      "9",
      "Z",
      "a",
      "a!",
      "a/b",
      "a0",
      "z",
      "é",
      "\uff5e",
      "\u{1f600}",
    ]);
  });

  it("pages through everything once, for every size of page", async () => {
    const store = await startStore();
    const keys = ["a", "b/1", "b/2", "c", "d/1/x", "d/2/y", "e"];
    await fill(store, keys);
    for (const MaxKeys of [1, 2, 3, 6, 7, 8]) {
      expect(await keysOf(store, { MaxKeys })).toEqual(keys);
      const rolledUp = await pages(store, { MaxKeys, Delimiter: "/" });
      expect(rolledUp.flatMap((page) => page.keys)).toEqual(["a", "c", "e"]);
      expect(rolledUp.flatMap((page) => page.prefixes)).toEqual(["b/", "d/"]);
    }
    expect(await pages(store, { MaxKeys: 0 })).toEqual([{ keys: [], prefixes: [] }]);
  });

  it("honours prefix, delimiter and start-after together", async () => {
    const store = await startStore();
    await fill(store, ["runs/1/a", "runs/1/b", "runs/10/a", "runs/2", "runs/3/a", "other"]);
    expect(await keysOf(store, { Prefix: "runs/1" })).toEqual([
      "runs/1/a",
      "runs/1/b",
      "runs/10/a",
    ]);
    expect(await pages(store, { Prefix: "runs/", Delimiter: "/" })).toEqual([
      { keys: ["runs/2"], prefixes: ["runs/1/", "runs/10/", "runs/3/"] },
    ]);
    expect(await keysOf(store, { StartAfter: "runs/1/a" })).toEqual([
      "runs/1/b",
      "runs/10/a",
      "runs/2",
      "runs/3/a",
    ]);
    expect(await pages(store, { Prefix: "runs/", Delimiter: "a" })).toEqual([
      { keys: ["runs/1/b", "runs/2"], prefixes: ["runs/1/a", "runs/10/a", "runs/3/a"] },
    ]);
    expect(await keysOf(store, { Prefix: "none" })).toEqual([]);
  });

  it("tells size, ETag and time, and encodes keys on request", async () => {
    const store = await startStore();
    await fill(store, ["a b/é&<\n"]);
    const page = await store.s3.send(new ListObjectsV2Command({ Bucket: "box" }));
    expect(page.Contents?.[0]).toMatchObject({
      Key: "a b/é&<\n",
      Size: 9,
      StorageClass: "STANDARD",
    });
    expect(page.Contents?.[0]?.ETag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(page.Contents?.[0]?.LastModified).toBeInstanceOf(Date);
    const EncodingType = "url";
    const encoded = await store.s3.send(new ListObjectsV2Command({ Bucket: "box", EncodingType }));
    expect(encoded.Contents?.[0]?.Key).toBe("a%20b/%C3%A9%26%3C%0A");
  });

  it("refuses a continuation token that it never gave", async () => {
    const store = await startStore();
    const list = new ListObjectsV2Command({ Bucket: "box", ContinuationToken: "nonsense" });
    expect(await errorName(store.s3.send(list))).toBe("InvalidArgument");
  });

  it("sees at once what was written and deleted", async () => {
    const store = await startStore();
    for (let n = 0; n < 20; n++) {
      await fill(store, [`k${n}`]);
      expect(await keysOf(store)).toEqual([`k${n}`]);
      await store.s3.send(new DeleteObjectCommand({ Bucket: "box", Key: `k${n}` }));
      expect(await keysOf(store)).toEqual([]);
    }
  });
});

it("a remembered listing is given up as soon as something changes", async () => {
  const store = await startStore();
  const index = join(store.directory, ".s3", "box", "index");
  await fill(store, ["a", "b"]);
  await utimes(index, new Date("2020-01-01"), new Date("2020-01-01"));
  expect(await keysOf(store)).toEqual(["a", "b"]);
  expect(await keysOf(store)).toEqual(["a", "b"]);
  await fill(store, ["c"]);
  expect(await keysOf(store)).toEqual(["a", "b", "c"]);
  await utimes(index, new Date("2020-01-02"), new Date("2020-01-02"));
  expect(await keysOf(store)).toEqual(["a", "b", "c"]);
  await store.s3.send(new DeleteObjectCommand({ Bucket: "box", Key: "a" }));
  expect(await keysOf(store)).toEqual(["b", "c"]);
});

const HOSTILE_KEYS = [
  ".",
  "..",
  "../escape",
  "a/../../../escape",
  "/absolute",
  "//",
  "a",
  "a/",
  "a/b",
  "a//b",
  "A",
  "A/B",
  "a.json",
  "%2e%2e/x",
  "a%2fb",
  "~",
  ".s3/box/index/a",
  "con",
  "back\\slash\\..\\x",
  "c:\\x",
  "nul\u0000byte",
  "tab\tline\ncr\r",
  "e\u0301",
  "\u00e9",
  "<&>\"'",
  "?query#fragment",
  "+ +",
  "__proto__",
  "\u{1f600}".repeat(256),
  "x".repeat(1024),
  `${"x".repeat(1023)}y`,
  `${"d/".repeat(500)}z`,
  `${"n".repeat(300)}/file`,
];

describe("keys that would be trouble as paths", () => {
  it("stay different objects inside the folder, also after a restart", async () => {
    const store = await startStore();
    await fill(store, HOSTILE_KEYS);
    const { authenticate } = store.identities;
    const again = await startS3Service({ directory: store.directory, buckets: [], authenticate });
    const restarted = store.client({ endpoint: again.url });
    for (const client of [store.s3, restarted]) {
      for (const Key of HOSTILE_KEYS) {
        const got = await client.send(new GetObjectCommand({ Bucket: "box", Key }));
        expect(await got.Body?.transformToString()).toBe(Key);
      }
    }
    const EncodingType = "url";
    const listed = await store.s3.send(new ListObjectsV2Command({ Bucket: "box", EncodingType }));
    expect((listed.Contents ?? []).map(({ Key }) => decodeURIComponent(Key ?? "")).sort()).toEqual(
      [...HOSTILE_KEYS].sort(),
    );
    expect(await readdir(join(store.directory, ".."))).toEqual(["objects", "people"]);
    expect((await readdir(store.directory)).sort()).toEqual([".s3", "box"]);
    for (const Key of HOSTILE_KEYS) {
      await store.s3.send(new DeleteObjectCommand({ Bucket: "box", Key }));
    }
    expect(await keysOf(store)).toEqual([]);
    expect(await readdir(join(store.directory, "box"))).toEqual([]);
    restarted.destroy();
    await again.close();
  });

  it("are refused above 1024 bytes, counted in UTF-8", async () => {
    const store = await startStore();
    for (const Key of ["x".repeat(1025), "é".repeat(513)]) {
      const put = new PutObjectCommand({ Bucket: "box", Key, Body: "" });
      expect(await errorName(store.s3.send(put))).toBe("KeyTooLongError");
    }
  });

  it("keep their objects when a person's own file or folder is in the way of the plain file", async () => {
    const store = await startStore();
    await mkdir(join(store.directory, "box", "mine", "deep"), { recursive: true });
    await fill(store, ["mine"]);
    const got = await store.s3.send(new GetObjectCommand({ Bucket: "box", Key: "mine" }));
    expect(await got.Body?.transformToString()).toBe("mine");
    await store.s3.send(new DeleteObjectCommand({ Bucket: "box", Key: "mine" }));
    expect(await readdir(join(store.directory, "box", "mine"))).toEqual(["deep"]);
  });
});
