import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { openEvidenceStore } from "../../../lib/services/evidence-store.ts";
import { errorName, startStore, type TestStore } from "./fixtures.ts";

const evidence = { Bucket: "box", Key: "runs/ecoin-1/audit/0001/summary.json" };

const textOf = async (
  { s3 }: TestStore,
  VersionId: string | undefined,
  Key = evidence.Key,
): Promise<string | undefined> =>
  (
    await s3.send(new GetObjectCommand({ Bucket: "box", Key, VersionId }))
  ).Body?.transformToString();

/** Every way to put something on top of an object. On AWS, Object Lock lets each of them through. */
const covers: Record<string, (store: TestStore) => Promise<unknown>> = {
  PutObject: ({ s3 }) => s3.send(new PutObjectCommand({ ...evidence, Body: "forged" })),
  "PutObject with the ETag it knows": async ({ s3 }) => {
    const { ETag } = await s3.send(new HeadObjectCommand(evidence));
    return s3.send(new PutObjectCommand({ ...evidence, Body: "forged", IfMatch: ETag }));
  },
  "a multipart upload": async ({ s3 }) => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(evidence));
    const part = { ...evidence, UploadId, PartNumber: 1 };
    const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body: "forged" }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    return s3.send(new CompleteMultipartUploadCommand({ ...evidence, UploadId, MultipartUpload }));
  },
  CopyObject: async ({ s3 }) => {
    await s3.send(new PutObjectCommand({ Bucket: "box", Key: "other", Body: "forged" }));
    return s3.send(new CopyObjectCommand({ ...evidence, CopySource: "box/other" }));
  },
  DeleteObject: ({ s3 }) => s3.send(new DeleteObjectCommand(evidence)),
  DeleteObjects: ({ s3 }) =>
    s3.send(
      new DeleteObjectsCommand({ Bucket: "box", Delete: { Objects: [{ Key: evidence.Key }] } }),
    ),
};

describe("objects under a lock", () => {
  it.each(Object.entries(covers))(
    "W12 W8 what %s puts on top leaves the version below it there, and to be seen",
    async (_name, cover) => {
      const store = await startStore({ locked: ["runs/"] });
      const put = await store.s3.send(new PutObjectCommand({ ...evidence, Body: "signed" }));
      await cover(store);
      expect(await textOf(store, put.VersionId)).toBe("signed");
      const { Versions = [], DeleteMarkers = [] } = await store.s3.send(
        new ListObjectVersionsCommand({ Bucket: "box", Prefix: "runs/" }),
      );
      expect(Versions.length + DeleteMarkers.length).toBe(2);
      expect(Versions.find(({ IsLatest }) => !IsLatest)?.VersionId).toBe(put.VersionId);
    },
  );

  it("W12 no version below runs/ is removed, one by one or many at once", async () => {
    const store = await startStore({ locked: ["runs/"] });
    const { s3 } = store;
    const first = await s3.send(new PutObjectCommand({ ...evidence, Body: "signed" }));
    const second = await s3.send(new PutObjectCommand({ ...evidence, Body: "later" }));
    for (const { VersionId } of [first, second]) {
      const one = s3.send(new DeleteObjectCommand({ ...evidence, VersionId }));
      await expect(one).rejects.toMatchObject({
        name: "AccessDenied",
        message: "Access Denied because object protected by object lock.",
      });
      const Delete = { Objects: [{ Key: evidence.Key, VersionId }, { Key: "scratch/other" }] };
      const { Errors } = await s3.send(new DeleteObjectsCommand({ Bucket: "box", Delete }));
      expect(Errors).toEqual([
        {
          Key: evidence.Key,
          VersionId,
          Code: "AccessDenied",
          Message: "Access Denied because object protected by object lock.",
        },
      ]);
    }
    expect(await textOf(store, first.VersionId)).toBe("signed");
    expect(await textOf(store, second.VersionId)).toBe("later");
  });

  it("W12 a delete marker may go, and what it lay on is there again", async () => {
    const store = await startStore({ locked: ["runs/"] });
    await store.s3.send(new PutObjectCommand({ ...evidence, Body: "signed" }));
    const marker = await store.s3.send(new DeleteObjectCommand(evidence));
    expect(await errorName(textOf(store, undefined))).toBe("NoSuchKey");
    await store.s3.send(new DeleteObjectCommand({ ...evidence, VersionId: marker.VersionId }));
    expect(await textOf(store, undefined)).toBe("signed");
  });

  it("W12 the evidence store itself puts nothing on top, whatever the bytes and however they come", async () => {
    const store = await startStore({ locked: ["runs/"] });
    const objects = openEvidenceStore("box", store.s3);
    const json = { contentType: "application/json" };
    await objects.put(evidence.Key, Buffer.from("signed"), json);
    const { Readable } = await import("node:stream");
    for (const body of [
      Buffer.from("forged"),
      Buffer.from("signed"),
      Readable.from([Buffer.from("forged")]),
      Readable.from([Buffer.alloc(6 * 1024 * 1024)]),
    ]) {
      const again = objects.put(evidence.Key, body, json);
      await expect(again).rejects.toMatchObject({ name: "ObjectExists" });
    }
    const { Versions } = await store.s3.send(new ListObjectVersionsCommand({ Bucket: "box" }));
    expect(Versions).toHaveLength(1);
    expect(await textOf(store, undefined)).toBe("signed");
  });

  it("elsewhere versions are removed as ever, also beside a locked beginning", async () => {
    const store = await startStore({ locked: ["runs/"] });
    for (const Key of ["scratch/runs/x", "runs", "runsheet"]) {
      const { VersionId } = await store.s3.send(
        new PutObjectCommand({ Bucket: "box", Key, Body: "first" }),
      );
      await store.s3.send(new DeleteObjectCommand({ Bucket: "box", Key, VersionId }));
      expect(await errorName(textOf(store, VersionId, Key))).toBe("NoSuchVersion");
    }
  });
});
