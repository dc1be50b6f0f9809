import { createHash, randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  type ChecksumAlgorithm,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { describe, expect, it } from "vitest";
import { errorName, startStore, type TestStore } from "./fixtures.ts";

const MIB = 1024 * 1024;
const k = { Bucket: "box", Key: "dir/big file" };

async function begin(
  { s3 }: TestStore,
  more: object = {},
): Promise<{ UploadId: string | undefined }> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...k, ...more }));
  return { UploadId };
}

async function upload(
  { s3 }: TestStore,
  id: { UploadId: string | undefined },
  bodies: readonly Buffer[],
  more: { ChecksumAlgorithm?: ChecksumAlgorithm } = {},
): Promise<CompletedPart[]> {
  const parts: CompletedPart[] = [];
  for (const [at, Body] of bodies.entries()) {
    const PartNumber = at + 1;
    const done = await s3.send(new UploadPartCommand({ ...k, ...id, PartNumber, Body, ...more }));
    const { ETag, ChecksumCRC32, ChecksumSHA256 } = done;
    parts.push({ PartNumber, ETag, ChecksumCRC32, ChecksumSHA256 });
  }
  return parts;
}

function complete(store: TestStore, id: object, Parts: CompletedPart[], more: object = {}) {
  const { UploadId } = id as { UploadId: string };
  return store.s3.send(
    new CompleteMultipartUploadCommand({ ...k, UploadId, MultipartUpload: { Parts }, ...more }),
  );
}

describe("multipart uploads", () => {
  it("W3 a completion that is sent again is answered as before, as its answer may have been lost", async () => {
    const store = await startStore();
    const id = await begin(store);
    const Parts = await upload(store, id, [randomBytes(5 * MIB), randomBytes(10)]);
    const complete = () =>
      store.s3.send(
        new CompleteMultipartUploadCommand({ ...k, ...id, MultipartUpload: { Parts } }),
      );
    const first = await complete();
    const again = await complete();
    expect(again.ETag).toBe(first.ETag);
    expect(again.$metadata.httpStatusCode).toBe(200);
    await store.s3.send(new PutObjectCommand({ ...k, Body: "another" }));
    expect((await complete()).VersionId).toBe(first.VersionId);
    expect((await store.s3.send(new HeadObjectCommand(k))).ContentLength).toBe(7);
  });

  it("by the SDK's own uploader give the very bytes, with the ETag md5-of-md5s-N", async () => {
    const store = await startStore();
    const body = randomBytes(5 * MIB + 1);
    const params = { ...k, Body: Readable.from([body]), ContentType: "text/csv" };
    await new Upload({ client: store.s3, params, partSize: 5 * MIB }).done();
    const got = await store.s3.send(new GetObjectCommand({ ...k, ChecksumMode: "ENABLED" }));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
    const md5 = (bytes: Buffer) => createHash("md5").update(bytes).digest();
    const both = Buffer.concat([md5(body.subarray(0, 5 * MIB)), md5(body.subarray(5 * MIB))]);
    expect(got.ETag).toBe(`"${md5(both).toString("hex")}-2"`);
    expect(got.ContentType).toBe("text/csv");
    expect(got.ChecksumCRC32).toMatch(/^[A-Za-z0-9+/]{6}==-2$/);
    expect(await readdir(join(store.directory, ".s3", "box", "uploads"))).toEqual([]);
  });

  it("take parts in any order, the later of two with one number, and list them", async () => {
    const store = await startStore();
    const id = await begin(store);
    const put = (PartNumber: number, Body: Buffer) =>
      store.s3.send(new UploadPartCommand({ ...k, ...id, PartNumber, Body }));
    const [first, third] = [randomBytes(5 * MIB), randomBytes(11)];
    const c = await put(3, third);
    await put(1, Buffer.from("an earlier try"));
    const a = await put(1, first);
    await put(2, Buffer.from("not used in the end"));
    const page = await store.s3.send(new ListPartsCommand({ ...k, ...id, MaxParts: 2 }));
    expect(page.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 5 * MIB],
      [2, 19],
    ]);
    expect([page.IsTruncated, page.NextPartNumberMarker]).toEqual([true, "2"]);
    const rest = await store.s3.send(new ListPartsCommand({ ...k, ...id, PartNumberMarker: "2" }));
    expect(rest.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([3]);
    await complete(store, id, [
      { PartNumber: 1, ETag: a.ETag },
      { PartNumber: 3, ETag: c.ETag },
    ]);
    const got = await store.s3.send(new GetObjectCommand(k));
    const expected = Buffer.concat([first, third]);
    expect(expected.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
  });

  it("refuse parts that are missing, changed, out of order or too small, and stay open", async () => {
    const store = await startStore();
    const id = await begin(store);
    const parts = await upload(store, id, [randomBytes(100), randomBytes(100)]);
    const [one = {}, two = {}] = parts;
    expect(await errorName(complete(store, id, parts))).toBe("EntityTooSmall");
    expect(await errorName(complete(store, id, [two, one]))).toBe("InvalidPartOrder");
    expect(await errorName(complete(store, id, [one, one]))).toBe("InvalidPartOrder");
    expect(await errorName(complete(store, id, [{ ...one, PartNumber: 7 }]))).toBe("InvalidPart");
    expect(await errorName(complete(store, id, [{ ...one, ETag: two.ETag }]))).toBe("InvalidPart");
    expect(await errorName(store.s3.send(new HeadObjectCommand(k)))).toBe("NotFound");
    expect(await errorName(complete(store, id, [one]))).toBe("no error");
  });

  it("leave nothing when they are aborted, and are found by their own key only", async () => {
    const store = await startStore();
    const id = await begin(store);
    const parts = await upload(store, id, [randomBytes(100)]);
    const stranger = new ListPartsCommand({ ...k, ...id, Key: "another key" });
    expect(await errorName(store.s3.send(stranger))).toBe("NoSuchUpload");
    await store.s3.send(new AbortMultipartUploadCommand({ ...k, ...id }));
    expect(await errorName(complete(store, id, parts))).toBe("NoSuchUpload");
    const hostile = { UploadId: "../../../../people" };
    expect(await errorName(store.s3.send(new ListPartsCommand({ ...k, ...hostile })))).toBe(
      "NoSuchUpload",
    );
    expect(await readdir(join(store.directory, ".s3", "box", "uploads"))).toEqual([]);
  });

  it("complete only where nothing is, with If-None-Match, and one of several at once", async () => {
    const store = await startStore();
    const started = await Promise.all([begin(store), begin(store), begin(store)]);
    const parts = await Promise.all(
      started.map((id, n) => upload(store, id, [randomBytes(n + 1)])),
    );
    const results = await Promise.all(
      started.map((id, n) => errorName(complete(store, id, parts[n] ?? [], { IfNoneMatch: "*" }))),
    );
    expect(results.sort()).toEqual(["PreconditionFailed", "PreconditionFailed", "no error"]);
  });

  it("verify checksums of parts and of the whole", async () => {
    const store = await startStore();
    const bodies = [randomBytes(5 * MIB), randomBytes(3)];
    const asked = { ChecksumAlgorithm: "SHA256" as const };
    const id = await begin(store, asked);
    const parts = await upload(store, id, bodies, asked);
    const [one = {}, two = {}] = parts;
    const swapped = [{ ...one, ChecksumSHA256: two.ChecksumSHA256 }, two];
    expect(await errorName(complete(store, id, swapped))).toBe("InvalidPart");
    const other = { ...k, ...id, PartNumber: 3, Body: "x", ChecksumAlgorithm: "CRC32" as const };
    expect(await errorName(store.s3.send(new UploadPartCommand(other)))).toBe("InvalidRequest");
    const done = await complete(store, id, parts);
    const sha = (bytes: Buffer) => createHash("sha256").update(bytes).digest();
    const composite = sha(Buffer.concat(bodies.map(sha))).toString("base64");
    expect(done.ChecksumSHA256).toBe(`${composite}-2`);

    const whole = { ChecksumAlgorithm: "CRC32" as const, ChecksumType: "FULL_OBJECT" as const };
    const second = await begin(store, whole);
    const secondParts = await upload(store, second, bodies, { ChecksumAlgorithm: "CRC32" });
    const wrong = { ChecksumCRC32: "AAAAAA==", ChecksumType: "FULL_OBJECT" };
    expect(await errorName(complete(store, second, secondParts, wrong))).toBe("BadDigest");
    await complete(store, second, secondParts);
    const got = await store.s3.send(new HeadObjectCommand({ ...k, ChecksumMode: "ENABLED" }));
    await store.s3.send(
      new PutObjectCommand({ Bucket: "box", Key: "c", Body: Buffer.concat(bodies) }),
    );
    const same = await store.s3.send(
      new HeadObjectCommand({ Bucket: "box", Key: "c", ChecksumMode: "ENABLED" }),
    );
    expect([got.ChecksumCRC32, got.ChecksumType]).toEqual([same.ChecksumCRC32, "FULL_OBJECT"]);
  });
});
