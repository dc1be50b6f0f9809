import { randomBytes } from "node:crypto";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { startS3Service } from "../../../lib/embedded/s3/service.ts";
import { errorName, startStore } from "./fixtures.ts";

const k = { Bucket: "box", Key: "k" };

describe("If-None-Match on writes", () => {
  it("lets exactly one of many writers win, also through two services on one folder", async () => {
    const { s3, client, directory, identities } = await startStore();
    const { authenticate } = identities;
    const second = await startS3Service({ directory, buckets: [], authenticate });
    const other = client({ endpoint: second.url });
    for (let round = 0; round < 5; round++) {
      const Key = `round ${round}`;
      const bodies = Array.from({ length: 10 }, () => randomBytes(50_000));
      const results = await Promise.all(
        bodies.map((Body, n) =>
          errorName(
            (n % 2 ? s3 : other).send(
              new PutObjectCommand({ Bucket: "box", Key, Body, IfNoneMatch: "*" }),
            ),
          ),
        ),
      );
      expect(results.filter((name) => name === "no error").length).toBe(1);
      expect(results.filter((name) => name === "PreconditionFailed").length).toBe(9);
      const winner = bodies[results.indexOf("no error")];
      const got = await s3.send(new GetObjectCommand({ Bucket: "box", Key }));
      expect(winner?.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(
        true,
      );
    }
    other.destroy();
    await second.close();
  });

  it("leaves the object as it was, and is free again after it is deleted", async () => {
    const { s3 } = await startStore();
    await s3.send(new PutObjectCommand({ ...k, Body: "first" }));
    const again = () => s3.send(new PutObjectCommand({ ...k, Body: "second", IfNoneMatch: "*" }));
    expect(await errorName(again())).toBe("PreconditionFailed");
    const got = await s3.send(new GetObjectCommand(k));
    expect(await got.Body?.transformToString()).toBe("first");
    await s3.send(new DeleteObjectCommand(k));
    expect(await errorName(again())).toBe("no error");
  });
});

describe("If-Match", () => {
  it("lets one of many who saw the same state replace it", async () => {
    const { s3 } = await startStore();
    const { ETag } = await s3.send(new PutObjectCommand({ ...k, Body: "first" }));
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        errorName(s3.send(new PutObjectCommand({ ...k, Body: `second ${n}`, IfMatch: ETag }))),
      ),
    );
    expect(results.filter((name) => name === "no error").length).toBe(1);
    expect(results.filter((name) => name === "PreconditionFailed").length).toBe(7);
    const missing = { Bucket: "box", Key: "missing", Body: "x", IfMatch: ETag };
    expect(await errorName(s3.send(new PutObjectCommand(missing)))).toBe("NoSuchKey");
    const stale = new DeleteObjectCommand({ ...k, IfMatch: ETag });
    expect(await errorName(s3.send(stale))).toBe("PreconditionFailed");
  });

  it("and its relatives decide about reads", async () => {
    const { s3 } = await startStore();
    const { ETag } = await s3.send(new PutObjectCommand({ ...k, Body: "x" }));
    const read = (conditions: object) =>
      s3.send(new GetObjectCommand({ ...k, ...conditions })).then(
        (got) => got.$metadata.httpStatusCode,
        (error) => error.$metadata.httpStatusCode,
      );
    expect(await read({ IfMatch: ETag })).toBe(200);
    expect(await read({ IfMatch: '"other"' })).toBe(412);
    expect(await read({ IfNoneMatch: ETag })).toBe(304);
    expect(await read({ IfNoneMatch: '"other"' })).toBe(200);
    expect(await read({ IfModifiedSince: new Date("2001-01-01") })).toBe(200);
    expect(await read({ IfModifiedSince: new Date("2101-01-01") })).toBe(304);
    expect(await read({ IfUnmodifiedSince: new Date("2001-01-01") })).toBe(412);
  });
});

it("a reader always gets one whole object while writers replace it", async () => {
  const { s3, faults } = await startStore();
  const body = (n: number) => Buffer.alloc(200_000 + n, n);
  await s3.send(new PutObjectCommand({ ...k, Body: body(1) }));
  const writes = Array.from({ length: 30 }, (_, n) =>
    s3.send(new PutObjectCommand({ ...k, Body: body(n + 1) })),
  );
  const reads = Array.from({ length: 30 }, async () => {
    const got = await s3.send(new GetObjectCommand(k));
    return Buffer.from((await got.Body?.transformToByteArray()) ?? []);
  });
  for (const read of await Promise.all(reads)) {
    const n = read[0] ?? 0;
    expect(n).toBeGreaterThan(0);
    expect(read.equals(body(n))).toBe(true);
  }
  await Promise.all(writes);
  expect(faults).toEqual([]);
});
