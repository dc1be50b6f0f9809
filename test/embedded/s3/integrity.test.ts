import { createHash, randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  ChecksumAlgorithm,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { checksumElement, startChecksum } from "../../../lib/embedded/s3/checksums.ts";
import { errorName, startStore, type TestStore } from "./fixtures.ts";

const k = { Bucket: "box", Key: "k" };
const ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;

async function nothingStored(store: TestStore): Promise<void> {
  expect(await errorName(store.s3.send(new HeadObjectCommand(k)))).toBe("NotFound");
  expect(await readdir(join(store.directory, ".s3", "box", "data"))).toEqual([]);
  expect(await readdir(join(store.directory, ".s3", "box", "incoming"))).toEqual([]);
  expect(await readdir(join(store.directory, "box"))).toEqual([]);
}

/** Changes one byte of what the SDK sends, after it computed its checksums. */
function corrupting(store: TestStore) {
  const client = store.client({ requestChecksumCalculation: "WHEN_SUPPORTED" });
  client.middlewareStack.add(
    (next) => async (input) => {
      const request = input.request as { body: unknown };
      if (Buffer.isBuffer(request.body)) {
        const changed = Buffer.from(request.body);
        changed[0] = (changed[0] ?? 0) ^ 1;
        request.body = changed;
      } else if (request.body instanceof Readable) {
        let isFirst = true;
        request.body = Readable.from(request.body).map((piece: Buffer) => {
          // The first piece is the framing, `SIZE CRLF`; letters inside are data.
          const changed = Buffer.from(piece);
          const data = changed.indexOf("DATA");
          if (isFirst && data >= 0) {
            changed[data] = 0x58;
            isFirst = false;
          }
          return changed;
        });
      }
      return next(input);
    },
    { step: "finalizeRequest", priority: "low", name: "corrupt" },
  );
  return client;
}

describe("checksums", () => {
  it("have the published values for 123456789", () => {
    const of = (algorithm: (typeof ALGORITHMS)[number]) => {
      const running = startChecksum(algorithm);
      running.update(Buffer.from("1234"));
      running.update(Buffer.from("56789"));
      return running.digest().toString("hex");
    };
    expect(of("CRC32")).toBe("cbf43926");
    expect(of("CRC32C")).toBe("e3069283");
    expect(of("CRC64NVME")).toBe("ae8b14860a799888");
    expect(of("SHA1")).toBe("f7c3bc1d808e04732adf679965ccc34ca7ae3441");
  });

  it.each(ALGORITHMS)(
    "%s of the SDK is verified for buffers and streams and given back",
    async (algorithm) => {
      const store = await startStore();
      const ChecksumAlgorithmName = ChecksumAlgorithm[algorithm];
      const body = randomBytes(70_001);
      for (const Body of [body, Readable.from([body.subarray(0, 10), body.subarray(10)])]) {
        await store.s3.send(
          new PutObjectCommand({
            ...k,
            Body,
            ContentLength: 70_001,
            ChecksumAlgorithm: ChecksumAlgorithmName,
          }),
        );
        const running = startChecksum(algorithm);
        running.update(body);
        const expected = running.digest().toString("base64");
        const got = await store.s3.send(new GetObjectCommand({ ...k, ChecksumMode: "ENABLED" }));
        expect(got[checksumElement(algorithm) as "ChecksumCRC32"]).toBe(expected);
        expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
        const plain = await store.s3.send(new HeadObjectCommand(k));
        expect(plain[checksumElement(algorithm) as "ChecksumCRC32"]).toBeUndefined();
      }
    },
  );

  it.each(ALGORITHMS)("a wrong %s is refused and nothing is stored", async (algorithm) => {
    const store = await startStore();
    const size = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 }[algorithm];
    const wrong = { [checksumElement(algorithm)]: Buffer.alloc(size, 7).toString("base64") };
    const put = new PutObjectCommand({ ...k, Body: "body", ...wrong });
    expect(await errorName(store.s3.send(put))).toBe("BadDigest");
    const senseless = new PutObjectCommand({ ...k, Body: "b", [checksumElement(algorithm)]: "!!" });
    expect(await errorName(store.s3.send(senseless))).toBe("InvalidRequest");
    await nothingStored(store);
  });

  it("Content-MD5 is verified", async () => {
    const store = await startStore();
    const put = (ContentMD5: string) =>
      errorName(store.s3.send(new PutObjectCommand({ ...k, Body: "body", ContentMD5 })));
    expect(await put(createHash("md5").update("other").digest("base64"))).toBe("BadDigest");
    expect(await put("c2hvcnQ=")).toBe("InvalidDigest");
    await nothingStored(store);
    expect(await put(createHash("md5").update("body").digest("base64"))).toBe("no error");
  });

  it("bytes that changed on their way are refused, in a buffer and in a stream", async () => {
    const store = await startStore();
    const client = corrupting(store);
    const inBuffer = new PutObjectCommand({ ...k, Body: Buffer.from("DATA of a buffer") });
    expect(await errorName(client.send(inBuffer))).toBe("XAmzContentSHA256Mismatch");
    const Body = Readable.from([Buffer.from("DATA of a stream")]);
    const inStream = new PutObjectCommand({ ...k, Body, ContentLength: 16 });
    expect(await errorName(client.send(inStream))).toBe("BadDigest");
    await nothingStored(store);
  });

  it("an upload that is cut off stores nothing", async () => {
    const store = await startStore();
    const data = join(store.directory, ".s3", "box", "data");
    const hangUp = new AbortController();
    const Body = new Readable({ read() {} });
    Body.push(randomBytes(100_000));
    const put = store.s3.send(new PutObjectCommand({ ...k, Body, ContentLength: 10_000_000 }), {
      abortSignal: hangUp.signal,
    });
    const outcome = errorName(put);
    await expect.poll(() => readdir(data)).toHaveLength(1);
    hangUp.abort();
    expect(await outcome).toBe("AbortError");
    await expect.poll(() => readdir(data)).toEqual([]);
    await nothingStored(store);
    expect(store.faults).toEqual([]);
  });
});
