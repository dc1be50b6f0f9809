import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { describe, expect, it } from "vitest";
import { errorName, startStore, type TestStore } from "./fixtures.ts";

const at = (Key: string) => ({ Bucket: "box", Key });

async function bytesOf(store: TestStore, Key: string, Range?: string): Promise<Buffer> {
  const { Body } = await store.s3.send(new GetObjectCommand({ ...at(Key), Range }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

describe("bytes", () => {
  it("come back as they were sent, from buffers and from streams of every odd size", async () => {
    const store = await startStore();
    for (const size of [0, 1, 7, 1023, 65_535, 65_537, 1_000_003, 3 * 1024 * 1024 + 1]) {
      const sent = randomBytes(size);
      await store.s3.send(new PutObjectCommand({ ...at("buffer"), Body: sent }));
      expect((await bytesOf(store, "buffer")).equals(sent)).toBe(true);
      const pieces = [sent.subarray(0, size >> 1), sent.subarray(size >> 1)];
      const Body = Readable.from(pieces.filter((piece) => piece.length > 0));
      await store.s3.send(new PutObjectCommand({ ...at("stream"), Body, ContentLength: size }));
      expect((await bytesOf(store, "stream")).equals(sent)).toBe(true);
      const head = await store.s3.send(new HeadObjectCommand(at("stream")));
      expect(head.ContentLength).toBe(size);
    }
    expect(store.faults).toEqual([]);
  });

  it("keep their type, encoding, disposition, caching and metadata", async () => {
    const store = await startStore();
    const facts = {
      ContentType: "text/csv; charset=utf-8",
      ContentEncoding: "gzip",
      ContentDisposition: 'attachment; filename="a b.csv"',
      CacheControl: "no-store",
      ContentLanguage: "fr",
      ServerSideEncryption: "AES256" as const,
      Metadata: { digest: "abc", "two-words": "x, y" },
    };
    const Body = Readable.from([Buffer.from("x")]);
    await store.s3.send(new PutObjectCommand({ ...at("k"), Body, ContentLength: 1, ...facts }));
    const got = await store.s3.send(new GetObjectCommand(at("k")));
    expect(got).toMatchObject(facts);
    expect(got.ETag).toBe('"9dd4e461268c8034f5c8564e155c67a6"');
    expect(await store.s3.send(new HeadObjectCommand(at("k")))).toMatchObject(facts);
    await store.s3.send(new PutObjectCommand({ ...at("k"), Body: "y" }));
    const plain = await store.s3.send(new HeadObjectCommand(at("k")));
    expect([plain.Metadata, plain.ContentEncoding]).toEqual([{}, undefined]);
  });

  it("are given out in ranges, from the start, the middle and the end", async () => {
    const store = await startStore();
    await store.s3.send(new PutObjectCommand({ ...at("k"), Body: "0123456789" }));
    const ranged = async (Range: string) => {
      const got = await store.s3.send(new GetObjectCommand({ ...at("k"), Range }));
      const { httpStatusCode } = got.$metadata;
      return [httpStatusCode, got.ContentRange, await got.Body?.transformToString()];
    };
    expect(await ranged("bytes=0-0")).toEqual([206, "bytes 0-0/10", "0"]);
    expect(await ranged("bytes=2-4")).toEqual([206, "bytes 2-4/10", "234"]);
    expect(await ranged("bytes=7-")).toEqual([206, "bytes 7-9/10", "789"]);
    expect(await ranged("bytes=-3")).toEqual([206, "bytes 7-9/10", "789"]);
    expect(await ranged("bytes=-99")).toEqual([206, "bytes 0-9/10", "0123456789"]);
    expect(await ranged("bytes=8-99")).toEqual([206, "bytes 8-9/10", "89"]);
    expect(await ranged("bytes=5-2")).toEqual([200, undefined, "0123456789"]);
    expect(await ranged("lines=1-2")).toEqual([200, undefined, "0123456789"]);
    expect(await errorName(ranged("bytes=10-"))).toBe("InvalidRange");
    expect(await errorName(ranged("bytes=-0"))).toBe("InvalidRange");
    await store.s3.send(new PutObjectCommand({ ...at("k"), Body: "" }));
    expect(await errorName(ranged("bytes=0-0"))).toBe("InvalidRange");
  });

  it("lie in the folder as plain files under the key's path, and go with the object", async () => {
    const store = await startStore();
    await store.s3.send(new PutObjectCommand({ ...at("runs/7/reçu 1.csv"), Body: "a;b" }));
    const plain = join(store.directory, "box", "runs", "7", "reçu 1.csv");
    expect(await readFile(plain, "utf8")).toBe("a;b");
    await store.s3.send(new PutObjectCommand({ ...at("runs/7/reçu 1.csv"), Body: "c;d" }));
    expect(await readFile(plain, "utf8")).toBe("c;d");
    await store.s3.send(new DeleteObjectCommand(at("runs/7/reçu 1.csv")));
    expect(await readdir(join(store.directory, "box"))).toEqual([]);
    // Their bytes stay below the delete marker, as earlier versions.
    expect(await readdir(join(store.directory, ".s3", "box", "data"))).toHaveLength(2);
  });
});

describe("presigned links", () => {
  it("let somebody without credentials read and write, until changed", async () => {
    const store = await startStore();
    const body = randomBytes(100_001);
    const put = await getSignedUrl(
      store.s3,
      new PutObjectCommand({ ...at("a b/é"), Metadata: { who: "x" } }),
      { expiresIn: 60 },
    );
    expect((await fetch(put, { method: "PUT", body })).status).toBe(200);
    const ResponseContentDisposition = 'attachment; filename="x.csv"';
    const get = await getSignedUrl(
      store.s3,
      new GetObjectCommand({ ...at("a b/é"), ResponseContentDisposition }),
      { expiresIn: 60 },
    );
    const answer = await fetch(get);
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="x.csv"');
    expect(answer.headers.get("x-amz-meta-who")).toBe("x");
    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
    const changed = await fetch(get.replace("%C3%A9", "other"));
    expect(changed.status).toBe(403);
    expect(await changed.text()).toContain("<Code>SignatureDoesNotMatch</Code>");
  });
});

describe("deleting", () => {
  it("is fine for what is not there, and takes many at once", async () => {
    const store = await startStore();
    const keys = ["plain", "a & <b>", 'quo"te', "é", "line\nfeed"];
    for (const Key of keys) await store.s3.send(new PutObjectCommand({ ...at(Key), Body: Key }));
    await store.s3.send(new DeleteObjectCommand(at("never there")));
    const Objects = [...keys, "never there"].map((Key) => ({ Key }));
    const done = await store.s3.send(
      new DeleteObjectsCommand({ Bucket: "box", Delete: { Objects } }),
    );
    expect(done.Deleted?.map(({ Key }) => Key)).toEqual([...keys, "never there"]);
    expect(done.Errors).toBeUndefined();
    for (const Key of keys) {
      expect(await errorName(store.s3.send(new GetObjectCommand(at(Key))))).toBe("NoSuchKey");
    }
    await store.s3.send(new PutObjectCommand({ ...at("k"), Body: "x" }));
    const quiet = await store.s3.send(
      new DeleteObjectsCommand({ Bucket: "box", Delete: { Objects: [{ Key: "k" }], Quiet: true } }),
    );
    expect(quiet.Deleted).toBeUndefined();
    expect(await errorName(store.s3.send(new HeadObjectCommand(at("k"))))).toBe("NotFound");
  });
});
