import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { S3Error } from "../../lib/embedded/s3/errors.ts";
import { startS3Service } from "../../lib/embedded/s3/service.ts";
import { openBucket } from "../../lib/sources/files/bucket.ts";
import { UnsafeName } from "../../lib/sources/files/files.ts";
import { readFacts } from "../../lib/sources/files/read-file.ts";
import { factsOfFiles } from "../../lib/stages/files/file-field.ts";

describe("files of a bucket", () => {
  it("A1 A5 are found as those of a folder are, below a prefix", async () => {
    const directory = await mkdtemp(join(tmpdir(), "wavegate-bucket-"));
    const service = await startS3Service({
      directory,
      buckets: ["blobs"],
      authenticate: async () => "test",
    });
    const client = new S3Client({
      endpoint: service.url,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      forcePathStyle: true,
    });
    const put = (Key: string, Body: string) =>
      client.send(new PutObjectCommand({ Bucket: "blobs", Key, Body }));
    await put("old/b/a version/1f", "%PDF-1.7 one");
    await put("old/b/two/1", "1");
    await put("old/b/two/2", "2");
    await put("old/b/U\u0308bung 1 (final).pdf", "%PDF-1.7 two");
    await put("old/b/x.pdf", "%PDF-1.7");
    await put("old/b/x.pdf.bak", "not this");
    await put("outside", "not to be read");
    const files = openBucket("blobs", "old/", client);
    const size = async (name: string) => (await files.find(name))?.size;
    expect(await size("b/a version")).toBe(12);
    expect(await size("b/\u00dcbung 1 (final).pdf")).toBe(12);
    expect(await size("b/x.pdf")).toBe(8);
    for (const name of ["b/two", "b/nothing", "b/x"]) expect(await size(name)).toBeUndefined();
    await expect(files.find("../outside")).rejects.toBeInstanceOf(UnsafeName);
    const found = await files.find("b/x.pdf");
    const bytes = await found?.bytes();
    expect(bytes && (await readFacts(bytes))).toMatchObject({ type: "application/pdf" });
    // Parts whose accents are written otherwise, each in its way, and a name that no key is long enough for.
    await put("old/b/\u00c4/U\u0308.pdf", "%PDF-1.7");
    expect(await size("b/A\u0308/\u00dc.pdf")).toBe(8);
    expect(await size(`b/${"\u00dc".repeat(600)}`)).toBeUndefined();
    expect(await size("b/X.pdf")).toBeUndefined();
    await client.send(new DeleteObjectCommand({ Bucket: "blobs", Key: "old/b/x.pdf" }));
    expect(await found?.bytes()).toBeUndefined();
    await expect(openBucket("nowhere", "", client).check()).rejects.toMatchObject({
      name: "FilesUnreachable",
      message: expect.stringContaining("The bucket nowhere cannot be read (NoSuchBucket)."),
    });
    client.destroy();
    await service.close();
    await rm(directory, { recursive: true });
  });
});

describe("an object that a bucket does not give", () => {
  const denied = "old/b/denied.pdf";
  let all = false;
  let code = "";
  let listings = 0;
  let requests = 0;
  let client: S3Client;
  let close: () => Promise<void>;
  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), "wavegate-bucket-"));
    const service = await startS3Service({
      directory,
      buckets: ["blobs"],
      authenticate: async ({ method, path: url }) => {
        requests += 1;
        if (url.includes("list-type") && url.includes("max-keys=5")) listings += 1;
        const ours = all ? url.includes(".pdf") : url.includes("denied.pdf?x-id=GetObject");
        if (method === "GET" && ours && !url.includes("list-type"))
          throw Object.assign(new S3Error("AccessDenied", "Not this one."), { code });
        return "test";
      },
    });
    client = new S3Client({
      endpoint: service.url,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      forcePathStyle: true,
      maxAttempts: 1,
    });
    for (const Key of ["old/b/a.pdf", denied, "old/b/other.pdf"])
      await client.send(new PutObjectCommand({ Bucket: "blobs", Key, Body: "%PDF-1.7" }));
    close = async () => {
      client.destroy();
      await service.close();
      await rm(directory, { recursive: true });
    };
  });
  afterAll(async () => close());

  it("A5 W13 A1 a bucket of which the first objects are archived can be read, and is asked once for many files that cannot", async () => {
    code = "InvalidObjectState";
    let now = 0;
    const files = openBucket("blobs", "old", client, () => now);
    all = true;
    try {
      await files.check();
      const names = ["b/a.pdf", "b/denied.pdf", "b/other.pdf"];
      const before = listings;
      for (const name of names)
        expect((await factsOfFiles(files, [[name, 10]])).get(name)).toBe("unreadable");
      expect(listings).toBe(before);
      // Whoever may read nothing any more is told of it, a little later.
      code = "AccessDenied";
      now = 60_000;
      await expect(factsOfFiles(files, [["b/a.pdf", 10]])).rejects.toMatchObject({
        name: "FilesUnreachable",
      });
      expect(listings).toBe(before + 1);
      await expect(factsOfFiles(files, [["b/a.pdf", 10]])).rejects.toMatchObject({
        name: "FilesUnreachable",
      });
    } finally {
      all = false;
    }
  });

  it.each(["AccessDenied", "KMS.DisabledException", "KMS.NotFoundException"])(
    "A5 W13 for %s is told of its row alone, and ends it in one sentence where it gives none",
    async (name) => {
      code = name;
      const files = openBucket("blobs", "old", client);
      await files.check();
      const facts = await factsOfFiles(files, [
        ["b/denied.pdf", 10],
        ["b/other.pdf", 10],
      ]);
      expect(facts.get("b/denied.pdf")).toBe("unreadable");
      expect(facts.get("b/other.pdf")).toMatchObject({ size: 8 });
      all = true;
      const one = {
        name: "FilesUnreachable",
        message: expect.stringMatching(
          new RegExp(
            `^The bucket blobs cannot be read \\(${name}\\)\\. Nothing was written[^\\n]+$`,
            "u",
          ),
        ),
      };
      await expect(files.check()).rejects.toMatchObject(one);
      await expect(factsOfFiles(files, [["b/other.pdf", 10]])).rejects.toMatchObject(one);
      all = false;
    },
  );

  it("A5 W13 that is gone by the time it is read is absent, and a store that fails by itself ends it", async () => {
    const files = openBucket("blobs", "old", client);
    code = "NoSuchVersion";
    expect((await factsOfFiles(files, [["b/denied.pdf", 10]])).get("b/denied.pdf")).toBe("absent");
    // So are all that a look at the bucket itself finds.
    all = true;
    await files.check().finally(() => {
      all = false;
    });
    code = "SlowDown";
    await expect(factsOfFiles(files, [["b/denied.pdf", 10]])).rejects.toMatchObject({
      name: "FilesUnreachable",
      message: expect.stringContaining("(SlowDown)"),
    });
  });

  it("A5 W13 of a name that is longer than any key, by its letters' bytes, no store is asked", async () => {
    const files = openBucket("blobs", "old", client);
    const before = requests;
    expect(await files.find("é".repeat(600))).toBe(undefined);
    expect(requests).toBe(before);
  });
});
