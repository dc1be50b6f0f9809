import { randomBytes } from "node:crypto";
import { request } from "node:http";
import {
  CreateBucketCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from "@aws-sdk/client-s3";
import { SignatureV4 } from "@smithy/signature-v4";
import { describe, expect, it } from "vitest";
import { NodeSha256 } from "../../../lib/embedded/identity/sha256.ts";
import { errorName, startStore, type TestStore } from "./fixtures.ts";

describe("buckets", () => {
  it("are made, found, listed and refused", async () => {
    const { s3 } = await startStore();
    await s3.send(new CreateBucketCommand({ Bucket: "evidence" }));
    const names = (await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name);
    expect(names).toEqual(["box", "evidence"]);
    expect(await errorName(s3.send(new HeadBucketCommand({ Bucket: "evidence" })))).toBe(
      "no error",
    );
    expect(await errorName(s3.send(new HeadBucketCommand({ Bucket: "missing" })))).toBe("NotFound");
    const location = await s3.send(new GetBucketLocationCommand({ Bucket: "evidence" }));
    expect(location.LocationConstraint).toBeUndefined();
    const again = new CreateBucketCommand({ Bucket: "evidence" });
    expect(await errorName(s3.send(again))).toBe("BucketAlreadyOwnedByYou");
    for (const Bucket of [".s3", "UPPER", "a..b", "x"]) {
      const make = new CreateBucketCommand({ Bucket });
      expect(await errorName(s3.send(make))).toBe("InvalidBucketName");
      expect(await errorName(s3.send(new GetObjectCommand({ Bucket, Key: "k" })))).toBe(
        "NoSuchBucket",
      );
    }
  });

  it("are also addressed as hosts", async () => {
    const store = await startStore();
    await store.s3.send(new PutObjectCommand({ Bucket: "box", Key: "dir/k", Body: "body" }));
    const answer = await signed(store, "GET", "/dir/k", { host: `box.localhost:${port(store)}` });
    expect(answer).toMatchObject({ status: 200, body: "body" });
  });
});

describe("what is not implemented", () => {
  it("says so by name and does nothing", async () => {
    const { s3 } = await startStore();
    const k = { Bucket: "box", Key: "k" };
    await s3.send(new PutObjectCommand({ ...k, Body: "body" }));
    const refused = [
      s3.send(
        new PutBucketVersioningCommand({
          Bucket: "box",
          VersioningConfiguration: { Status: "Suspended" },
        }),
      ),
      s3.send(new PutObjectTaggingCommand({ ...k, Tagging: { TagSet: [] } })),
      s3.send(new PutObjectCommand({ ...k, Body: "x", Tagging: "a=b" })),
      s3.send(new PutObjectCommand({ ...k, Body: "x", ObjectLockMode: "GOVERNANCE" })),
      s3.send(new PutObjectCommand({ ...k, Body: "x", StorageClass: "GLACIER" })),
      s3.send(new PutObjectCommand({ ...k, Body: "x", StorageClass: "STANDARD_IA" })),
      s3.send(new GetObjectCommand({ ...k, PartNumber: 1 })),
    ];
    const names = await Promise.all(refused.map(errorName));
    expect(names).toEqual(refused.map(() => "NotImplemented"));
    const got = await s3.send(new GetObjectCommand(k));
    expect(await got.Body?.transformToString()).toBe("body");
    expect(await errorName(s3.send(new HeadObjectCommand({ ...k, Key: "copy" })))).toBe("NotFound");
  });
});

describe("errors", () => {
  it("are XML with Amazon's code, and text from outside is escaped", async () => {
    const store = await startStore();
    const answer = await signed(store, "GET", "/box/%3Cb%3E&%22/x%00");
    expect(answer.status).toBe(404);
    expect(answer.body).toContain("<Code>NoSuchKey</Code>");
    const above = await signed(store, "GET", "/../people/people.json");
    expect(above).toMatchObject({ status: 404 });
    expect(above.body).toContain("<Code>NoSuchBucket</Code>");
    const bucket = await signed(store, "GET", "/%3Cscript%3E/k");
    expect(bucket.status).toBe(404);
    expect(bucket.body).toContain("<BucketName>&lt;script&gt;</BucketName>");
  });

  it("answer unsigned, senseless and half-signed requests", async () => {
    const store = await startStore();
    const plain = async (path: string, init: RequestInit = {}) => {
      const answer = await fetch(`${store.service.url}${path}`, init);
      return [answer.status, /<Code>(\w+)<\/Code>/.exec(await answer.text())?.[1]];
    };
    expect(await plain("/box/k")).toEqual([403, "AccessDenied"]);
    expect(await plain("/box/k", { method: "PUT", body: "x" })).toEqual([403, "AccessDenied"]);
    expect(await plain("/box/k", { headers: { authorization: "Basic eDp5" } })).toEqual([
      400,
      "IncompleteSignature",
    ]);
    expect(await signed(store, "GET", "/box/%ff")).toMatchObject({ status: 400 });
    expect(await signed(store, "PATCH", "/box/k")).toMatchObject({ status: 405 });
    expect(
      (await signed(store, "PUT", "/box/k", { "transfer-encoding": "chunked" })).body,
    ).toContain("<Code>MissingContentLength</Code>");
    expect(store.faults).toEqual([]);
  });

  it("reach a client that is still sending a large body, and its connection goes on", async () => {
    const { s3, faults } = await startStore();
    for (let n = 0; n < 3; n++) {
      const Body = randomBytes(8_000_000);
      const put = new PutObjectCommand({ Bucket: "missing", Key: "k", Body });
      expect(await errorName(s3.send(put))).toBe("NoSuchBucket");
      const lost = new PutObjectCommand({ Bucket: "box", Key: "k", Body, ContentMD5: "x" });
      expect(await errorName(s3.send(lost))).toBe("InvalidDigest");
    }
    await s3.send(new PutObjectCommand({ Bucket: "box", Key: "k", Body: "x" }));
    expect(faults).toEqual([]);
  });

  it("refuse XML that is not what it should be", async () => {
    const store = await startStore();
    const remove = async (body: string) =>
      /<Code>(\w+)<\/Code>/.exec((await signed(store, "POST", "/box?delete", {}, body)).body)?.[1];
    const documents = [
      "",
      "<Delete>",
      "<Delete></Delete>",
      "<Delete/><Delete/>",
      "<Delete><Object><Key>a</Object></Key></Delete>",
      '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&e;</Key></Object></Delete>',
      "<Delete><Object><Key>&unknown;</Key></Object></Delete>",
      "<a>".repeat(100_000),
      `<Delete>${"<Object><Key>k</Key></Object>".repeat(1001)}</Delete>`,
    ];
    for (const document of documents) expect(await remove(document)).toBe("MalformedXML");
    expect(
      await remove("<Delete><Object><Key>&#x6b;&amp;</Key></Object></Delete>"),
    ).toBeUndefined();
  });
});

describe("aws-chunked framing", () => {
  it("is refused when cut short, malformed, too long or without its trailer", async () => {
    const store = await startStore();
    const put = async (body: string, length: number) => {
      const answer = await signed(
        store,
        "PUT",
        "/box/k",
        {
          "content-encoding": "aws-chunked",
          "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
          "x-amz-decoded-content-length": String(length),
          "x-amz-trailer": "x-amz-checksum-crc32",
        },
        body,
      );
      return /<Code>(\w+)<\/Code>/.exec(answer.body)?.[1] ?? answer.status;
    };
    const trailer = "x-amz-checksum-crc32:NhCmhg==\r\n\r\n";
    expect(await put(`5\r\nhello\r\n0\r\n${trailer}`, 5)).toBe(200);
    expect(await put(`2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\n${trailer}`, 5)).toBe(200);
    expect(await put(`5\r\nhello\r\n0\r\n${trailer}`, 6)).toBe("IncompleteBody");
    expect(await put(`5\r\nhel`, 5)).toBe("IncompleteBody");
    expect(await put(`5\r\nhello\r\n`, 5)).toBe("IncompleteBody");
    expect(await put(`5\r\nhelloXX0\r\n${trailer}`, 5)).toBe("IncompleteBody");
    expect(await put(`-5\r\nhello\r\n0\r\n${trailer}`, 5)).toBe("IncompleteBody");
    expect(await put("9".repeat(100_000), 5)).toBe("IncompleteBody");
    expect(await put(`5\r\nhello\r\n0\r\n${trailer}more`, 5)).toBe("IncompleteBody");
    expect(await put("5\r\nhello\r\n0\r\n\r\n", 5)).toBe("InvalidRequest");
    expect(await put("5\r\nhellO\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", 5)).toBe(
      "BadDigest",
    );
  });
});

function port(store: TestStore): string {
  return new URL(store.service.url).port;
}

/** Sends a signed request exactly as written, where the SDK would tidy it. */
async function signed(
  store: TestStore,
  method: string,
  target: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<{ status: number | undefined; body: string }> {
  const [path = "", search] = target.split("?");
  const query = search === undefined ? {} : { [search]: "" };
  const signer = new SignatureV4({
    credentials: await store.identities.service(),
    region: "us-east-1",
    service: "s3",
    sha256: NodeSha256,
    uriEscapePath: false,
  });
  const host = `127.0.0.1:${port(store)}`;
  const ready = await signer.sign({
    method,
    protocol: "http:",
    hostname: "127.0.0.1",
    path,
    query,
    headers: {
      host,
      ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
      ...headers,
    },
    body,
  });
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port: port(store), method, path: target, headers: ready.headers },
      async (answer) => {
        const pieces = [];
        for await (const piece of answer) pieces.push(piece);
        resolve({ status: answer.statusCode, body: Buffer.concat(pieces).toString("utf8") });
      },
    );
    sent.once("error", reject);
    sent.end(body);
  });
}
